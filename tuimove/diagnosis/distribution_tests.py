"""Whether a matrix's entries still follow the law they were drawn from.

Chi-square for uniform starts, Kolmogorov-Smirnov for normal ones, both from counts through the starting
law, and each with an effect size that doesn't grow with the number of entries: at 78,400 entries a p-value
alone condemns a change of scale by 2.4 %. The law is known, so nothing is fitted first, and the entries now
are not compared with the entries then: these are pairs, not two samples.
"""

import math
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from tuimove.kernels.distribution import ESCAPED, NORMAL_REACH, NOT_NUMBERS
from tuimove.settings.starting_law import StartingLaw

Counts = npt.NDArray[np.int64]

TABLE_INTERVALS = 4096
"""Intervals of the normal CDF's table; linear interpolation is off by at most 3e-7."""

MOST_BINS = 64
"""Bins of the chi-square test; its power against small movements peaks at 64 to 128 for 78,400 entries."""

LEAST_EXPECTED = 5
"""Expected entries per bin that the chi-square law needs (Cochran 1954)."""


@dataclass(frozen=True)
class DistributionTest:
    """How well entries fit their starting law; NaN where a number doesn't exist."""

    test: str | None
    """Name of the test, `chi2` or `ks`; None for a matrix that wasn't drawn from a law."""
    statistic: float
    """Chi-square, or Kolmogorov-Smirnov D."""
    p_value: float
    """Chance of a statistic as large while the entries follow the law."""
    effect: float
    """Effect size; chi2: Cohen's w beyond chance, sqrt(max(0, chi2 - degrees) / n); ks: D itself."""
    escaped: float
    """Share of the entries beyond the edges of a uniform law; NaN for a normal one, which has none."""


def compare_with_law(law: StartingLaw, cells: Counts, outside: Counts) -> DistributionTest:
    """Test entries from their counts in equal cells of the law's CDF and outside of them."""
    if law.kind == "uniform":
        return uniform_test(cells, int(outside[ESCAPED]), int(outside[NOT_NUMBERS]))
    if law.kind == "normal":
        return normal_test(cells, int(outside[NOT_NUMBERS]))
    return DistributionTest(None, math.nan, math.nan, math.nan, math.nan)


def uniform_test(cells: Counts, escaped: int, not_numbers: int) -> DistributionTest:
    """Return Pearson's chi-square of the entries inside the edges; what escaped is a number of its own.

    Entries beyond the edges can be neither binned (they would be impossible under the law) nor clipped into
    the outermost bins (which hides them), so the expected counts are those inside over the bins.
    """
    inside = int(cells.sum())
    total = inside + escaped + not_numbers
    bins = bin_count(inside)
    escaped_share = escaped / total if total else math.nan
    if not_numbers or inside < LEAST_EXPECTED * bins:
        return DistributionTest("chi2", math.nan, math.nan, math.nan, escaped_share)
    expected = inside / bins
    observed = cells.reshape(bins, -1).sum(axis=1)
    statistic = float(((observed - expected) ** 2).sum() / expected)
    degrees = bins - 1
    effect = math.sqrt(max(0.0, statistic - degrees) / inside)
    return DistributionTest("chi2", statistic, chi_square_tail(degrees, statistic), effect, escaped_share)


def normal_test(cells: Counts, not_numbers: int) -> DistributionTest:
    """Return the Kolmogorov-Smirnov test of entries counted in equal cells of the starting CDF.

    D is taken at the cells' edges, at most 1 / cells below the exact one; p uses Stephens' (1970) correction
    of the asymptotic law, good to 1 % for any number of entries.
    """
    total = int(cells.sum())
    if not_numbers or not total:
        return DistributionTest("ks", math.nan, math.nan, math.nan, math.nan)
    statistic = float(np.abs(np.cumsum(cells) - total * _cell_edges(len(cells))).max()) / total
    root = math.sqrt(total)
    p_value = kolmogorov_tail((root + 0.12 + 0.11 / root) * statistic)
    return DistributionTest("ks", statistic, p_value, statistic, math.nan)


def chi_square_tail(degrees: int, statistic: float) -> float:
    """Return the probability that chi-square with `degrees` degrees of freedom exceeds a statistic.

    For whole degrees that is a finite sum (Abramowitz and Stegun 26.4.4 and 26.4.5). Importing scipy.special for it
    takes a tenth of a run's start.
    """
    half = statistic / 2
    if half <= 0:
        return 1.0
    first, tail = (0.5, math.erfc(math.sqrt(half))) if degrees % 2 else (0.0, 0.0)
    powers = [first + step for step in range(degrees // 2)]
    logarithm = math.log(half)
    return min(1.0, tail + sum(math.exp(power * logarithm - half - math.lgamma(power + 1)) for power in powers))


def kolmogorov_tail(distance: float) -> float:
    """Return the chance that Kolmogorov's limit law, that of sqrt(n) D, is above a distance.

    The law has two series, one that converges fast near 0 and one for the tail; four and five terms give all digits
    on either side of 1.
    """
    if distance < 0.18:  # what is missing from 1 is below the last digit
        return 1.0
    if distance < 1:
        odd = (math.exp(-((number * math.pi / distance) ** 2) / 8) for number in (1, 3, 5, 7))
        return 1 - math.sqrt(2 * math.pi) / distance * sum(odd)
    return 2 * sum((1 if number % 2 else -1) * math.exp(-2 * (number * distance) ** 2) for number in range(1, 6))


def bin_count(entries: int) -> int:
    """Return the number of bins to test `entries` entries with: a power of two from 2 to 64.

    Nearest to 2 n^(2/5) (Mann and Wald 1942), with at least five entries expected in each where that can be.
    """
    if entries < 2 * LEAST_EXPECTED:
        return 2
    wanted = round(math.log2(2 * entries**0.4))
    allowed = int(math.log2(entries / LEAST_EXPECTED))
    return int(min(2 ** min(wanted, allowed), MOST_BINS))


@cache
def normal_table() -> npt.NDArray[np.float64]:
    """Return the standard normal CDF at equal distances over the reach of the kernel's table."""
    return np.array([math.erfc(-place / math.sqrt(2)) / 2 for place in _table_places().tolist()])


def normal_distribution(values: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
    """Return the standard normal CDF of each value, from the table."""
    return np.interp(values, _table_places(), normal_table())


def _table_places() -> npt.NDArray[np.float64]:
    return np.linspace(-NORMAL_REACH, NORMAL_REACH, TABLE_INTERVALS + 1)


@cache
def _cell_edges(cells: int) -> npt.NDArray[np.float64]:
    """Return the upper edges of equal cells of 0..1."""
    return np.arange(1, cells + 1) / cells
