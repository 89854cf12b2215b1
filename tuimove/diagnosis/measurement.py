"""Measures matrices; results are Python floats and small copied lists.

A result refers to no live weight, and measuring writes to none: the same preset and seed give the same weights with any
schedule of measurements.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from tuimove.diagnosis.distribution_tests import compare_with_law, normal_table
from tuimove.diagnosis.matrix_measurement import Histogram, MatrixMeasurement
from tuimove.kernels import distribution, matrix, movement
from tuimove.settings.matrix_role import MatrixRole, Roles
from tuimove.settings.starting_law import StartingLaw

Floats32 = npt.NDArray[np.float32]

HISTOGRAM_BINS = 64
"""Bins of the entries' histogram, over twice a uniform law's width or four standard deviations of a normal one.

Where entries lie farther out, the range is doubled as often as it takes; see `reach`.
"""

LAW_NUMBERS = {"zero": matrix.NO_LAW, "uniform": matrix.UNIFORM_LAW, "normal": matrix.NORMAL_LAW}
"""The kernels' number of each law."""

NO_LAW = StartingLaw("zero", 1.0)
"""Replaces an unknown law: nothing is tested, and histograms span those of N(0, 1)."""

MOVEMENT_BINS = 128
"""Bins of the movement's histogram, over a range that follows the movement; see `reach`."""

SAMPLED = 1024
"""Entries, about, by which the range of a histogram is chosen: to look at all of them would be a second pass."""

OUTSIDE_SHARE = 1 / 200
"""Share of the sampled entries that may lie outside of a histogram, so that one far entry doesn't empty its bins."""


class Observer:
    """Measures a network against its start and against its last measurement."""

    def __init__(
        self,
        matrices: Mapping[str, Floats32],
        roles: Roles,
        live_inputs: npt.NDArray[np.bool_],
    ) -> None:
        """Take views of the live matrices, and copy them as the start."""
        self._views = {name: _entries_by_input(view) for name, view in matrices.items()}
        self._dimensions = {name: view.ndim for name, view in matrices.items()}
        self._laws = {role.name: role.law for role in roles}
        self._live_rows = {role.name: _live_rows(role, self._views[role.name], live_inputs) for role in roles}
        self._start = self._last = self._copied()

    def measure(self) -> dict[str, MatrixMeasurement]:
        """Measure every matrix, and store copies as the last measured ones."""
        now = self._copied()
        measured = {
            name: measure_matrix(
                now[name], self._start[name], self._last[name], self._live_rows[name], self._laws[name]
            )
            for name in now
        }
        self._last = now
        return measured

    def last_measured(self) -> dict[str, Floats32]:
        """Return copies of the matrices at the last measurement, in the shapes given at the start."""
        return {name: _in_given_shape(self._dimensions[name], rows) for name, rows in self._last.items()}

    def remember(self, last_measured: Mapping[str, Floats32]) -> None:
        """Set the matrices of the last measurement."""
        self._last = {name: np.array(_entries_by_input(view), order="C") for name, view in last_measured.items()}

    def _copied(self) -> dict[str, Floats32]:
        return {name: view.copy(order="C") for name, view in self._views.items()}


def _entries_by_input(view: Floats32) -> Floats32:
    """Return a view with one row per input neuron; biases are one row."""
    return np.atleast_2d(view.T)


def _live_rows(role: MatrixRole, rows: Floats32, live_inputs: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Return a mask of rows that can move: all except the first layer's weights of inputs that are always zero."""
    reads_inputs = role.kind == "weights" and role.place == "first"
    return live_inputs if reads_inputs else np.ones(len(rows), np.bool_)


def _in_given_shape(dimensions: int, rows: Floats32) -> Floats32:
    """Return a copy of a view made by `_entries_by_input`, in the original shape."""
    return np.array(rows[0] if dimensions == 1 else rows.T, order="C")


def measure_matrix(
    now: Floats32,
    start: Floats32,
    last: Floats32,
    live_rows: npt.NDArray[np.bool_],
    law: StartingLaw | None,
) -> MatrixMeasurement:
    """Measure a matrix, (rows, columns); rows that are not live can't move."""
    law = law or NO_LAW
    sums, powers = np.zeros(movement.SUMS), np.zeros(distribution.POWERS)
    cells = np.zeros(distribution.LAW_CELLS, np.int64)
    outside = np.zeros(distribution.OUTSIDE, np.int64)
    entry_counts, move_counts = (np.zeros(bins + 2, np.int64) for bins in (HISTOGRAM_BINS, MOVEMENT_BINS))
    edge, move_edge = _histogram_edges(now, start, law)
    matrix.measure_rows(
        now, start, last, live_rows, LAW_NUMBERS[law.kind], law.scale, normal_table(), edge, move_edge,
        sums, powers, cells, outside, entry_counts, move_counts,
    )  # fmt: skip
    return MatrixMeasurement(
        **_lengths(sums.tolist(), now.size),
        **_moments(powers.tolist()),
        **vars(compare_with_law(law, cells, outside)),
        entries=now.size,
        histogram=_histogram(edge, entry_counts),
        movement_histogram=_histogram(move_edge, move_counts),
    )


def _histogram_edges(now: Floats32, start: Floats32, law: StartingLaw) -> tuple[float, float]:
    """Return where the bins of the entries and those of their movement end; of a tested law, all of it is in range."""
    edge = 2 * law.scale if law.kind == "uniform" else 4 * law.scale
    step = max(1, now.size // SAMPLED) | 1  # odd: an even step could take all entries from a few columns
    entries, before = now.reshape(-1)[::step], start.reshape(-1)[::step]
    with np.errstate(all="ignore"):
        followed, moved = reach(edge, np.abs(entries)), reach(edge / 4, np.abs(entries - before))
    return (followed if law.kind == "zero" else max(edge, followed)), moved


def reach(edge: float, sizes: Floats32) -> float:
    """Return `edge` doubled or halved until it is just above all but the largest few sizes; zero and NaN don't count.

    Such steps keep the bins of most measurements of a run alike.
    """
    known = sizes[(sizes > 0) & (sizes < np.inf)]
    if not len(known) or not edge > 0:
        return edge
    place = len(known) - 1 - int(len(known) * OUTSIDE_SHARE)
    most = float(np.partition(known, place)[place])
    return math.ldexp(edge, math.frexp(most / edge)[1])


# Python floats from here on: NaN and infinity pass through them without a warning.


def _lengths(sums: list[float], entries: int) -> dict[str, Any]:
    """Return the lengths, the cosine and the counts of a measurement from the kernel's sums."""
    norm = math.sqrt(sums[movement.SQUARED_NORM])
    distance = math.sqrt(sums[movement.SQUARED_DISTANCE])
    return {
        "distance": distance,
        "norm": norm,
        "weighted_norm": norm / entries,
        "rms": norm / math.sqrt(entries),
        "step": math.sqrt(sums[movement.SQUARED_STEP]),
        "cosine": _ratio(sums[movement.START_PRODUCT], math.sqrt(sums[movement.SQUARED_START]) * distance),
        "frozen": sums[movement.UNMOVED] / entries,
        "non_finite": int(sums[movement.NON_FINITE]),
    }


def _moments(powers: list[float]) -> dict[str, Any]:
    """Return how many entries are live, and their mean, standard deviation and excess kurtosis."""
    count, *sums = powers
    mean, second, third, fourth = (_ratio(power, count) for power in sums)
    variance = max(second - mean**2, 0.0)  # in this order NaN stays NaN
    fourth_central = fourth - 4 * mean * third + 6 * mean**2 * second - 3 * mean**4
    return {
        "live_entries": int(count),
        "mean": mean,
        "sd": math.sqrt(variance),
        "kurtosis": _ratio(fourth_central, variance**2) - 3,
    }


def _ratio(numerator: float, denominator: float) -> float:
    """Return the quotient, or NaN where it doesn't exist."""
    return numerator / denominator if denominator else math.nan


def _histogram(edge: float, counts: npt.NDArray[np.int64]) -> Histogram:
    """Return a histogram over -edge..edge from counts whose first and last are those outside."""
    below, *inside, above = counts.tolist()
    return Histogram(low=-edge, high=edge, below=below, counts=inside, above=above)
