"""How far two checkpoints are from one another, matrix by matrix, in numbers that a line of NumPy gives too.

Entries are read some at a time and summed in float64, so that memory doesn't grow with the files. Entries that
aren't finite in both checkpoints are counted, and left out of every other number.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tuimove.errors import DataError
from tuimove.runs.checkpoints.model import chosen_arrays
from tuimove.runs.loops.parameter import fans_of
from tuimove.runs.loops.sample import MOST_MEASURED, Places, Samples
from tuimove.runs.weight_files.weight_file import Floats, StoredArray, WeightFile
from tuimove.settings.files import shown_path

Doubles = npt.NDArray[np.float64]
SAMPLES = Samples(MOST_MEASURED)
"""Entries by which the distributions of larger matrices are compared."""


@dataclass(frozen=True)
class MatrixDifference:
    """What one matrix W, of `entries` entries, is in the second checkpoint beside W0 in the first."""

    name: str
    shape: tuple[int, ...]
    dtypes: tuple[str, str]
    """Types that it is stored in, before and after."""
    entries: int
    distance: float
    """|W - W0|, the root of the sum of squares."""
    relative_distance: float
    """Distance over |W0|; over sqrt(entries / inputs of the layer) where W0 is zero."""
    start_left: float
    """(W . W0) / |W0|^2, the share of the start that is left; NaN where W0 is zero."""
    norm_before: float
    norm_after: float
    cosine: float
    """(W . W0) / (|W| |W0|); NaN where one is zero."""
    largest_change: float
    """Largest |w - w0| of an entry."""
    ks: float
    """Kolmogorov-Smirnov distance between the entries of W and those of W0, 0 to 1."""
    ks_entries: int
    """Entries of each that this is from: all, or a fixed sample."""
    unmoved: float
    """Share of the entries that are exactly equal."""
    not_finite: tuple[int, int]
    """Entries that are NaN or infinite, before and after."""

    @property
    def has_moved(self) -> bool:
        """Whether any entry is other than before."""
        return self.unmoved < 1


@dataclass(frozen=True)
class ShapeChange:
    """An array whose shape isn't the same, which nothing can be measured of."""

    name: str
    before: tuple[int, ...]
    after: tuple[int, ...]


@dataclass(frozen=True)
class Difference:
    """Two checkpoints beside one another."""

    matrices: tuple[MatrixDifference, ...]
    """Those in both, by relative distance, the largest first."""
    added: tuple[StoredArray, ...]
    removed: tuple[StoredArray, ...]
    reshaped: tuple[ShapeChange, ...]
    left_out: tuple[Counter[str], Counter[str]]
    """Arrays of either checkpoint that are no weights, by what they are."""

    @property
    def unmoved(self) -> tuple[str, ...]:
        """Names of the matrices of which no entry has changed."""
        return tuple(one.name for one in self.matrices if not one.has_moved)


def difference_of(before: WeightFile, after: WeightFile, only: Sequence[str] = ()) -> Difference:
    """Compare two checkpoints, all arrays or those whose names fit a pattern.

    Raises
    ------
    DataError
        When entries can't be read, there are no such arrays, or no name is in both.
    """
    first, second = chosen_arrays(before, only), chosen_arrays(after, only)
    both = [name for name in first if name in second]
    if not both:
        words = f"no array has the same name as one of {shown_path(before.path)}"
        raise DataError(f"{shown_path(after.path)}: {words}, such as {next(iter(first))!r}")
    kept = [name for name in both if first[name].shape == second[name].shape]
    matrices = _measured([(first[name], second[name]) for name in kept], has_outputs_first=before.has_outputs_first)
    return Difference(
        tuple(sorted(matrices, key=_turn)),
        tuple(array for name, array in second.items() if name not in first),
        tuple(array for name, array in first.items() if name not in second),
        tuple(ShapeChange(name, first[name].shape, second[name].shape) for name in both if name not in kept),
        (before.left_out, after.left_out),
    )


def _turn(one: MatrixDifference) -> tuple[bool, float]:
    """Return what matrices are sorted by: those that can't be measured come first, since something is wrong there."""
    return not math.isnan(one.relative_distance), -one.relative_distance


def _measured(
    pairs: Iterable[tuple[StoredArray, StoredArray]], *, has_outputs_first: bool
) -> Iterator[MatrixDifference]:
    """Yield the differences; a bias counts as one of the layer of the weights before it."""
    inputs = 1
    for before, after in pairs:
        fan = fans_of(before.shape, has_outputs_first=has_outputs_first)[0]
        inputs = fan or inputs
        yield _matrix_difference(before, after, inputs)


def _matrix_difference(before: StoredArray, after: StoredArray, inputs: int) -> MatrixDifference:
    sums = _Sums()
    samples = _Samples(SAMPLES.of(before.entries))
    for old, new in paired(before.pieces(), after.pieces()):
        sums.add(old, new)
        samples.add(old, new)
    ks, ks_entries = samples.distance()
    norm, start, distance = math.sqrt(sums.after), math.sqrt(sums.before), math.sqrt(sums.change)
    return MatrixDifference(
        before.name, before.shape, (before.dtype, after.dtype), before.entries, distance,
        _ratio(distance, start or math.sqrt(before.entries / inputs)), _ratio(sums.product, sums.before),
        start, norm, _ratio(sums.product, norm * start), sums.largest, ks, ks_entries,
        sums.equal / before.entries, (sums.lost_before, sums.lost_after),
    )  # fmt: skip


class _Sums:
    """Sums over the entries of two matrices, W0 and W."""

    def __init__(self) -> None:
        self.before = self.after = self.product = self.change = self.largest = 0.0
        self.equal = self.lost_before = self.lost_after = 0

    def add(self, old: Floats, new: Floats) -> None:
        """Add entries, of which those that aren't finite in both are only counted."""
        with np.errstate(over="ignore", invalid="ignore"):
            first, second = old.astype(np.float64), new.astype(np.float64)
            self.equal += int(np.count_nonzero(first == second))
            if not math.isfinite(float(first @ first) + float(second @ second)):
                first, second = self._finite(first, second)
            self._add_finite(first, second)

    def _finite(self, first: Doubles, second: Doubles) -> tuple[Doubles, Doubles]:
        """Return the entries that are finite in both, and count the others; NaN is equal to NaN."""
        finite = np.isfinite(first), np.isfinite(second)
        self.equal += int(np.count_nonzero(np.isnan(first) & np.isnan(second)))
        self.lost_before += int(np.count_nonzero(~finite[0]))
        self.lost_after += int(np.count_nonzero(~finite[1]))
        both = finite[0] & finite[1]
        return first[both], second[both]

    def _add_finite(self, first: Doubles, second: Doubles) -> None:
        self.before += float(first @ first)
        self.after += float(second @ second)
        self.product += float(first @ second)
        second -= first
        self.change += float(second @ second)
        self.largest = max(self.largest, float(np.abs(second, out=second).max(initial=0.0)))


class _Samples:
    """Entries at some places of two matrices, or all, as they are read."""

    def __init__(self, places: Places | None) -> None:
        self._places = places
        self._begin = 0
        self._old: list[Floats] = []
        self._new: list[Floats] = []

    def add(self, old: Floats, new: Floats) -> None:
        """Keep what is at the places among the next entries."""
        chosen: slice | Places = slice(None)
        if self._places is not None:
            low, high = np.searchsorted(self._places, (self._begin, self._begin + old.size))
            chosen = self._places[low:high] - self._begin
        self._old.append(old[chosen].copy())
        self._new.append(new[chosen].copy())
        self._begin += old.size

    def distance(self) -> tuple[float, int]:
        """Return the Kolmogorov-Smirnov distance between both, and from how many entries of each."""
        old, new = np.concatenate(self._old), np.concatenate(self._new)
        both = np.isfinite(old) & np.isfinite(new)
        return ks_distance(old[both], new[both]), int(np.count_nonzero(both))


def ks_distance(one: Floats, other: Floats) -> float:
    """Return the largest difference between two samples' distribution functions; NaN for none."""
    if not one.size or not other.size:
        return math.nan
    first, second = np.sort(one.astype(np.float64)), np.sort(other.astype(np.float64))
    values = np.concatenate([first, second])
    below = [np.searchsorted(each, values, side="right") / each.size for each in (first, second)]
    return float(np.abs(below[0] - below[1]).max())


def paired(one: Iterator[Floats], other: Iterator[Floats]) -> Iterator[tuple[Floats, Floats]]:
    """Yield the entries of two arrays of one size side by side, however each is cut into pieces."""
    empty = np.empty(0, np.float32)
    first: Floats = empty
    second: Floats = empty
    while True:
        first = first if first.size else next(one, empty)
        second = second if second.size else next(other, empty)
        count = min(first.size, second.size)
        if not count:
            return
        yield first[:count], second[:count]
        first, second = first[count:], second[count:]


def _ratio(numerator: float, denominator: float) -> float:
    """Return the quotient, or NaN where it doesn't exist."""
    return numerator / denominator if denominator else math.nan
