"""The measurement of one matrix at one epoch."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Histogram:
    """Counts in equal bins with stated edges."""

    low: float
    """Lower edge of the first bin, in units of a weight."""
    high: float
    """Upper edge of the last bin."""
    below: int
    """Entries below `low`."""
    counts: list[int]
    """Entries of each bin."""
    above: int
    """Entries at or above `high`."""


@dataclass(frozen=True)
class MatrixMeasurement:
    """One matrix at one epoch; NaN where a number doesn't exist, such as the direction of no movement."""

    distance: float
    """|W - W_0|, the length of the movement from the start."""
    norm: float
    """|W|, the root of the sum of squared entries."""
    weighted_norm: float
    """|W| / (m n) for an m by n matrix, as in the source document."""
    rms: float
    """|W| / sqrt(m n), the root mean square entry; comparable between sizes."""
    step: float
    """|W - W_last|, the length of the movement since the last measurement."""
    cosine: float
    """Cosine of the angle between the start W_0 and the movement W - W_0."""
    mean: float
    """Mean of the live entries: those whose input is ever non-zero."""
    sd: float
    """Standard deviation of the live entries."""
    kurtosis: float
    """Excess kurtosis of the live entries: 0 for a normal law, -1.2 for a uniform one."""
    test: str | None
    statistic: float
    p_value: float
    effect: float
    escaped: float
    """These five as in `distribution_tests.DistributionTest`, over the live entries."""
    frozen: float
    """Share of all entries that equal their start exactly."""
    entries: int
    """Entries of the matrix, m n."""
    live_entries: int
    """Entries that can move: all but the weights of inputs that are zero in every training image."""
    non_finite: int
    """Entries that are NaN or infinite."""
    histogram: Histogram
    """Histogram of all entries."""
    movement_histogram: Histogram
    """Histogram of W - W_0 over the entries that have moved."""
