"""Full-batch gradient descent as a generator of steps; it measures nothing.

Each step is yielded before its update, with the loss and accuracy of the current weights, so that weights read between
two steps belong to that loss.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from tuimove.kernels.epoch import descend
from tuimove.settings.preset import TrainingKeys
from tuimove.training.full_batch import FullBatch, Score
from tuimove.training.image_layout import Sums
from tuimove.training.network import Floats32, Networks


@dataclass(frozen=True)
class Step:
    """State of one network's training after `epoch` updates."""

    epoch: int
    learning_rate: float
    """Learning rate of the next update."""
    loss: float
    """Mean cross-entropy over the training images, in nats."""
    train_accuracy: float
    non_finite_weights: int
    """Parameters that are NaN or infinite."""

    @property
    def is_finite(self) -> bool:
        """Whether loss and weights are finite; once they aren't, they never are again."""
        return math.isfinite(self.loss) and not self.non_finite_weights


def training(
    networks: Networks,
    batch: FullBatch,
    keys: Sequence[TrainingKeys],
    rates: list[float] | None = None,
    first: int = 0,
) -> Iterator[list[Step]]:
    """Yield one step per network for each epoch from `first`, the epoch of the given weights, to the last.

    The networks are trained for equally many epochs; each has its own learning rate and bias rule. They are
    updated between two steps, and not after the last. `rates` are the learning rates, those of `keys` when None;
    a change to the list takes effect with the next step.
    """
    epochs = keys[0].epochs
    rates = [member.learning_rate for member in keys] if rates is None else rates
    non_finite = [0] * len(keys)
    for epoch in range(first, epochs):
        verdicts, sums = batch.differentiate(networks)
        rates_now = tuple(rates)
        yield _steps(epoch, rates_now, verdicts, non_finite)
        non_finite = _descend(networks, sums, rates_now, keys, batch.samples)
    yield _steps(epochs, rates, batch.evaluate(networks), non_finite)


def _steps(epoch: int, rates: Sequence[float], verdicts: Sequence[Score], non_finite: Sequence[int]) -> list[Step]:
    return [
        Step(epoch, rate, verdict.loss, verdict.accuracy, bad)
        for rate, verdict, bad in zip(rates, verdicts, non_finite, strict=True)
    ]


def _descend(
    networks: Networks, sums: Sums, rates: Sequence[float], keys: Sequence[TrainingKeys], samples: int
) -> list[int]:
    """Update the weights by one step on the mean loss; return the number of non-finite weights of each network."""
    hidden, count = networks.hidden, len(keys)
    with np.errstate(over="ignore"):  # a rate beyond float32 makes weights that aren't finite, and is reported
        steps = np.array([rate / samples for rate in rates]).astype(np.float32)
    bad = np.zeros((count, hidden), np.int64)
    W1_steps = np.repeat(steps, hidden)
    room = np.empty(max(count * hidden, networks.classes), np.float32)
    descend(sums.W1, networks.W1, W1_steps, room, bad.reshape(-1))
    b1_sums = _share_biases(sums.b1[:, : count * hidden].reshape(-1, count, hidden), keys)
    descend(b1_sums.reshape(-1, 1, count * hidden), networks.b1[np.newaxis], W1_steps, room, bad.reshape(-1))
    totals = bad.sum(axis=1)
    b2_sums = _share_biases(sums.b2, keys)
    for member in range(count):
        bad_rows = np.zeros(max(hidden, networks.classes), np.int64)
        W2_steps = np.full(hidden, steps[member])
        descend(np.ascontiguousarray(sums.W2[:, member]), networks.W2[member], W2_steps, room, bad_rows)
        b2_steps = np.full(networks.classes, steps[member])
        descend(np.ascontiguousarray(b2_sums[:, member : member + 1]), networks.b2[member : member + 1],
                b2_steps, room, bad_rows)  # fmt: skip
        totals[member] += bad_rows.sum()
    return [int(total) for total in totals]


def _share_biases(sums: Floats32, keys: Sequence[TrainingKeys]) -> Floats32:
    """Return bias gradients, (slices, networks, neurons), summed over the neurons where the rule is `shared`."""
    shared = np.array([member.bias_gradient == "shared" for member in keys])[:, np.newaxis]
    return np.where(shared, sums.sum(axis=2, keepdims=True), sums)
