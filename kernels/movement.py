"""How far the entries of a matrix have moved: the sums that distance, norm, direction and last step need."""

import numpy as np

from .compilation import kernel

SQUARED_NORM, SQUARED_START, SQUARED_DISTANCE, START_PRODUCT, SQUARED_STEP, UNMOVED, NON_FINITE, SUMS = range(8)
"""Where `add_movement` writes what; SUMS is how many there are."""


@kernel("void(float32[::1], float32[::1], float32[::1], float64[::1])", reorder=True, inner=True)
def add_movement(now, start, last, sums):
    r"""Add to the sums what a row of entries contributes.

    Parameters
    ----------
    now, start, last : float32, (columns,)
        The entries, those that training started from, and those measured last.
    sums : float64, (SUMS,)
        In, out: :math:`\sum w^2`, :math:`\sum w_0^2`, :math:`\sum (w - w_0)^2`, :math:`\sum w_0 (w - w_0)`,
        :math:`\sum (w - w_l)^2`, how many entries equal their start, how many are NaN or infinite.
    """
    norm = norm_start = distance = product = step = 0.0
    unmoved = non_finite = 0
    for column in range(now.size):
        entry, began = float(now[column]), float(start[column])
        moved = entry - began
        stepped = entry - float(last[column])
        norm += entry * entry
        norm_start += began * began
        distance += moved * moved
        product += began * moved
        step += stepped * stepped
        unmoved += now[column] == start[column]
        non_finite += not (abs(entry) < np.inf)
    sums[SQUARED_NORM] += norm
    sums[SQUARED_START] += norm_start
    sums[SQUARED_DISTANCE] += distance
    sums[START_PRODUCT] += product
    sums[SQUARED_STEP] += step
    sums[UNMOVED] += unmoved
    sums[NON_FINITE] += non_finite
