"""One full-batch epoch of networks with one hidden layer: forward, softmax, loss and gradients.

One or several networks of a shape lie side by side, so that the pixels are read once for all of them: the
hidden neurons of network k are the columns k * hidden ... (k + 1) * hidden - 1 of W1. Everything that one
network computes stays in its own columns, so that one whose weights are no longer numbers spoils no other.

Samples come in slices with gradients of their own: threads share nothing, and the sum over the slices is
always taken in one order. A slice is walked in tiles that fit into the cache, each forward and backward.

Nothing is allocated here: callers pass the room that a tile is worked on in.
"""

import math

import numpy as np

from .compilation import kernel
from .elementary import activate, exponential, multiply_by_slopes
from .vectors import HALF, LANES, add_products, add_row_groups, window

LOG_BATCH = 64
"""Softmax sums, each at most 256, whose product is sure to be a float64; one logarithm serves them all."""

LARGEST, WINNER, TOTAL, SCORES = range(4)
"""Rows of a tile's scores after those of the classes; SCORES is how many there are."""


@kernel("void(float32[::1])", inner=True)
def clear(values):
    """Set all numbers to zero."""
    for k in range(values.size):
        values[k] = 0


PRODUCT_SIGNATURE = (
    "void(float32[::1], int64, int64, int64, int64, float32[::1], int64, int64, float32[::1], int64, int64, int64)"
)


@kernel(PRODUCT_SIGNATURE, inner=True)
def add_product_rows(
    left, left_place, left_row, left_step, steps, right, right_place, right_step, out, out_place, out_row, rows
):  # fmt: skip
    """Do `add_products` for any number of rows: eight at a time, then two, then one."""
    row = 0
    while row < rows:
        taken = 8 if rows - row >= 8 else 2 if rows - row >= 2 else 1
        start, goal = left_place + row * left_row, out_place + row * out_row
        if taken == 8:
            add_products(
                left, start, left_row, left_step, steps, right, right_place, right_step, out, goal, out_row, False, 8
            )  # fmt: skip
        elif taken == 2:
            add_products(
                left, start, left_row, left_step, steps, right, right_place, right_step, out, goal, out_row, False, 2
            )  # fmt: skip
        else:
            add_products(
                left, start, left_row, left_step, steps, right, right_place, right_step, out, goal, out_row, False, 1
            )  # fmt: skip
        row += taken


@kernel(PRODUCT_SIGNATURE, inner=True)
def write_product_rows(
    left, left_place, left_row, left_step, steps, right, right_place, right_step, out, out_place, out_row, rows
):  # fmt: skip
    """Do `add_product_rows` to sums that begin at zero, whatever `out` holds."""
    row = 0
    while row < rows:
        taken = 8 if rows - row >= 8 else 2 if rows - row >= 2 else 1
        start, goal = left_place + row * left_row, out_place + row * out_row
        if taken == 8:
            add_products(
                left, start, left_row, left_step, steps, right, right_place, right_step, out, goal, out_row, True, 8
            )  # fmt: skip
        elif taken == 2:
            add_products(
                left, start, left_row, left_step, steps, right, right_place, right_step, out, goal, out_row, True, 2
            )  # fmt: skip
        else:
            add_products(
                left, start, left_row, left_step, steps, right, right_place, right_step, out, goal, out_row, True, 1
            )  # fmt: skip
        row += taken


@kernel(
    "void(uint16[::1], int64[::1], int64, int64, float32[::1], float32[::1], int64, int64,"
    "float32[::1], int64, int64, int64, int64)",
    inner=True,
)
def add_strips(
    entries, starts, group, groups, scales, rows, row_place, row_stride, sums, sum_stride, width, columns, strip
):  # fmt: skip
    """Do `add_row_groups` for rows of any `width`, a multiple of LANES, `strip` vectors of a row at a time.

    Only the first `columns` numbers of a row are needed: half a vector that holds none of them is left out.
    """
    for column in range(0, width, strip * LANES):
        vectors = (width - column) // LANES
        vectors = vectors if vectors < strip else strip
        is_half_enough = columns <= column + vectors * LANES - HALF
        add_row_groups(
            entries, starts, group, groups, scales,
            rows, row_place + column, row_stride, sums, column, sum_stride, 2 * vectors - is_half_enough,
        )  # fmt: skip


@kernel(
    "void(uint16[::1], int64[::1], int64, int64, int64, int64, float32[::1],"
    "float32[:, ::1], float32[::1], int64, int64, float32[:, ::1])",
    inner=True,
)
def weigh_pixels(entries, starts, block, inputs, first, samples, scales, W1, b1, columns, strip, sums):
    """Write z1 = b1 + x W1 of the tile of `samples` samples from `first` on to `sums`.

    W1 is (inputs, stride) and `sums` (samples or more, stride). The first `columns` of a row hold neurons; those after
    them, to b1.size, are padding.
    """
    width, stride = b1.size, W1.shape[1]
    blocks = -(-inputs // block)
    for sample in range(samples):
        for column in range(width):
            sums[sample, column] = b1[column]
    weights, flat_sums = window(W1, 0, W1.size), window(sums, 0, sums.size)
    for b in range(blocks):
        group = first * blocks + b * samples
        place = b * block * stride
        add_strips(
            entries, starts, group, samples, scales, weights, place, stride, flat_sums, stride, width, columns, strip
        )  # fmt: skip


@kernel(
    "void(float32[::1], int64, int64, float32[:, ::1], float32[::1], int64, int64, float32[:, ::1], float32[:, ::1])",
    inner=True,
)
def weigh_hidden(activated, first_column, width, W2_rows, b2, samples, hidden, rows, scores):
    """Write z2 = b2 + a1 W2 of one network to the classes' rows of `scores`, by way of `rows`.

    `activated` holds a1, (samples, width), row after row; the network's columns begin at `first_column`.
    """
    columns = rows.shape[1]
    flat_rows = window(rows, 0, samples * columns)
    clear(flat_rows)
    for column in range(0, columns, LANES):
        add_product_rows(
            activated, first_column, width, 1, hidden,
            window(W2_rows, 0, W2_rows.size), column, columns,
            flat_rows, column, columns, samples,
        )  # fmt: skip
    for label in range(b2.size):
        for sample in range(samples):
            scores[label, sample] = rows[sample, label] + b2[label]


@kernel("Tuple((float64, int64))(float32[:, ::1], uint8[::1])", contract=True, inner=True)
def softmax_losses(scores, labels):
    """Turn z2, (classes, samples), into probabilities; return the summed cross-entropy and the hits.

    `scores`, (classes + SCORES, room), has rows to work in after those of the classes; `room` is a multiple of LANES.
    Columns after those of the samples, to a whole vector, are worked on too and mean nothing.
    """
    classes, samples = scores.shape[0] - SCORES, labels.size
    filled = -(-samples // LANES) * LANES
    largest, winner, total = classes + LARGEST, classes + WINNER, classes + TOTAL
    for sample in range(filled):
        scores[largest, sample] = scores[0, sample]
        scores[winner, sample] = 0
        scores[total, sample] = 0
    for label in range(1, classes):
        for sample in range(filled):
            score, best, best_label = scores[label, sample], scores[largest, sample], scores[winner, sample]
            scores[largest, sample] = score if score > best else best
            scores[winner, sample] = np.float32(label) if score > best else best_label
    loss, hits = 0.0, 0
    for sample in range(samples):
        loss += np.float64(scores[largest, sample] - scores[labels[sample], sample])
        hits += scores[winner, sample] == labels[sample]
    for label in range(classes):
        for sample in range(filled):
            power = exponential(scores[label, sample] - scores[largest, sample])
            scores[label, sample] = power
            scores[total, sample] += power
    product = 1.0
    for sample in range(samples):
        product *= scores[total, sample]
        if sample % LOG_BATCH == LOG_BATCH - 1:
            loss += math.log(product)
            product = 1.0
        scores[total, sample] = np.float32(1) / scores[total, sample]
    for label in range(classes):
        for sample in range(filled):
            scores[label, sample] *= scores[total, sample]
    return loss + math.log(product), hits


@kernel(
    "void(float32[:, ::1], int64, int64, int64, float32[:, ::1], float32[::1], int64, float32[::1],"
    "float32[:, ::1], float32[::1])",
    reorder=True,
    inner=True,
)
def return_errors(errors, samples, first_column, hidden, W2, activated, width, db2, dW2, returned):
    """Add one network's output errors, (classes, samples), to dW2 and db2, and pass them back through W2.

    What is passed back overwrites the network's columns of `returned`, (samples, width) row after row like
    `activated`, and up to 15 columns after them, which belong to the next network or to nobody: networks are
    walked in order. `errors` may have longer rows, and more of them.
    """
    classes, room, padded = db2.size, errors.shape[1], W2.shape[1]
    flat_errors, flat_W2, flat_dW2 = (
        window(errors, 0, errors.size), window(W2, 0, W2.size), window(dW2, 0, dW2.size)
    )  # fmt: skip
    for label in range(classes):
        total = np.float32(0)
        for sample in range(samples):
            total += errors[label, sample]
        db2[label] += total
    for column in range(0, hidden, LANES):
        place = first_column + column
        add_product_rows(
            flat_errors, 0, room, 1, samples, activated, place, width, flat_dW2, column, padded, classes
        )  # fmt: skip
        write_product_rows(
            flat_errors, 0, 1, room, classes, flat_W2, column, padded, returned, place, width, samples
        )  # fmt: skip


@kernel(
    "void(float32[::1], float32[::1], uint8[::1], int64, float32[:, :, ::1], float32[:, :, ::1], float32[:, ::1],"
    "int64, int64, boolean, float32[:, ::1], float32[:, ::1], float32[::1], float32[:, :, ::1], float32[:, ::1],"
    "float64[::1], int64[::1])",
    inner=True,
)
def finish_tile(
    returned,
    activated,
    labels,
    width,
    W2,
    W2_rows,
    b2,
    hidden,
    activation,
    differentiate,
    rows,
    scores,
    db1,
    dW2,
    db2,
    losses,
    hits,
):
    """Take a tile from z1 to its loss, and if asked to, back to the gradients of z1.

    Parameters
    ----------
    returned : float32, (samples * width,)
        z1 on entry, and out, if asked for: the gradient of the summed loss by z1; one row for each sample.
    activated : float32, (samples * width,)
        Out: a1. It may be `returned` where no gradients are wanted.
    labels : uint8, (samples,)
    W2, W2_rows : float32, (networks, classes, padded hidden), (networks, padded hidden, padded classes)
        The same weights twice; those of padding are 0.
    b2 : float32, (networks, classes)
    hidden, activation : int
        Neurons of one network, and the number of their activation.
    differentiate : bool
        Whether gradients are wanted; without, they may be empty.
    rows, scores : float32, (samples or more, padded classes), (classes + SCORES, samples or more)
        Room to work in.
    db1, dW2, db2 : float32, (width or less,), (networks, classes, padded hidden), (networks, classes)
        In, out: what the tile's gradients are added to.
    losses, hits : float64, int64, (networks,)
        In, out: what the tile's summed cross-entropy and right answers are added to.
    """
    samples = labels.size
    activate(returned, activated, activation)
    for network in range(b2.shape[0]):
        first_column = network * hidden
        weigh_hidden(activated, first_column, width, W2_rows[network], b2[network], samples, hidden, rows, scores)
        loss, right = softmax_losses(scores, labels)
        losses[network] += loss
        hits[network] += right
        if differentiate:
            for sample in range(samples):
                scores[labels[sample], sample] -= np.float32(1)
            return_errors(
                scores,
                samples,
                first_column,
                hidden,
                W2[network],
                activated,
                width,
                db2[network],
                dW2[network],
                returned,
            )
    if differentiate:
        multiply_by_slopes(returned, activated, activation)
        scores[0, 0] = 1  # no longer needed as a score: the factor of the rows that are summed
        for column in range(0, db1.size, LANES):
            add_product_rows(window(scores, 0, 1), 0, 0, 0, samples, returned, column, width, db1, column, 0, 1)


@kernel(
    "void(int64, int64, int64[::1], int64[::1], uint16[::1], int64[::1], uint16[::1], int64[::1], int64, int64,"
    "float32[::1], uint8[::1], float32[:, ::1], float32[::1], float32[:, :, ::1], float32[:, :, ::1], float32[:, ::1],"
    "int64, int64, boolean, float32[:, ::1], float32[:, ::1], float32[:, ::1], float32[:, ::1],"
    "float32[:, :, ::1], float32[:, ::1], float32[:, :, :, ::1], float32[:, :, ::1], float64[:, ::1], int64[:, ::1])"
)
def walk_slices(
    first, last, slices, tiles, forward, forward_starts, backward, backward_starts, block, strip,
    scales, labels, W1, b1, W2, W2_rows, b2,
    hidden, activation, differentiate, returned, activated, rows, scores,
    dW1, db1, dW2, db2, losses, hits,
):  # fmt: skip
    """Sum losses, hits and, if asked to, gradients over slices `first` to `last - 1`.

    Parameters
    ----------
    first, last : int
    slices : int64, (slices + 1,)
        The first tile of each slice, and the number of tiles.
    tiles, forward, forward_starts, backward, backward_starts, block
        As in `pixels`.
    strip : int
        Vectors of a row that are walked at once.
    scales : float32, (256,)
        What each pixel value stands for.
    labels : uint8, (samples,)
    W1, b1 : float32, (inputs, stride), (width,)
        `width` holds all networks' hidden neurons and is a multiple of LANES; a row of W1 may have room after them.
    W2, W2_rows, b2, hidden, activation, differentiate, rows, scores
        As in `finish_tile`, with room for the largest tile.
    returned, activated : float32, (samples of the largest tile, stride)
        Room to work in.
    dW1, db1, dW2, db2, losses, hits
        Out, one for each slice, by the summed cross-entropy; columns and rows of padding hold nothing of use.
        Those that nothing is written to, without `differentiate`, need one slice only.
    """
    inputs, stride, width, columns = W1.shape[0], W1.shape[1], b1.size, b2.shape[0] * hidden
    for s in range(first, last):
        for network in range(losses.shape[1]):
            losses[s, network], hits[s, network] = 0, 0
        slice_of = s if differentiate else 0
        s_dW1, s_db1, s_dW2, s_db2 = dW1[slice_of], db1[slice_of], dW2[slice_of], db2[slice_of]
        if differentiate:
            clear(window(s_dW1, 0, s_dW1.size))
            clear(s_db1)
            clear(window(s_dW2, 0, s_dW2.size))
            clear(window(s_db2, 0, s_db2.size))
        for tile in range(slices[s], slices[s + 1]):
            start, samples = tiles[tile], tiles[tile + 1] - tiles[tile]
            weigh_pixels(
                forward, forward_starts, block, inputs, start, samples, scales, W1, b1, columns, strip, returned
            )
            finish_tile(
                window(returned, 0, samples * stride), window(activated, 0, samples * stride),
                window(labels, start, samples), stride, W2, W2_rows, b2, hidden, activation, differentiate,
                rows, scores, s_db1, s_dW2, s_db2, losses[s], hits[s],
            )  # fmt: skip
            if differentiate:
                add_strips(
                    backward, backward_starts, tile * inputs, inputs, scales, window(returned, 0, returned.size),
                    0, stride, window(s_dW1, 0, s_dW1.size), width, width, columns, strip,
                )  # fmt: skip


@kernel("void(float32[:, :, ::1], float32[:, ::1], float32[::1], float32[::1], int64[::1])")
def descend(gradients, parameters, steps, totals, non_finite):
    """Subtract each column's step times its gradients, (slices, rows, width), summed over the slices in order.

    `steps`, (columns,), says how many columns hold parameters; `totals`, (columns,), is room to work in;
    `non_finite`, (columns,), is increased by those of each column that are NaN or infinite afterwards.
    """
    slices, rows, _ = gradients.shape
    infinity = np.float32(np.inf)
    for row in range(rows):
        for column in range(steps.size):
            totals[column] = 0
        for s in range(slices):
            for column in range(steps.size):
                totals[column] += gradients[s, row, column]
        for column in range(steps.size):
            parameters[row, column] -= steps[column] * totals[column]
            non_finite[column] += not (abs(parameters[row, column]) < infinity)


@kernel(
    "void(float32[:, ::1], float32[:, ::1], uint8[::1], float32[:, :, ::1], float32[:, :, ::1], float32[:, ::1], int64,"
    "int64, boolean, float32[:, ::1], float32[:, ::1], float32[::1], float32[:, :, ::1], float32[:, ::1], float64[::1],"
    "int64[::1])"
)
def finish_slice(
    returned, activated, labels, W2, W2_rows, b2, hidden, activation, differentiate, rows, scores,
    db1, dW2, db2, losses, hits,
):  # fmt: skip
    """Do `finish_tile` for a slice whose z1, (samples, width), is known as a whole, in tiles as large as `rows`."""
    width, room = activated.shape[1], rows.shape[0]
    for start in range(0, labels.size, room):
        samples = room if start + room < labels.size else labels.size - start
        finish_tile(
            window(returned, start * width, samples * width), window(activated, start * width, samples * width),
            window(labels, start, samples), width, W2, W2_rows, b2, hidden, activation, differentiate,
            rows, scores, db1, dW2, db2, losses, hits,
        )  # fmt: skip
