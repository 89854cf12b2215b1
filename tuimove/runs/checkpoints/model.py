"""One model's parameters in checkpoint after checkpoint: which there are, and their values in the one that is open."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from tuimove.errors import DataError, Input
from tuimove.runs.loops.array_parameters import has_outputs_first_by_bias
from tuimove.runs.loops.parameter import Entries, Parameter, fans_of
from tuimove.runs.loops.parameters import MOST_NAMED, is_like, recorded_parameters, what_is_missing
from tuimove.runs.loops.sample import Places
from tuimove.runs.weight_files.opening import left_out_words
from tuimove.runs.weight_files.weight_file import (
    StoredArray,
    WeightFile,
    entries_at,
    kind_of_array,
)
from tuimove.settings.files import shown_path

STATISTICS = ("running_mean", "running_var", "moving_mean", "moving_variance")
"""Ends of the names of what a norm has counted: no parameters."""


def chosen_arrays(file: WeightFile, only: Sequence[str]) -> dict[str, StoredArray]:
    """Return the arrays of a file that are to be looked at, by name; all without patterns.

    Raises
    ------
    DataError
        When there are none.
    """
    chosen = {
        name: array for name, array in file.arrays.items() if not only or any(is_like(one, only) for one in array.names)
    }
    if not chosen:
        words = f"holds no array with such a name, but {_some(file.arrays)}{left_out_words(file.left_out)}"
        raise DataError(f"{shown_path(file.path)}: {words}")
    return chosen


def _some(names: Mapping[str, StoredArray]) -> str:
    """Return the first names, and how many more there are."""
    more = len(names) - MOST_NAMED
    return ", ".join([*names][:MOST_NAMED]) + (f" and {more:,} more" if more > 0 else "")


class AnotherModelError(DataError):
    """A checkpoint whose parameters aren't those of the first."""


class Model:
    """The parameters of the first checkpoint, whose values are read from whichever file is open."""

    def __init__(self, first: WeightFile, only: Sequence[str]) -> None:
        """Raise a DataError where a file has no such parameters."""
        self.first, self._only = first.path, only
        self._open = first
        self._shapes = {name: array.shape for name, array in self._parameters_in(first).items()}

    def require_same(self, file: WeightFile) -> None:
        """Raise an AnotherModelError that names the file and the parameter where a checkpoint is another model's."""
        shapes = {name: array.shape for name, array in self._parameters_in(file).items()}
        for name in (*self._shapes, *shapes):
            if shapes.get(name) != self._shapes.get(name):
                words = f"{_complaint(name, shapes, self._shapes)} {shown_path(self.first.name)}"
                raise AnotherModelError(f"{shown_path(file.path)}: {words}", remedy=Input.ONLY)

    def open(self, file: WeightFile) -> None:
        """Read from another file from now on; raises an AnotherModelError as `require_same` does."""
        self.require_same(file)
        self._open = file

    def parameters(self) -> list[Parameter]:
        """Return the parameters that are recorded, each with what reads it."""
        return recorded_parameters(self._all())

    def what_is_missing(self) -> Iterator[str]:
        """Yield a sentence for each reason for which not all parameters are recorded."""
        return what_is_missing(self._all(), self.parameters())

    def _all(self) -> list[Parameter]:
        arrays = [*self._parameters_in(self._open).values()]
        following = [*(array.shape for array in arrays), ()][1:]
        return [self._parameter(array, after) for array, after in zip(arrays, following, strict=True)]

    def _parameters_in(self, file: WeightFile) -> dict[str, StoredArray]:
        found = chosen_arrays(file, self._only)
        return {name: array for name, array in found.items() if not name.endswith(STATISTICS)}

    def _parameter(self, array: StoredArray, following: tuple[int, ...]) -> Parameter:
        def read(places: Places | None) -> Entries:
            return entries_at(self._open.arrays[array.name], places)

        has_outputs_first = self._open.has_outputs_first or has_outputs_first_by_bias(array.shape, following)
        fans = fans_of(array.shape, has_outputs_first=has_outputs_first)
        kind = kind_of_array(array, self._open.form)
        return Parameter(
            array.name, array.shape, kind, fans, True, read, has_outputs_first=has_outputs_first, dtype=array.dtype
        )


def _complaint(name: str, shapes: dict[str, tuple[int, ...]], expected: dict[str, tuple[int, ...]]) -> str:
    """Return what is other about a parameter than in the first checkpoint, whose name follows."""
    if name not in shapes:
        return f"another model's: it lacks {name!r}, which is in"
    if name not in expected:
        return f"another model's: it has {name!r}, which isn't in"
    return f"another model's: {name!r} has shape {shapes[name]}, not {expected[name]} as in"
