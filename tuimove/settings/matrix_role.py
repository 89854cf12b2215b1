"""The role of each matrix of a run: its name, kind, place in the network, shape and starting law.

All code selects matrices by these roles; only the description of our own network uses names.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any, Literal, get_args

from tuimove.errors import harmless
from tuimove.settings.starting_law import LawKind, StartingLaw, layer_laws

Kind = Literal["weights", "bias", "other"]
Place = Literal["first", "inner", "last"]
MOST_CHARACTERS = 200
"""Most characters of a name; longer ones are truncated."""
MOST_MATRICES = 1024
"""Most matrices of a run; a run record with more is invalid."""
MOST_SIZE = 2**53
"""Greatest integer that is valid as a size."""


@dataclass(frozen=True)
class MatrixRole:
    """What a matrix is in its network."""

    name: str
    """Name in records and columns, such as `W1`; unique within a run."""
    kind: Kind
    """Kind; `other` for anything but a layer's weights or bias."""
    place: Place
    """Place of its layer: the first one reads the inputs, the last one gives the outputs."""
    shape: tuple[int, ...]
    """Shape of weights, (outputs, inputs), with 0 for an unknown size; empty where nothing is known."""
    law: StartingLaw | None
    """Starting law of its entries; None where unknown."""

    def as_dict(self) -> dict[str, Any]:
        """Return the role as it is recorded; an unknown scale is None."""
        law = asdict(self.law) if self.law else None
        if law and not math.isfinite(law["scale"]):
            law["scale"] = None
        return {"name": self.name, "kind": self.kind, "place": self.place, "shape": [*self.shape], "law": law}


Roles = Sequence[MatrixRole]
"""Roles of a run's matrices, layer by layer, a layer's bias after its weights."""


def own_roles(init: str | None = None, inputs: int = 0, hidden: int = 0, classes: int = 0) -> tuple[MatrixRole, ...]:
    """Return the four matrices of a network with one hidden layer, in the order they are drawn and reported in.

    A size of 0 or a start of None means unknown.
    """
    return (
        *_layer_roles("1", "first", init, inputs, hidden),
        *_layer_roles("2", "last", init, hidden, classes),
    )


def _layer_roles(number: str, place: Place, init: str | None, inputs: int, outputs: int) -> tuple[MatrixRole, ...]:
    weights, bias = layer_laws(init, inputs, outputs)
    return (
        MatrixRole(f"W{number}", "weights", place, (outputs, inputs), weights),
        MatrixRole(f"b{number}", "bias", place, (outputs,), bias),
    )


OWN_ROLES = own_roles()
"""Default roles of an unknown run."""


def first_weights(roles: Roles) -> MatrixRole | None:
    """Return the weights of the layer that reads the inputs, None where there are none."""
    return _weights_at(roles, "first")


def last_weights(roles: Roles) -> MatrixRole | None:
    """Return the weights of the layer that gives the outputs, None where there are none."""
    return _weights_at(roles, "last")


def main_matrix(roles: Roles) -> MatrixRole | None:
    """Return the matrix that is shown first: the first weights, else any weights, else any; None for no matrices."""
    weights = [role for role in roles if role.kind == "weights"]
    return first_weights(roles) or next(iter((*weights, *roles)), None)


def main_name(roles: Roles) -> str:
    """Return the name of the matrix that is shown first; empty where there is none."""
    main = main_matrix(roles)
    return main.name if main else ""


def end_layers(roles: Roles) -> tuple[MatrixRole, ...]:
    """Return the matrices that a table lists: weights and bias of the first layer, then those of the last one."""
    ends = dict.fromkeys(role for role in (main_matrix(roles), last_weights(roles)) if role)
    return tuple(role for weights in ends for role in (weights, bias_of(weights, roles)) if role)


def foremost(roles: Roles, most: int) -> Roles:
    """Return at most `most` roles, in their order; end layers are chosen first, then weights, then others."""
    ends = names_of(end_layers(roles))
    ranked = sorted(roles, key=lambda role: (role.name not in ends, role.kind != "weights"))
    kept = set(names_of(ranked[:most]))
    return tuple(role for role in roles if role.name in kept)


def different(many: Iterable[Roles]) -> list[tuple[MatrixRole, ...]]:
    """Return the distinct roles of runs, in order; fast for many runs that share theirs."""
    shared = {id(roles): roles for roles in many}
    return list(dict.fromkeys(map(tuple, shared.values())))


def united(many: Iterable[Roles], most: int) -> tuple[MatrixRole, ...]:
    """Return the roles of several runs, at most `most`; for each name, the first run's."""
    found: dict[str, MatrixRole] = {}
    for role in (role for roles in different(many) for role in roles):
        if len(found) < most:
            found.setdefault(role.name, role)
    return tuple(found.values())


def are_own(roles: Roles) -> bool:
    """Return whether the names are those of our own networks' matrices."""
    return names_of(roles) == OWN_NAMES


def other_end(role: MatrixRole, roles: Roles) -> MatrixRole | None:
    """Return the last weights for the first ones, the first for the last ones, None for any other matrix."""
    if role.kind != "weights" or role.place == "inner":
        return None
    return last_weights(roles) if role.place == "first" else first_weights(roles)


def bias_of(weights: MatrixRole, roles: Roles) -> MatrixRole | None:
    """Return the bias that follows a layer's weights, None where there is none before the next layer's weights."""
    if weights.kind != "weights":
        return None
    for role in roles[roles.index(weights) + 1 :]:
        if role.kind == "weights":
            return None
        if role.kind == "bias":
            return role
    return None


def _weights_at(roles: Roles, place: Place) -> MatrixRole | None:
    return next((role for role in roles if role.kind == "weights" and role.place == place), None)


def names_of(roles: Roles) -> tuple[str, ...]:
    """Return the names of the matrices."""
    return tuple(role.name for role in roles)


OWN_NAMES = names_of(OWN_ROLES)


def with_measured(roles: Roles, names: Iterable[str]) -> tuple[MatrixRole, ...]:
    """Return the roles, with a role of only a name for each other measured matrix."""
    known = names_of(roles)
    others = (name for name in dict.fromkeys(names) if name not in known)
    return (*roles, *(MatrixRole(name, "other", "inner", (), None) for name in others))


@lru_cache(maxsize=1024)
def matrix_name(recorded: str) -> str:
    """Return a recorded name of a matrix on one line, without control characters."""
    return harmless(recorded if len(recorded) <= MOST_CHARACTERS else f"{recorded[:MOST_CHARACTERS]}...")


def recorded_roles(record: Mapping[str, Any]) -> tuple[MatrixRole, ...]:
    """Return the roles in a run record, not validated; a record of schema 1 means our own four."""
    listed = record.get("matrices")
    if not isinstance(listed, list):
        return _roles_of_schema_1(_table(record.get("preset")), _table(record.get("data")))
    roles = (
        _recorded_role(table) for table in listed if isinstance(table, dict) and isinstance(table.get("name"), str)
    )
    return _shared(tuple({role.name: role for role in roles}.values()))


@lru_cache(maxsize=64)
def _shared(roles: tuple[MatrixRole, ...]) -> tuple[MatrixRole, ...]:
    """Return one object for equal roles, since an experiment has thousands of runs with the same."""
    return roles


def _recorded_role(table: Mapping[str, Any]) -> MatrixRole:
    kind: Any = table.get("kind")
    place: Any = table.get("place")
    shape = table.get("shape")
    return MatrixRole(
        matrix_name(table["name"]),
        kind if kind in get_args(Kind) else "other",
        place if place in get_args(Place) else "inner",
        tuple(map(_size, shape)) if isinstance(shape, list) else (),
        _recorded_law(_table(table.get("law"))),
    )


def _recorded_law(table: Mapping[str, Any]) -> StartingLaw | None:
    kind: Any = table.get("kind")
    scale: Any = table.get("scale")
    if kind not in get_args(LawKind):
        return None
    is_number = isinstance(scale, int | float) and not isinstance(scale, bool) and 0 <= scale < MOST_SIZE
    return StartingLaw(kind, float(scale) if is_number else math.nan)


def _roles_of_schema_1(preset: Mapping[str, Any], data: Mapping[str, Any]) -> tuple[MatrixRole, ...]:
    network = _table(preset.get("network"))
    init = network.get("init")
    sizes = (_size(data.get("inputs")), _size(network.get("hidden")), _size(data.get("classes")))
    return _shared(own_roles(init if isinstance(init, str) else None, *sizes))


def _table(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _size(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < MOST_SIZE else 0
