"""The distribution of a matrix's entries: counts through the starting law, histograms and power sums.

Mapping each entry through the cumulative distribution function (CDF) of the law it was drawn from turns
the law into the uniform one on 0..1; equal cells of that range then hold all that a chi-square or a
Kolmogorov-Smirnov statistic needs, without sorting.
"""

import math

from .compilation import inlined, kernel

LAW_CELLS = 16384
"""Equal cells of 0..1: the binned Kolmogorov-Smirnov D is at most 1/16384 below the exact one."""

NORMAL_REACH = 6.0
"""The table of the normal CDF ends at so many standard deviations; beyond lie 2e-9 of the entries."""

ESCAPED, NOT_NUMBERS, OUTSIDE = range(3)
"""Where entries in no cell are counted; OUTSIDE is how many such counts there are."""

COUNT, FIRST_POWER, SECOND_POWER, THIRD_POWER, FOURTH_POWER, POWERS = range(6)
"""Where `add_powers` writes what; POWERS is how many sums there are."""


@kernel("void(float32[::1], float64, int64[::1], int64[::1])", inner=True)
def count_through_uniform(entries, edge, cells, outside):
    """Count a row of entries through the CDF of U(-edge, edge).

    Parameters
    ----------
    entries : float32, (columns,)
    edge : float
        Half the width of the law.
    cells : int64, (LAW_CELLS,)
        In, out: entries inside the edges by equal cells of the CDF.
    outside : int64, (OUTSIDE,)
        In, out: entries beyond the edges, and those that are NaN.
    """
    last = cells.size - 1
    per_unit = cells.size / (2 * edge)
    for column in range(entries.size):
        entry = float(entries[column])
        if abs(entry) <= edge:
            cell = int((entry + edge) * per_unit)
            cells[cell if cell < last else last] += 1
        else:
            outside[NOT_NUMBERS if math.isnan(entry) else ESCAPED] += 1


@kernel("void(float32[::1], float64, float64[::1], int64[::1], int64[::1])", inner=True)
def count_through_normal(entries, sigma, table, cells, outside):
    """Count a row of entries through the CDF of N(0, sigma^2), as `count_through_uniform` does.

    `table` holds the standard normal CDF at equal distances from -NORMAL_REACH to NORMAL_REACH; between its
    entries the CDF is interpolated linearly. A normal law has no edges, so only NaN is outside.
    """
    last = cells.size - 1
    intervals = table.size - 1
    reach = NORMAL_REACH * sigma
    per_unit = intervals / (2 * reach)
    for column in range(entries.size):
        entry = float(entries[column])
        if math.isnan(entry):
            outside[NOT_NUMBERS] += 1
        elif entry >= reach:
            cells[last] += 1
        elif entry <= -reach:
            cells[0] += 1
        else:
            position = (entry + reach) * per_unit
            left = int(position)
            left = left if left < intervals else intervals - 1
            probability = table[left] + (position - left) * (table[left + 1] - table[left])
            cell = int(probability * cells.size)
            cells[cell if cell < last else last] += 1


@kernel("void(float32[::1], float64[::1])", reorder=True, inner=True)
def add_powers(entries, sums):
    """Add a row's number of entries and the sums of their first four powers to `sums`, (POWERS,)."""
    first = second = third = fourth = 0.0
    for column in range(entries.size):
        entry = float(entries[column])
        square = entry * entry
        first += entry
        second += square
        third += square * entry
        fourth += square * square
    sums[COUNT] += entries.size
    sums[FIRST_POWER] += first
    sums[SECOND_POWER] += second
    sums[THIRD_POWER] += third
    sums[FOURTH_POWER] += fourth


@inlined()
def bin_of(value, edge, per_unit, bins):
    """Return 1 to `bins` for a value in that bin of -edge..edge, 0 for one below and bins + 1 for one above."""
    place = (value + edge) * per_unit + 1
    return 0 if place < 0 else bins + 1 if place > bins + 1 else int(place)


@kernel("void(float32[::1], float32[::1], float64, float64, int64[::1], int64[::1])", inner=True)
def count_histograms(now, start, edge, move_edge, entry_counts, move_counts):
    """Count a row's entries, and the movement of those that have moved, in equal bins.

    Parameters
    ----------
    now, start : float32, (columns,)
    edge, move_edge : float
        The entries' bins reach from -edge to edge, those of their movement from -move_edge to move_edge.
    entry_counts, move_counts : int64, (bins + 2,)
        In, out: begin with what is below the bins and end with what is above; NaN is left out.
    """
    entry_bins, move_bins = entry_counts.size - 2, move_counts.size - 2
    per_unit, move_per_unit = entry_bins / (2 * edge), move_bins / (2 * move_edge)
    for column in range(now.size):
        entry = float(now[column])
        moved = entry - float(start[column])
        if not math.isnan(entry):
            entry_counts[bin_of(entry, edge, per_unit, entry_bins)] += 1
        if moved != 0 and not math.isnan(moved):
            move_counts[bin_of(moved, move_edge, move_per_unit, move_bins)] += 1
