"""The roles of a model's parameters: which layer reads the inputs, which gives the answers, what each started from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tuimove.diagnosis.law_recognition import is_orthogonal, recognised_law
from tuimove.runs.loops.parameter import Entries, Parameter
from tuimove.settings.matrix_role import Kind, MatrixRole, Place
from tuimove.settings.starting_law import StartingLaw

MOST_FOR_LAW = 2**15
"""Entries from which a starting law is told, about: a test of so many tells differences of 1 %."""


def roles_of(
    parameters: Sequence[Parameter], start: Mapping[str, Entries]
) -> tuple[tuple[MatrixRole, ...], dict[str, str]]:
    """Return the roles of parameters in their order, and by name how each starting law was recognised.

    The first and the last trained weights are those of the first and of the last layer; what lies between is inner. A
    bias, or a norm's scale, belongs to the weights before it.
    """
    places = _places(parameters)
    roles, words = [], {}
    fans = (0, 0)
    for parameter, place in zip(parameters, places, strict=True):
        fans = parameter.fans if parameter.kind == "weights" else fans
        sizes = parameter.fans if parameter.kind == "weights" else (fans[0] if parameter.kind == "bias" else 0, 0)
        law, words[parameter.name] = _law(parameter, start[parameter.name], sizes)
        roles.append(MatrixRole(parameter.name, _kind(parameter), place, parameter.matrix_shape, law))
    return tuple(roles), words


def _law(parameter: Parameter, start: Entries, sizes: tuple[int, int]) -> tuple[StartingLaw | None, str]:
    if parameter.kind == "weights" and start.size == parameter.entries and is_orthogonal(parameter.as_matrix(start)):
        return None, "orthogonal"
    return recognised_law(start[:: max(1, start.size // MOST_FOR_LAW)], *sizes)


def _places(parameters: Sequence[Parameter]) -> list[Place]:
    weights = [place for place, one in enumerate(parameters) if one.kind == "weights" and one.is_trained]
    first, last = (weights[0], weights[-1]) if weights else (0, len(parameters))
    following = next((place for place in weights if place > first), last)
    return ["first" if place < following or place == first else "last" if place >= last else "inner"
            for place in range(len(parameters))]  # fmt: skip


def _kind(parameter: Parameter) -> Kind:
    """Return the kind for the rules: what the user has frozen isn't judged as weights."""
    return parameter.kind if parameter.is_trained else "other"
