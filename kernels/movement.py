"""How far a matrix has moved: distance, norm, the movement's direction and the last step, in one pass."""

from .compilation import kernel

SQUARED_NORM, SQUARED_START, SQUARED_DISTANCE, START_PRODUCT, SQUARED_STEP, UNMOVED, NON_FINITE, SUMS = range(8)
"""Where `sum_movement` writes what; SUMS is how many there are."""


@kernel("void(float32[:, ::1], float32[:, ::1], float32[:, ::1], float64[::1])", reorder=True)
def sum_movement(now, start, last, sums):
    r"""Sum over the entries what distance, norm, cosine and step need.

    Parameters
    ----------
    now, start, last : float32, (rows, columns)
        The matrix, the one training started from, and the one measured last.
    sums : float64, (SUMS,)
        Out: :math:`\sum w^2`, :math:`\sum w_0^2`, :math:`\sum (w - w_0)^2`, :math:`\sum w_0 (w - w_0)`,
        :math:`\sum (w - w_l)^2`, how many entries equal their start, how many are NaN or infinite.
    """
    sums[:] = 0
    for row in range(now.shape[0]):
        norm = norm_start = distance = product = step = 0.0
        unmoved = non_finite = 0
        for column in range(now.shape[1]):
            entry, began = float(now[row, column]), float(start[row, column])
            moved = entry - began
            stepped = entry - float(last[row, column])
            norm += entry * entry
            norm_start += began * began
            distance += moved * moved
            product += began * moved
            step += stepped * stepped
            unmoved += now[row, column] == start[row, column]
            non_finite += not (abs(entry) < 1e300)
        sums[SQUARED_NORM] += norm
        sums[SQUARED_START] += norm_start
        sums[SQUARED_DISTANCE] += distance
        sums[START_PRODUCT] += product
        sums[SQUARED_STEP] += step
        sums[UNMOVED] += unmoved
        sums[NON_FINITE] += non_finite
