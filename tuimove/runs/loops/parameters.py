"""What a model's parameters are, whatever made it: names, shapes, kinds, and how their values are read.

No framework is imported here: a PyTorch module and a Keras model are known by the modules that are loaded already.
"""

from __future__ import annotations

import fnmatch
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal

from tuimove.runs.loops.array_parameters import array_parameters
from tuimove.runs.loops.keras_parameters import keras_parameters
from tuimove.runs.loops.parameter import Parameter, repeated_name
from tuimove.runs.loops.torch_parameters import torch_parameters
from tuimove.settings.matrix_role import MOST_MATRICES, matrix_name

MOST_NAMED = 4
"""Parameters that a message names at most."""
Framework = Literal["torch", "keras", "arrays"]


def framework_of(model: object) -> Framework:
    """Return what a model is of; raises a TypeError for anything that isn't one."""
    if isinstance(model, type):
        raise TypeError(f"model: an instance is expected, such as {model.__name__}(), not the class {model.__name__}")
    torch, keras = sys.modules.get("torch"), sys.modules.get("keras")
    if keras is not None and isinstance(model, keras.Model):  # of PyTorch too, where that is its backend
        return "keras"
    if torch is not None and isinstance(model, torch.nn.Module):
        return "torch"
    if isinstance(model, Mapping) or callable(model):
        return "arrays"
    raise TypeError(
        f"model: a PyTorch module, a Keras model, a mapping of names to arrays, or a function that returns one is "
        f"expected, not {type(model).__name__}"
    )


def has_lazy_parameters(model: Any) -> bool:
    """Return whether a PyTorch module has parameters without a shape before its first batch."""
    torch = sys.modules.get("torch")
    if torch is None or not isinstance(model, torch.nn.Module):
        return False
    return any(isinstance(tensor, torch.nn.parameter.UninitializedParameter) for tensor in model.parameters())


def parameters_of(model: Any) -> list[Parameter]:
    """Return all of a model's parameters, in their order; those that are one tensor appear once.

    Raises
    ------
    TypeError
        When a function returns no mapping.
    ValueError
        When two names are the same as they are recorded, or a lazy module has no shapes yet.
    """
    framework = framework_of(model)
    listed = {"torch": torch_parameters, "keras": keras_parameters, "arrays": array_parameters}
    return _named(list(listed[framework](model)))


def recorded_parameters(found: Iterable[Parameter], only: Sequence[str] | None = None) -> list[Parameter]:
    """Return the parameters that are recorded: those of floating point whose names are like one of the patterns.

    Of more than a run can have, weights are recorded before others.

    Raises
    ------
    ValueError
        When there are none.
    """
    chosen = [one for one in found if one.is_measured and (only is None or is_like(one.name, only))]
    if not chosen:
        raise ValueError(f"model: no parameters of floating point{' with such a name' if only else ''}")
    ranked = sorted(chosen, key=lambda one: one.kind != "weights")[:MOST_MATRICES]
    kept = {one.name for one in ranked}
    return [one for one in chosen if one.name in kept]


def what_is_missing(found: Sequence[Parameter], recorded: Sequence[Parameter]) -> Iterator[str]:
    """Yield a sentence for each reason for which a model isn't recorded as a whole."""
    if others := [f"{one.name} ({one.dtype})" for one in found if one.entries and not one.is_measured]:
        yield f"not of floating point, and not recorded: {', '.join(others[:MOST_NAMED])}{_rest(others)}"
    if len(recorded) == MOST_MATRICES < sum(one.is_measured for one in found):
        yield f"only {MOST_MATRICES:,} of {len(found):,} parameters are recorded; choose others by `only`"
    if any(one.is_sharded for one in recorded):
        yield "parameters are sharded: the part of each that the first process holds is measured"


def _rest(names: Sequence[str]) -> str:
    return f" and {len(names) - MOST_NAMED:,} more" if len(names) > MOST_NAMED else ""


def is_like(name: str, patterns: Sequence[str]) -> bool:
    """Return whether a name fits any of the patterns, such as `*.weight`."""
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)


def _named(parameters: list[Parameter]) -> list[Parameter]:
    """Return parameters under names that can be recorded; raises a ValueError when two are the same."""
    named = [replace(one, name=matrix_name(one.name)) for one in parameters]
    if repeated := repeated_name(one.name for one in named):
        raise ValueError(f"model: two parameters are called {repeated!r}")
    return named
