"""Everything that is measured on a matrix, in one pass: each row is taken through all sums while in the cache."""

from .compilation import kernel
from .distribution import add_powers, count_histograms, count_through_normal, count_through_uniform
from .movement import add_movement

NO_LAW, UNIFORM_LAW, NORMAL_LAW = range(3)
"""What a matrix's entries were drawn from."""


@kernel(
    "void(float32[:, ::1], float32[:, ::1], float32[:, ::1], boolean[::1], int64, float64, float64[::1], float64,"
    "float64, float64[::1], float64[::1], int64[::1], int64[::1], int64[::1], int64[::1])"
)
def measure_rows(
    now, start, last, live_rows, law, scale, table, edge, move_edge,
    movement, powers, cells, outside, entry_counts, move_counts,
):  # fmt: skip
    """Add up what is measured on a matrix.

    Parameters
    ----------
    now, start, last : float32, (rows, columns)
        The matrix, the one training started from, and the one measured last.
    live_rows : bool, (rows,)
        Rows that can move; the others are left out of `powers`, `cells` and `outside`.
    law : int
        NO_LAW, UNIFORM_LAW or NORMAL_LAW.
    scale : float
        Half-width of a uniform law, standard deviation of a normal one.
    table : float64
        The standard normal CDF; see `count_through_normal`.
    edge, move_edge : float
        Where the bins of the entries' and of the movement's histogram end.
    movement, powers : float64, (SUMS,), (POWERS,)
        In, out: see `add_movement` and `add_powers`.
    cells, outside : int64, (LAW_CELLS,), (OUTSIDE,)
        In, out: see `count_through_uniform`.
    entry_counts, move_counts : int64, (bins + 2,)
        In, out: see `count_histograms`.
    """
    for row in range(now.shape[0]):
        entries = now[row]
        add_movement(entries, start[row], last[row], movement)
        count_histograms(entries, start[row], edge, move_edge, entry_counts, move_counts)
        if live_rows[row]:
            add_powers(entries, powers)
            if law == UNIFORM_LAW:
                count_through_uniform(entries, scale, cells, outside)
            elif law == NORMAL_LAW:
                count_through_normal(entries, scale, table, cells, outside)
