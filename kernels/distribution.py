"""The distribution of a matrix's entries: counts through the starting law, histograms and power sums.

Mapping each entry through the cumulative distribution function (CDF) of the law it was drawn from turns
the law into the uniform one on 0..1; equal cells of that range then hold all that a chi-square or a
Kolmogorov-Smirnov statistic needs, without sorting.
"""

import math

from .compilation import kernel

LAW_CELLS = 16384
"""Equal cells of 0..1: the binned Kolmogorov-Smirnov D is at most 1/16384 below the exact one."""

NORMAL_REACH = 6.0
"""The table of the normal CDF ends at so many standard deviations; beyond lie 2e-9 of the entries."""


@kernel("void(float32[:, ::1], boolean[::1], float64, int64[::1], int64[::1])")
def count_uniform_cells(entries, live_rows, edge, cells, outside):
    """Count entries through the CDF of U(-edge, edge).

    Parameters
    ----------
    entries : float32, (rows, columns)
    live_rows : bool, (rows,)
        Rows that count; a row whose input is always zero cannot move.
    edge : float
        Half the width of the law.
    cells : int64, (LAW_CELLS,)
        Out: entries inside the edges by equal cells of the CDF.
    outside : int64, (2,)
        Out: entries beyond the edges, and those that are NaN.
    """
    cells[:] = 0
    outside[:] = 0
    last = cells.size - 1
    per_unit = cells.size / (2 * edge)
    for row in range(entries.shape[0]):
        if not live_rows[row]:
            continue
        for column in range(entries.shape[1]):
            entry = float(entries[row, column])
            if abs(entry) <= edge:
                cells[min(int((entry + edge) * per_unit), last)] += 1
            else:
                outside[1 if math.isnan(entry) else 0] += 1


@kernel("void(float32[:, ::1], boolean[::1], float64, float64[::1], int64[::1], int64[::1])")
def count_normal_cells(entries, live_rows, sigma, table, cells, outside):
    """Count entries through the CDF of N(0, sigma^2); as `count_uniform_cells`, which see.

    `table` holds the standard normal CDF at equal distances from -NORMAL_REACH to NORMAL_REACH; between its
    entries the CDF is interpolated linearly. A normal law has no edges, so only NaN is outside.
    """
    cells[:] = 0
    outside[:] = 0
    last = cells.size - 1
    intervals = table.size - 1
    per_unit = intervals / (2 * NORMAL_REACH * sigma)
    reach = NORMAL_REACH * sigma
    for row in range(entries.shape[0]):
        if not live_rows[row]:
            continue
        for column in range(entries.shape[1]):
            entry = float(entries[row, column])
            if math.isnan(entry):
                outside[1] += 1
            elif entry >= reach:
                cells[last] += 1
            elif entry <= -reach:
                cells[0] += 1
            else:
                position = (entry + reach) * per_unit
                left = min(int(position), intervals - 1)
                probability = table[left] + (position - left) * (table[left + 1] - table[left])
                cells[min(int(probability * cells.size), last)] += 1


@kernel("void(float32[:, ::1], boolean[::1], float64[::1])", reorder=True)
def sum_powers(entries, live_rows, sums):
    """Write the number of live entries and the sums of their first four powers to `sums`, (5,)."""
    sums[:] = 0
    for row in range(entries.shape[0]):
        if not live_rows[row]:
            continue
        first = second = third = fourth = 0.0
        for column in range(entries.shape[1]):
            entry = float(entries[row, column])
            square = entry * entry
            first += entry
            second += square
            third += square * entry
            fourth += square * square
        sums[0] += entries.shape[1]
        sums[1] += first
        sums[2] += second
        sums[3] += third
        sums[4] += fourth


@kernel("void(float64, float64, float64, int64, int64[::1])")
def _count_one(value, edge, per_unit, bins, counts):
    if value < -edge:
        counts[0] += 1
    elif value >= edge:
        counts[bins + 1] += 1
    elif value == value:
        counts[1 + min(int((value + edge) * per_unit), bins - 1)] += 1


@kernel("void(float32[:, ::1], float64, int64[::1])")
def count_entries(entries, edge, counts):
    """Count all entries in equal bins of -edge..edge.

    `counts`, (bins + 2,), begins with those below -edge and ends with those from edge up; NaN is left out.
    """
    counts[:] = 0
    bins = counts.size - 2
    per_unit = bins / (2 * edge)
    for row in range(entries.shape[0]):
        for column in range(entries.shape[1]):
            _count_one(float(entries[row, column]), edge, per_unit, bins, counts)


@kernel("void(float32[:, ::1], float32[:, ::1], float64, int64[::1])")
def count_moves(now, start, edge, counts):
    """Count the movement of every entry that has moved in equal bins of -edge..edge; as `count_entries`."""
    counts[:] = 0
    bins = counts.size - 2
    per_unit = bins / (2 * edge)
    for row in range(now.shape[0]):
        for column in range(now.shape[1]):
            moved = float(now[row, column]) - float(start[row, column])
            if moved != 0:
                _count_one(moved, edge, per_unit, bins, counts)
