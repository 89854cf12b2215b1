"""Full-batch gradient descent as a generator of steps; knows nothing of measuring.

Each step is yielded with the loss and accuracy of the weights as they are, before the update that leads to
the next one, so whoever looks at the weights in between sees exactly what the loss belongs to.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from tuimove.full_batch import FullBatch, Gradients
from tuimove.kernels import epoch as kernels
from tuimove.network import Network
from tuimove.preset import TrainingKeys


@dataclass(frozen=True)
class Step:
    """Where training stands after `epoch` updates."""

    epoch: int
    learning_rate: float
    """The rate of the update that follows."""
    loss: float
    """Mean cross-entropy over the training images, in nats."""
    train_accuracy: float

    non_finite_weights: int
    """Parameters that are NaN or infinite."""

    @property
    def is_finite(self) -> bool:
        """Whether loss and weights are numbers; what is not one never becomes one again."""
        return math.isfinite(self.loss) and not self.non_finite_weights


def training(network: Network, batch: FullBatch, keys: TrainingKeys) -> Iterator[Step]:
    """Yield epoch 0, 1, ... `keys.epochs`; the network is updated between two steps and after none."""
    non_finite = 0
    for epoch in range(keys.epochs):
        verdict, gradients = batch.differentiate(network)
        yield Step(epoch, keys.learning_rate, verdict.loss, verdict.accuracy, non_finite)
        non_finite = _descend(network, gradients, keys, batch.samples)
    verdict = batch.evaluate(network)
    yield Step(keys.epochs, keys.learning_rate, verdict.loss, verdict.accuracy, non_finite)


def _descend(network: Network, gradients: Gradients, keys: TrainingKeys, samples: int) -> int:
    """Take one step of gradient descent on the mean loss; return how many parameters aren't finite."""
    step = keys.learning_rate / samples
    non_finite = kernels.descend(gradients.W1, network.W1, step)
    non_finite += kernels.descend(gradients.W2, network.W2, step)
    for biases, sums, neurons in (
        (network.b1, gradients.b1, network.hidden),
        (network.b2, gradients.b2, network.classes),
    ):
        if keys.bias_gradient == "shared":
            non_finite += kernels.descend_together(sums, biases, step, neurons)
        else:
            non_finite += kernels.descend(sums[:, np.newaxis, :], biases[np.newaxis, :], step)
    return int(non_finite)
