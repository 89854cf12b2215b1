"""What is done to a run to make it faulty, behind the back of the trainer.

Faults of the preset (learning rate, label noise, few images) need nothing here. The others change the start, or the
gradients that the trainer is given, or the weights between two epochs. Networks that are trained side by side
have each their own fault.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import numpy as np

from tests.zoo.specimens import Specimen
from tuimove.training import image_layout
from tuimove.training.full_batch import FullBatch, Score
from tuimove.training.image_layout import Sums
from tuimove.training.network import Floats32, Networks, start_networks

RESTART_SEED = 100_000
"""Added to a run's seed for the weights it silently starts again from."""

SPIKE_SHARE = 0.1
"""Of the epochs, when the learning rate is too high for a single one."""


def spoil_start(networks: Networks, specimens: Sequence[Specimen]) -> None:
    """Change the starting weights of every network whose fault is there."""
    for member, specimen in enumerate(specimens):
        fault, matrices = specimen.fault, networks.matrices(member)
        match fault.kind:
            case "start_too_large" | "start_too_small":
                for matrix in matrices.values():
                    matrix *= fault.strength
            case "start_constant":
                for matrix in matrices.values():
                    matrix[...] = fault.strength
            case "saturation":
                matrices["W1"] *= fault.strength
            case "dead_relu" if fault.strength < 0:
                matrices["b1"][...] = fault.strength


@contextmanager
def scaled_pixels(specimens: Sequence[Specimen]) -> Iterator[None]:
    """Feed pixels of 0 to 255, to learn from and to be tested on, where the specimens (all alike) want it."""
    fault = specimens[0].fault
    scale = fault.strength if fault.kind == "unscaled_inputs" else 1
    with patch.object(image_layout, "SCALES", image_layout.SCALES * np.float32(scale)):
        yield


class FaultyBatch(FullBatch):
    """The training images, with gradients that are wrong wherever a specimen's fault says so."""

    def __init__(self, *arguments: Any, specimens: Sequence[Specimen], **options: Any) -> None:
        """Take a batch's arguments and, in the order of the networks, whose faults they have."""
        super().__init__(*arguments, **options)
        self._specimens = specimens
        self._epoch = 0

    def differentiate(self, networks: Networks) -> tuple[list[Score], Sums]:
        """Return how each network does and the sums of its gradients, as its fault makes them."""
        for member, specimen in enumerate(self._specimens):
            if specimen.fault.kind == "restart" and self._epoch == share_of(specimen, specimen.fault.strength):
                restart_network(networks, member, specimen)
        verdicts, sums = super().differentiate(networks)
        for member, specimen in enumerate(self._specimens):
            gradients = network_parts(sums, networks.hidden, member)
            self._spoil(gradients, network_parts(networks, networks.hidden, member), specimen)
        self._epoch += 1
        return verdicts, sums

    def _spoil(self, gradients: dict[str, Floats32], weights: dict[str, Floats32], specimen: Specimen) -> None:
        fault = specimen.fault
        match fault.kind:
            case "flipped_gradient":
                scale_gradients(gradients, fault.strength)
            case "frozen_layer":
                scale_gradients({name: gradients[name] for name in fault.matrices}, 0)
            case "dead_relu" if self._epoch == share_of(specimen, SPIKE_SHARE) and fault.strength > 0:
                scale_gradients(gradients, fault.strength)
            case "weight_decay":
                for name in ("W1", "W2"):
                    gradients[name][0] += fault.strength * self.samples * weights[name]


def share_of(specimen: Specimen, share: float) -> int:
    """Return the epoch at that share of a specimen's planned ones."""
    return round(share * specimen.preset.training.epochs)


def scale_gradients(gradients: dict[str, Floats32], factor: float) -> None:
    """Multiply gradients in place."""
    for gradient in gradients.values():
        gradient *= factor


def network_parts(whole: Networks | Sums, hidden: int, member: int) -> dict[str, Floats32]:
    """Return views of one network's parameters, or of their gradients with an axis for the slices before."""
    columns = slice(member * hidden, (member + 1) * hidden)
    networks_axis = whole.b2.ndim - 2
    of_member = (slice(None),) * networks_axis + (member,)
    return {
        "W1": whole.W1[..., columns],
        "b1": whole.b1[..., columns],
        "W2": whole.W2[of_member],
        "b2": whole.b2[of_member],
    }


def restart_network(networks: Networks, member: int, specimen: Specimen) -> None:
    """Give a network new starting weights."""
    network = networks.matrices(member)
    seed = specimen.preset.training.seed + RESTART_SEED
    inputs = network["W1"].shape[1]
    fresh = start_networks([specimen.preset.network], [seed], inputs, networks.classes).matrices()
    for name, matrix in network.items():
        matrix[...] = fresh[name]
