"""One full-batch epoch of a network with one hidden layer: forward, softmax, loss and gradients.

The plain loops over the non-zero pixels. Parameters are input-major, (inputs, width) and (width, columns),
padded with zeros that stay zero, so that one pixel touches one contiguous row. Samples come in slices with
gradients of their own, so that threads share nothing and the sum over the slices is always in one order.
"""

import math

import numpy as np

from .compilation import kernel

RELU, LEAKY_RELU, TANH, SIGMOID = range(4)
LEAK = np.float32(0.01)
"""Slope of the leaky ReLU below zero."""


@kernel("void(uint8[:, ::1], int64[::1], uint16[::1], uint8[::1])")
def compress_pixels(images, starts, columns, values):
    """Fill compressed sparse rows with the non-zero pixels of images (samples, inputs).

    `starts`, (samples + 1,), already holds where each sample's pixels begin.
    """
    samples, inputs = images.shape
    for sample in range(samples):
        place = starts[sample]
        for column in range(inputs):
            value = images[sample, column]
            if value:
                columns[place] = column
                values[place] = value
                place += 1


@kernel("void(float32[::1], int64, int64)")
def activate(values, activation, width):
    """Apply the activation to the first `width` values in place; NaN stays NaN."""
    for unit in range(width):
        z = values[unit]
        if activation == RELU:
            values[unit] = np.float32(0) if z < 0 else z
        elif activation == LEAKY_RELU:
            values[unit] = LEAK * z if z < 0 else z
        elif activation == TANH:
            values[unit] = math.tanh(z)
        else:
            values[unit] = np.float32(1) / (np.float32(1) + math.exp(-z))


@kernel("float32(float32, int64)")
def activation_slope(activated, activation):
    """Return the activation's derivative, written in what it returned."""
    one = np.float32(1)
    if activation == RELU:
        return one if activated > 0 else np.float32(0)
    if activation == LEAKY_RELU:
        return one if activated > 0 else LEAK
    if activation == TANH:
        return one - activated * activated
    return activated * (one - activated)


@kernel("void(int64[::1], uint16[::1], uint8[::1], int64, float32[:, ::1], float32[::1], float32[::1])")
def hidden_inputs(starts, columns, values, sample, W1, b1, out):
    """Write z1 = b1 + x W1 of one sample, (width,); pixels are scaled to 0..1."""
    scale = np.float32(1 / 255)
    out[:] = b1
    for place in range(starts[sample], starts[sample + 1]):
        value = np.float32(values[place]) * scale
        row = W1[columns[place]]
        for unit in range(out.size):
            out[unit] += value * row[unit]


@kernel("void(float32[::1], float32[:, ::1], float32[::1], int64, float32[::1])")
def output_inputs(hidden_outputs, W2, b2, hidden, out):
    """Write z2 = b2 + a1 W2 of one sample, (columns,)."""
    out[:] = b2
    for unit in range(hidden):
        activated = hidden_outputs[unit]
        for column in range(out.size):
            out[column] += activated * W2[unit, column]


@kernel("Tuple((float64, boolean))(float32[::1], int64, int64)")
def softmax_loss(outputs, classes, label):
    """Turn the first `classes` outputs into probabilities in place; return cross-entropy and a hit."""
    largest, winner = outputs[0], 0
    for column in range(1, classes):
        if outputs[column] > largest:
            largest, winner = outputs[column], column
    margin = np.float64(outputs[label] - largest)
    total = np.float32(0)
    for column in range(classes):
        outputs[column] = math.exp(outputs[column] - largest)
        total += outputs[column]
    for column in range(classes):
        outputs[column] /= total
    return math.log(np.float64(total)) - margin, winner == label


@kernel(
    "void(int64, int64, int64[::1], int64[::1], uint16[::1], uint8[::1], uint8[::1],"
    "float32[:, ::1], float32[::1], float32[:, ::1], float32[::1], int64, int64, int64,"
    "float32[:, :, ::1], float32[:, ::1], float32[:, :, ::1], float32[:, ::1], float64[::1], int64[::1])"
)
def sum_gradients(
    first, last, bounds, starts, columns, values, labels,
    W1, b1, W2, b2, hidden, classes, activation,
    dW1, db1, dW2, db2, losses, hits,
):  # fmt: skip
    """Sum loss, hits and gradients over the samples of slices `first` to `last - 1`.

    Slice s holds samples bounds[s] to bounds[s + 1] - 1 and fills dW1[s], db1[s], dW2[s], db2[s], losses[s]
    and hits[s]. Gradients are of the summed cross-entropy, not of its mean.
    """
    scale = np.float32(1 / 255)
    a1 = np.empty(W1.shape[1], np.float32)
    delta1 = np.empty(W1.shape[1], np.float32)
    delta2 = np.empty(W2.shape[1], np.float32)
    for s in range(first, last):
        dW1[s], db1[s], dW2[s], db2[s], losses[s], hits[s] = 0, 0, 0, 0, 0, 0
        for sample in range(bounds[s], bounds[s + 1]):
            hidden_inputs(starts, columns, values, sample, W1, b1, a1)
            activate(a1, activation, hidden)
            output_inputs(a1, W2, b2, hidden, delta2)
            loss, hit = softmax_loss(delta2, classes, labels[sample])
            losses[s] += loss
            hits[s] += hit
            delta2[labels[sample]] -= np.float32(1)
            delta1[:] = 0
            for unit in range(hidden):
                back = np.float32(0)
                for column in range(classes):
                    dW2[s, unit, column] += a1[unit] * delta2[column]
                    back += W2[unit, column] * delta2[column]
                delta1[unit] = back * activation_slope(a1[unit], activation)
            for unit in range(hidden):
                db1[s, unit] += delta1[unit]
            for column in range(classes):
                db2[s, column] += delta2[column]
            for place in range(starts[sample], starts[sample + 1]):
                value = np.float32(values[place]) * scale
                row = dW1[s, columns[place]]
                for unit in range(row.size):
                    row[unit] += value * delta1[unit]


@kernel(
    "void(int64, int64, int64[::1], int64[::1], uint16[::1], uint8[::1], uint8[::1],"
    "float32[:, ::1], float32[::1], float32[:, ::1], float32[::1], int64, int64, int64,"
    "float64[::1], int64[::1])"
)
def sum_losses(
    first, last, bounds, starts, columns, values, labels,
    W1, b1, W2, b2, hidden, classes, activation, losses, hits,
):  # fmt: skip
    """Sum loss and hits over the samples of slices `first` to `last - 1`, as `sum_gradients` does."""
    a1 = np.empty(W1.shape[1], np.float32)
    outputs = np.empty(W2.shape[1], np.float32)
    for s in range(first, last):
        losses[s], hits[s] = 0, 0
        for sample in range(bounds[s], bounds[s + 1]):
            hidden_inputs(starts, columns, values, sample, W1, b1, a1)
            activate(a1, activation, hidden)
            output_inputs(a1, W2, b2, hidden, outputs)
            loss, hit = softmax_loss(outputs, classes, labels[sample])
            losses[s] += loss
            hits[s] += hit


@kernel("int64(float32[:, :, ::1], float32[:, ::1], float32)")
def descend(gradients, parameters, step):
    """Subtract `step` times the gradients, (slices, rows, columns), summed over the slices in order.

    Returns how many parameters are NaN or infinite afterwards.
    """
    slices, rows, columns = gradients.shape
    non_finite = 0
    for row in range(rows):
        for column in range(columns):
            total = np.float32(0)
            for s in range(slices):
                total += gradients[s, row, column]
            parameters[row, column] -= step * total
            non_finite += not math.isfinite(parameters[row, column])
    return non_finite


@kernel("int64(float32[:, ::1], float32[::1], float32, int64)")
def descend_together(gradients, parameters, step, neurons):
    """Subtract `step` times the gradient summed over slices and neurons from every neuron's bias.

    What the source document's program does: its bias gradient is one number a layer. Returns how many
    biases are NaN or infinite afterwards.
    """
    non_finite = 0
    total = np.float32(0)
    for s in range(gradients.shape[0]):
        for neuron in range(neurons):
            total += gradients[s, neuron]
    for neuron in range(neurons):
        parameters[neuron] -= step * total
        non_finite += not math.isfinite(parameters[neuron])
    return non_finite
