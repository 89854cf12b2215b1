"""What a model's parameters are, whatever made it: names, shapes, kinds, and how their values are read.

No framework is imported here: a PyTorch module and a Keras model are known by the modules that are loaded already.
"""

from __future__ import annotations

import fnmatch
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal

import numpy as np

from tuimove.runs.loops.parameter import Entries, Parameter, entries_at, fans_of, kind_of
from tuimove.runs.loops.sample import Places
from tuimove.settings.matrix_role import MOST_MATRICES, matrix_name

MOST_NAMED = 4
"""Parameters that a message names at most."""
Framework = Literal["torch", "keras", "arrays"]


def framework_of(model: object) -> Framework:
    """Return what a model is of; raises a TypeError for anything that isn't one."""
    torch, keras = sys.modules.get("torch"), sys.modules.get("keras")
    if torch is not None and isinstance(model, torch.nn.Module):
        return "torch"
    if keras is not None and isinstance(model, keras.Model):
        return "keras"
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
    if framework == "torch":
        from tuimove.runs.loops.torch_parameters import torch_parameters

        return _named(list(torch_parameters(model)))
    return _named(list(keras_parameters(model) if framework == "keras" else array_parameters(model)))


def recorded_parameters(found: Iterable[Parameter], only: Sequence[str] | None = None) -> list[Parameter]:
    """Return the parameters that are recorded: those of floating point whose names are like one of the patterns.

    Of more than a run can have, weights are recorded before others.

    Raises
    ------
    ValueError
        When there are none.
    """
    chosen = [one for one in found if one.is_measured and (only is None or _is_like(one.name, only))]
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


def _is_like(name: str, patterns: Sequence[str]) -> bool:
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)


def _named(parameters: list[Parameter]) -> list[Parameter]:
    """Return parameters under names that can be recorded; raises a ValueError when two are the same."""
    named = [replace(one, name=matrix_name(one.name)) for one in parameters]
    if repeated := _repeated(one.name for one in named):
        raise ValueError(f"model: two parameters are called {repeated!r}")
    return named


def _repeated(names: Iterable[str]) -> str | None:
    """Return the first name that occurs twice, None where none does."""
    return next((name for name, count in Counter(names).items() if count > 1), None)


def keras_parameters(model: Any) -> Iterator[Parameter]:
    """Yield the trainable variables of a Keras 3 model, whatever backend it has."""
    for variable in model.trainable_variables:
        shape = tuple(int(size) for size in variable.shape)

        def read(places: Places | None, variable: Any = variable, shape: tuple[int, ...] = shape) -> Entries:
            return entries_at(variable.numpy(), places, shape)

        kind, dtype = kind_of(variable.path, shape), str(variable.dtype)
        yield Parameter(variable.path, shape, kind, fans_of(shape), True, read, dtype=dtype)


def array_parameters(model: Mapping[str, Any] | Callable[[], Mapping[str, Any]]) -> Iterator[Parameter]:
    """Yield the arrays of a mapping, nested ones by names joined with `/`, or of a function that returns one."""
    arrays = _Arrays(model)
    for name, value in arrays.by_name.items():
        shape = tuple(int(size) for size in np.shape(value))

        def read(places: Places | None, name: str = name, shape: tuple[int, ...] = shape) -> Entries:
            return entries_at(np.asarray(arrays.by_name[name]), places, shape)

        dtype = str(_dtype_of(value))
        yield Parameter(name, shape, kind_of(name, shape), fans_of(shape), True, read, arrays.refresh, dtype=dtype)


class _Arrays:
    """The arrays of a mapping, which is asked for once a look."""

    def __init__(self, model: Mapping[str, Any] | Callable[[], Mapping[str, Any]]) -> None:
        """Raise a ValueError when two arrays have the same flattened name."""
        self._model = model
        self.by_name: dict[str, Any] = {}
        self.refresh()

    def refresh(self) -> None:
        """Take the arrays that the mapping holds now."""
        table = self._model if isinstance(self._model, Mapping) else self._model()
        found = list(flattened(table))
        if repeated := _repeated(name for name, _ in found):
            raise ValueError(f"model: two parameters are called {repeated!r}")
        self.by_name = dict(found)


def flattened(table: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    """Yield names and arrays of a mapping that may hold mappings.

    Raises
    ------
    TypeError
        When it isn't one.
    """
    if not isinstance(table, Mapping):
        raise TypeError(f"model: the function returns {type(table).__name__}, not a mapping of names to arrays")
    for key, value in table.items():
        if isinstance(value, Mapping):
            yield from flattened(value, f"{before}{key}/")
        else:
            yield f"{before}{key}", value


def _dtype_of(value: Any) -> Any:
    return getattr(value, "dtype", None) or np.asarray(value).dtype
