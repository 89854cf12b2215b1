"""One full-batch epoch of networks with one hidden layer: forward, softmax, loss and gradients.

One or several networks of a shape lie side by side, so that the pixels are read once for all of them: the
hidden neurons of network k are the columns k * hidden ... (k + 1) * hidden - 1 of W1. Everything that one
network computes stays in its own columns, so that one whose weights are no longer numbers spoils no other.

Samples come in slices with gradients of their own: threads share nothing, and the sum over the slices is
always taken in one order. A slice is walked in tiles that fit into the cache, each forward and backward.
"""

import math

import numpy as np

from .compilation import kernel
from .elementary import activate, exponential, multiply_by_slopes
from .vectors import LANES, add_products, add_row_groups

LOG_BATCH = 64
"""Softmax sums, each at most 256, whose product is sure to be a float64; one logarithm serves them all."""


@kernel("float32[:, ::1](int64, int64)")
def aligned_rows(rows, width):
    """Return zeros, (rows, width), that begin at a whole cache line."""
    room = np.zeros(rows * width + LANES, np.float32)
    skipped = (-(room.ctypes.data // 4)) % LANES
    return room[skipped : skipped + rows * width].reshape((rows, width))


@kernel("int64(int64, int64)")
def cached_stride(width, strip):
    """Return the numbers from one row to the next for rows of `width` that are walked in strips of vectors.

    An odd number of cache lines, so that a strip of many rows isn't crowded into a few sets of the cache.
    """
    return width + LANES if width > strip * LANES and width // LANES % 2 == 0 else width


@kernel("void(float32[::1], int64, int64, int64, int64, float32[::1], int64, int64, float32[::1], int64, int64, int64)")
def add_product_rows(
    left,
    left_place,
    left_row,
    left_step,
    steps,
    right,
    right_place,
    right_step,
    out,
    out_place,
    out_row,
    rows,
):
    """Do `add_products` for any number of rows: eight at a time, then two, then one."""
    row = 0
    while row < rows:
        taken = 8 if rows - row >= 8 else 2 if rows - row >= 2 else 1
        start, goal = left_place + row * left_row, out_place + row * out_row
        if taken == 8:
            add_products(left, start, left_row, left_step, steps, right, right_place, right_step, out, goal, out_row, 8)
        elif taken == 2:
            add_products(left, start, left_row, left_step, steps, right, right_place, right_step, out, goal, out_row, 2)
        else:
            add_products(left, start, left_row, left_step, steps, right, right_place, right_step, out, goal, out_row, 1)
        row += taken


@kernel(
    "void(uint16[::1], int64[::1], int64, int64, int64, int64, float32[::1],"
    "float32[:, ::1], float32[::1], int64, float32[:, ::1])"
)
def weigh_pixels(entries, starts, block, inputs, first, samples, scales, W1, b1, strip, sums):
    """Write z1 = b1 + x W1 of the tile of `samples` samples from `first` on to `sums`.

    W1 is (inputs, stride) and `sums` (samples, stride): the first b1.size columns of a row are in use.
    """
    width, stride = b1.size, W1.shape[1]
    blocks = -(-inputs // block)
    weights, flat = W1.reshape(-1), sums.reshape(-1)
    for sample in range(samples):
        sums[sample, :width] = b1
    for b in range(blocks):
        group = first * blocks + b * samples
        for column in range(0, width, strip * LANES):
            vectors = min(strip, (width - column) // LANES)
            add_row_groups(
                entries, starts, group, samples, scales,
                weights, b * block * stride + column, stride, flat, column, stride, vectors,
            )  # fmt: skip


@kernel("void(float32[:, ::1], int64, float32[:, ::1], float32[::1], int64, int64, float32[:, ::1], float32[:, ::1])")
def weigh_hidden(hidden_outputs, first_column, W2_rows, b2, samples, hidden, rows, outputs):
    """Write z2 = b2 + a1 W2 of one network to `outputs`, (classes, samples), by way of `rows`."""
    width, columns = hidden_outputs.shape[1], rows.shape[1]
    rows[:samples] = 0
    for column in range(0, columns, LANES):
        add_product_rows(
            hidden_outputs.reshape(-1), first_column, width, 1, hidden,
            W2_rows.reshape(-1), column, columns,
            rows.reshape(-1), column, columns, samples,
        )  # fmt: skip
    for label in range(b2.size):
        for sample in range(samples):
            outputs[label, sample] = rows[sample, label] + b2[label]


@kernel(
    "Tuple((float64, int64))(float32[:, ::1], uint8[::1], float32[::1], int32[::1], float32[::1])",
    contract=True,
)
def softmax_losses(outputs, labels, largest, winners, totals):
    """Turn outputs, (classes, samples), into probabilities; return the summed cross-entropy and the hits.

    `largest`, `winners` and `totals`, (samples,), are room to work in.
    """
    classes, samples = outputs.shape[0], labels.size
    largest[:samples] = outputs[0, :samples]
    winners[:samples] = 0
    totals[:samples] = 0
    for label in range(1, classes):
        for sample in range(samples):
            is_larger = outputs[label, sample] > largest[sample]
            largest[sample] = outputs[label, sample] if is_larger else largest[sample]
            winners[sample] = np.int32(label) if is_larger else winners[sample]
    loss, hits = 0.0, 0
    for sample in range(samples):
        loss += np.float64(largest[sample] - outputs[labels[sample], sample])
        hits += winners[sample] == labels[sample]
    for label in range(classes):
        for sample in range(samples):
            power = exponential(outputs[label, sample] - largest[sample])
            outputs[label, sample] = power
            totals[sample] += power
    product = 1.0
    for sample in range(samples):
        product *= totals[sample]
        if sample % LOG_BATCH == LOG_BATCH - 1:
            loss += math.log(product)
            product = 1.0
        totals[sample] = np.float32(1) / totals[sample]
    for label in range(classes):
        for sample in range(samples):
            outputs[label, sample] *= totals[sample]
    return loss + math.log(product), hits


@kernel("void(float32[:, :, ::1], float32[:, :, ::1])")
def turn_weights(W2, rows):
    """Write W2, (networks, classes, padded hidden), as (networks, padded hidden, padded classes)."""
    rows[:] = 0
    networks, classes, hidden = W2.shape
    for network in range(networks):
        for label in range(classes):
            for unit in range(hidden):
                rows[network, unit, label] = W2[network, label, unit]


@kernel(
    "void(float32[:, ::1], int64, int64, int64, float32[:, ::1], float32[:, ::1], float32[::1],"
    "float32[:, ::1], float32[:, ::1])",
    reorder=True,
)
def return_errors(errors, first_column, samples, hidden, W2, activated, db2, dW2, returned):
    """Add one network's output errors, (classes, samples), to dW2 and db2, and pass them back through W2.

    What is passed back overwrites the network's columns of `returned`, (samples, width), and up to 15
    columns after them, which belong to the next network or to nobody: networks are walked in order.
    """
    classes, room = errors.shape
    width, padded = activated.shape[1], W2.shape[1]
    for label in range(classes):
        total = np.float32(0)
        for sample in range(samples):
            total += errors[label, sample]
        db2[label] += total
    for column in range(0, hidden, LANES):
        place = first_column + column
        add_product_rows(
            errors.reshape(-1), 0, room, 1, samples, activated.reshape(-1), place, width,
            dW2.reshape(-1), column, padded, classes,
        )  # fmt: skip
        for sample in range(samples):
            returned[sample, place : place + LANES] = 0
        add_product_rows(
            errors.reshape(-1), 0, 1, room, classes, W2.reshape(-1), column, padded,
            returned.reshape(-1), place, width, samples,
        )  # fmt: skip


@kernel(
    "void(float32[:, ::1], float32[:, ::1], uint8[::1], float32[:, :, ::1], float32[:, :, ::1], float32[:, ::1],"
    "int64, int64, boolean, float32[::1], float32[:, :, ::1], float32[:, ::1], float64[::1], int64[::1])"
)
def finish_tile(
    activated,
    returned,
    labels,
    W2,
    W2_rows,
    b2,
    hidden,
    activation,
    differentiate,
    db1,
    dW2,
    db2,
    losses,
    hits,
):
    """Take a tile from z1 to its loss, and if asked to, back to the gradients of z1.

    Parameters
    ----------
    activated : float32, (samples, width)
        z1 on entry, a1 afterwards.
    returned : float32, (samples, width)
        Out: the gradient of the summed loss by z1.
    labels : uint8, (samples,)
    W2, W2_rows : float32, (networks, classes, padded hidden), (networks, padded hidden, padded classes)
    b2 : float32, (networks, classes)
    hidden, activation : int
        Neurons of one network, and the number of their activation.
    differentiate : bool
        Whether gradients are wanted; without, `returned` and the gradients may be empty.
    db1, dW2, db2 : float32, (width,), (networks, classes, padded hidden), (networks, classes)
        In, out: what the tile's gradients are added to.
    losses, hits : float64, int64, (networks,)
        In, out: what the tile's summed cross-entropy and right answers are added to.
    """
    samples, classes = labels.size, b2.shape[1]
    rows = np.empty((samples, W2_rows.shape[2]), np.float32)
    outputs = np.empty((classes, samples), np.float32)
    largest, totals = np.empty(samples, np.float32), np.empty(samples, np.float32)
    winners = np.empty(samples, np.int32)
    activate(activated.reshape(-1), activation)
    for network in range(b2.shape[0]):
        first_column = network * hidden
        weigh_hidden(activated, first_column, W2_rows[network], b2[network], samples, hidden, rows, outputs)
        loss, right = softmax_losses(outputs, labels, largest, winners, totals)
        losses[network] += loss
        hits[network] += right
        if differentiate:
            for sample in range(samples):
                outputs[labels[sample], sample] -= np.float32(1)
            return_errors(
                outputs,
                first_column,
                samples,
                hidden,
                W2[network],
                activated,
                db2[network],
                dW2[network],
                returned,
            )
    if differentiate:
        multiply_by_slopes(returned.reshape(-1), activated.reshape(-1), activation)
        for sample in range(samples):
            for column in range(db1.size):
                db1[column] += returned[sample, column]


@kernel("void(uint16[::1], int64[::1], int64, float32[::1], float32[:, ::1], int64, float32[:, ::1])")
def gather_errors(entries, starts, group, scales, errors, strip, dW1):
    """Add a tile's errors, (samples, stride), to dW1 through its pixels, which are in groups from `group` on."""
    (inputs, width), stride = dW1.shape, errors.shape[1]
    flat_errors, flat_dW1 = errors.reshape(-1), dW1.reshape(-1)
    for column in range(0, width, strip * LANES):
        vectors = min(strip, (width - column) // LANES)
        add_row_groups(
            entries, starts, group, inputs, scales,
            flat_errors, column, stride, flat_dW1, column, width, vectors,
        )  # fmt: skip


@kernel(
    "void(int64, int64, int64[::1], int64[::1], uint16[::1], int64[::1], uint16[::1], int64[::1], int64, int64,"
    "int64, float32[::1], uint8[::1], float32[:, ::1], float32[::1], float32[:, :, ::1], float32[:, ::1], int64, int64,"
    "boolean, float32[:, :, ::1], float32[:, ::1], float32[:, :, :, ::1], float32[:, :, ::1],"
    "float64[:, ::1], int64[:, ::1])"
)
def walk_slices(
    first, last, slices, tiles, forward, forward_starts, backward, backward_starts, block, strip,
    room, scales, labels, W1, b1, W2, b2, hidden, activation,
    differentiate, dW1, db1, dW2, db2, losses, hits,
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
    room : int
        Samples of the largest tile.
    scales : float32, (256,)
        What each pixel value stands for.
    labels : uint8, (samples,)
    W1, b1 : float32, (inputs, width), (width,)
        `width` holds all networks' hidden neurons and is a multiple of LANES.
    W2, b2 : float32, (networks, classes, padded hidden), (networks, classes)
    hidden, activation : int
        Neurons of one network, and the number of their activation.
    differentiate : bool
        Whether gradients are wanted; without, the gradients may be empty.
    dW1, db1, dW2, db2, losses, hits
        Out, one for each slice, by the summed cross-entropy; columns and rows of padding hold nothing of use.
    """
    inputs, width = W1.shape
    W2_rows = np.empty((W2.shape[0], W2.shape[2], -(-b2.shape[1] // LANES) * LANES), np.float32)
    turn_weights(W2, W2_rows)
    stride = cached_stride(width, strip)
    weights = aligned_rows(inputs, stride)
    weights[:, :width] = W1
    all_activated, all_returned = aligned_rows(room, stride), aligned_rows(room, stride)
    for s in range(first, last):
        losses[s], hits[s] = 0, 0
        if differentiate:
            dW1[s], db1[s], dW2[s], db2[s] = 0, 0, 0, 0
        slice_of = s if differentiate else 0
        for tile in range(slices[s], slices[s + 1]):
            start, samples = tiles[tile], tiles[tile + 1] - tiles[tile]
            activated, returned = all_activated[:samples], all_returned[:samples]
            weigh_pixels(forward, forward_starts, block, inputs, start, samples, scales, weights, b1, strip, activated)
            finish_tile(
                activated, returned, labels[start : start + samples], W2, W2_rows, b2, hidden, activation,
                differentiate, db1[slice_of], dW2[slice_of], db2[slice_of], losses[s], hits[s],
            )  # fmt: skip
            if differentiate:
                gather_errors(backward, backward_starts, tile * inputs, scales, returned, strip, dW1[s])


@kernel("void(float32[:, :, ::1], float32[:, ::1], float32[::1], int64[::1])")
def descend(gradients, parameters, steps, non_finite):
    """Subtract each column's step times its gradients, (slices, rows, width), summed over the slices in order.

    `steps`, (columns,), says how many columns hold parameters; `non_finite`, (columns,), is increased by those
    of each column that are NaN or infinite afterwards.
    """
    slices, rows, _ = gradients.shape
    totals = np.empty(steps.size, np.float32)
    infinity = np.float32(np.inf)
    for row in range(rows):
        totals[:] = 0
        for s in range(slices):
            for column in range(steps.size):
                totals[column] += gradients[s, row, column]
        for column in range(steps.size):
            parameters[row, column] -= steps[column] * totals[column]
            non_finite[column] += not (abs(parameters[row, column]) < infinity)


@kernel(
    "void(float32[:, ::1], float32[:, ::1], uint8[::1], float32[:, :, ::1], float32[:, ::1], int64, int64, boolean,"
    "int64, float32[::1], float32[:, :, ::1], float32[:, ::1], float64[::1], int64[::1])"
)
def finish_slice(
    activated, returned, labels, W2, b2, hidden, activation, differentiate, room, db1, dW2, db2, losses, hits
):
    """Do `finish_tile` for a slice whose z1 is known as a whole, in tiles of at most `room` samples."""
    W2_rows = np.empty((W2.shape[0], W2.shape[2], -(-b2.shape[1] // LANES) * LANES), np.float32)
    turn_weights(W2, W2_rows)
    for start in range(0, labels.size, room):
        end = min(start + room, labels.size)
        finish_tile(
            activated[start:end], returned[start:end], labels[start:end], W2, W2_rows, b2, hidden, activation,
            differentiate, db1, dW2, db2, losses, hits,
        )  # fmt: skip
