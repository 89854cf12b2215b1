"""Data of a chart: named lines over epochs, marks of findings, and smoothed copies of lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tuimove.diagnosis.finding import Severity

Floats64 = npt.NDArray[np.float64]

LABEL = 14
"""Most characters of a line's label."""
FAR_APART = 10.0
"""How many times as far one line must end as another for a logarithmic axis."""
COLORS = 4
"""Number of line colours, used in turn."""


@dataclass(frozen=True)
class Series:
    """One line of a chart."""

    label: str
    """Label at the line's end, at most fourteen characters."""
    x: Floats64
    """Ascending values, usually epochs."""
    y: Floats64
    color: int
    """Number of the line's colour, 0 to 3."""


@dataclass(frozen=True)
class Quantified:
    """What one y axis of a chart measures, with its lines."""

    title: str = ""
    unit: str = ""
    series: Sequence[Series] = ()
    name: str = ""
    """Name of the quantity, whose scale the user may change."""
    is_log: bool = False
    """Whether the axis is logarithmic by itself."""
    short_title: str = ""
    """Title for a chart too narrow for two whole ones."""

    @property
    def heading(self) -> str:
        """The title with its unit."""
        return f"{self.title} [{self.unit}]" if self.unit else self.title

    @property
    def short_heading(self) -> str:
        """The short title with its unit."""
        return f"{self.short_title} [{self.unit}]" if self.unit else self.short_title


@dataclass(frozen=True)
class Mark:
    """The x position of a finding."""

    x: float
    severity: Severity


def short_labels(names: Sequence[str]) -> dict[str, str]:
    """Return labels for lines: their names, or numbers from 1 where a name is too long."""
    are_names = len(names) == 1 or all(len(name) <= LABEL for name in names)
    return {name: name if are_names else str(number) for number, name in enumerate(names, 1)}


def title_words(labels: Mapping[str, str]) -> str:
    """Return what the title must explain: the only name, or the names behind numbers."""
    if len(labels) == 1:
        return next(iter(labels))
    return ", ".join(f"{label} {name}" for name, label in labels.items() if label != name)


def ends_differ(series: Sequence[Series], *, so_far: bool) -> bool:
    """Return whether the lines end so far apart that a linear axis would lay most of them on its floor.

    `so_far` is the answer before: it changes only when the ends have come clearly nearer.
    """
    ends = np.array([one.y[-1] for one in series if len(one.y)])
    ends = ends[np.isfinite(ends)]
    factor = FAR_APART / 2 if so_far else FAR_APART
    return bool(len(ends) and (ends > 0).all() and ends.max() >= factor * ends.min())


def smooth_series(y: Floats64, width: int) -> Floats64:
    """Return the mean over `width` neighbours, fewer at the ends; NaN is left out."""
    if not len(y):
        return y
    known = np.isfinite(y)
    window = np.ones(min(width, len(y)))
    with np.errstate(all="ignore"):
        sums = np.convolve(np.where(known, y, 0.0), window, mode="same")
        counts = np.convolve(known, window, mode="same")
        smoothed: Floats64 = np.where(known, sums / counts, np.nan)
    return smoothed


def nearest_place(x: Floats64, wanted: float) -> int:
    """Return the index of the nearest value in an ascending, non-empty array."""
    after = int(np.searchsorted(x, wanted))
    if after == len(x):
        return after - 1
    return after - 1 if after and wanted - x[after - 1] <= x[after] - wanted else after
