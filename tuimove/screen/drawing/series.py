"""What a chart shows: named lines over epochs, marks where findings fired, and a smoothed copy of a line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tuimove.diagnosis.finding import Severity

Floats64 = npt.NDArray[np.float64]

LABEL = 14
"""Most characters of a line's label."""
COLORS = 4
"""Of lines, in turn."""


@dataclass(frozen=True)
class Series:
    """One line."""

    label: str
    """At most fourteen characters, shown at the line's end."""
    x: Floats64
    """Ascending, usually epochs."""
    y: Floats64
    color: int
    """Number of the line's colour, 0 to 3."""


@dataclass(frozen=True)
class Mark:
    """A place on the x axis where something happened."""

    x: float
    severity: Severity


def short_labels(names: Sequence[str]) -> dict[str, str]:
    """Return the labels of lines with these names: the names, or numbers from 1 on where one is too long."""
    are_names = len(names) == 1 or all(len(name) <= LABEL for name in names)
    return {name: name if are_names else str(number) for number, name in enumerate(names, 1)}


def title_words(labels: Mapping[str, str]) -> str:
    """Return what the labels of lines leave to the title: the name of the only one, or which name has which number."""
    if len(labels) == 1:
        return next(iter(labels))
    return ", ".join(f"{label} {name}" for name, label in labels.items() if label != name)


def smooth_series(y: Floats64, width: int) -> Floats64:
    """Return the mean over `width` neighbours, fewer at the ends; what is no number is passed over."""
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
    """Return where the value nearest to the wanted one is in an ascending, non-empty array."""
    after = int(np.searchsorted(x, wanted))
    if after == len(x):
        return after - 1
    return after - 1 if after and wanted - x[after - 1] <= x[after] - wanted else after
