"""The arrays of a mapping, which may be nested, as parameters: NumPy, JAX, Flax, scikit-learn, and loops by hand."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from tuimove.runs.loops.parameter import Entries, Parameter, entries_at, fans_of, kind_of, repeated_name
from tuimove.runs.loops.sample import Places

Arrays = Mapping[str, Any]
DEEPEST = 50
"""Mappings within mappings."""


def array_parameters(model: Arrays | Callable[[], Arrays]) -> Iterator[Parameter]:
    """Yield the arrays of a mapping, nested ones by names joined with `/`, or of a function that returns one."""
    arrays = _CurrentArrays(model)
    shapes = {name: tuple(int(size) for size in np.shape(value)) for name, value in arrays.by_name.items()}
    following = [*shapes.values(), ()][1:]
    for (name, shape), after in zip(shapes.items(), following, strict=True):

        def read(places: Places | None, name: str = name, shape: tuple[int, ...] = shape) -> Entries:
            if name not in arrays.by_name:
                raise ValueError("it is no longer in the model")
            return entries_at(np.asarray(arrays.by_name[name]), places, shape)

        is_turned = has_outputs_first_by_bias(shape, after)
        fans, dtype = fans_of(shape, has_outputs_first=is_turned), _dtype_of(arrays.by_name[name])
        yield Parameter(name, shape, kind_of(name, shape), fans, True, read, arrays.refresh, is_turned, dtype)


def has_outputs_first_by_bias(shape: tuple[int, ...], following: tuple[int, ...]) -> bool:
    """Return whether weights are (outputs, inputs), which their bias tells: it is as long as there are outputs."""
    return len(shape) >= 2 and len(following) == 1 and following[0] == shape[0] != shape[-1]


class _CurrentArrays:
    """The arrays of a mapping, which is asked for once a look."""

    def __init__(self, model: Arrays | Callable[[], Arrays]) -> None:
        """Raise a ValueError when two arrays have the same flattened name."""
        self._model = model
        self.by_name: dict[str, Any] = {}
        self.refresh()

    def refresh(self) -> None:
        """Take the arrays that the mapping holds now."""
        table = self._model if isinstance(self._model, Mapping) else self._model()
        found = list(flattened(table))
        if repeated := repeated_name(name for name, _ in found):
            raise ValueError(f"model: two parameters are called {repeated!r}")
        self.by_name = dict(found)


def flattened(table: Arrays, before: str = "", depth: int = 0) -> Iterator[tuple[str, Any]]:
    """Yield names and arrays of a mapping that may hold mappings and lists of arrays.

    Raises
    ------
    TypeError
        When it isn't one.
    ValueError
        When it is nested too deeply, as one that holds itself.
    """
    if not isinstance(table, Mapping):
        raise TypeError(f"model: the function returns {type(table).__name__}, not a mapping of names to arrays")
    for key, value in _layer_by_layer(table):
        if (inside := _inside(value)) is not None:
            if depth >= DEEPEST:
                raise ValueError(f"model: mappings within mappings, more than {DEEPEST} deep")
            yield from flattened(inside, f"{before}{key}/", depth + 1)
        else:
            yield f"{before}{key}", value


def _inside(value: Any) -> Arrays | None:
    """Return what a mapping, or a list of arrays, holds; None for anything else."""
    if isinstance(value, Mapping):
        return value
    is_list = isinstance(value, list | tuple) and not all(isinstance(one, int | float) for one in value)
    return {str(place): one for place, one in enumerate(value)} if is_list else None


def _layer_by_layer(table: Arrays) -> list[tuple[str, Any]]:
    """Return names and values in the order of a mapping, or of its layers where the names are in alphabetical order.

    JAX sorts a mapping's names: `layer_10` then comes before `layer_2`, and `bias` before `kernel`.
    """
    found = [(str(name), value) for name, value in table.items()]
    names = [name for name, _ in found]
    return sorted(found, key=_layer_key) if names == sorted(names) else found


def _layer_key(named: tuple[str, Any]) -> tuple[Any, ...]:
    name, value = named
    path, _, own = name.rpartition("/")
    if _inside(value) is not None:
        return _numbered(path), -1, False, _numbered(own)
    number = re.search(r"\d+$", own)
    return _numbered(path), int(number[0]) if number else -1, np.ndim(value) < 2, _numbered(own)


def _numbered(name: str) -> list[Any]:
    """Return a name's words and numbers, which sort `layer_2` before `layer_10`."""
    return [int(part) if part.isdigit() else part for part in re.split(r"(\d+)", name)]


def _dtype_of(value: Any) -> str:
    """Return the type of an array's numbers, without their order of bytes."""
    dtype = getattr(value, "dtype", None) or np.asarray(value).dtype
    return str(getattr(dtype, "name", dtype))
