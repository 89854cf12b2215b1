"""The parameters of networks with one hidden layer, drawn from their starting laws.

The kernels' layout is input-major, padded with zeros to whole vectors. All other code uses the views of
`Networks.matrices`, shaped as in the source document.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tuimove.settings.matrix_role import MatrixRole, own_roles
from tuimove.settings.preset import NetworkKeys
from tuimove.settings.starting_law import StartingLaw

Floats32 = npt.NDArray[np.float32]


LANES = 16
"""float32 numbers in the widest vector register; rows are padded to whole vectors."""
SLICES = 16
"""Slices of the samples, each with its own sums; also the most threads that can share an epoch."""


@dataclass(frozen=True)
class Networks:
    """One or several networks of one shape, side by side; only the trainer writes them."""

    hidden: int
    """Neurons in the hidden layer of each network."""
    classes: int
    """Neurons in the output layer of each network."""
    activation: str
    roles: tuple[tuple[MatrixRole, ...], ...]
    """Role and starting law of each matrix of each network."""
    W1: Floats32
    """Weights, (inputs, width): columns from k * hidden on are network k's hidden neurons, the last are padding."""
    b1: Floats32
    """Biases, (width,)."""
    W2: Floats32
    """Weights, (networks, classes, hidden padded to whole vectors)."""
    b2: Floats32
    """Biases, (networks, classes)."""

    def matrices(self, member: int = 0) -> dict[str, Floats32]:
        """Return views of a network's W1 (hidden, inputs), b1 (hidden,), W2 (classes, hidden), b2 (classes,)."""
        columns = slice(member * self.hidden, (member + 1) * self.hidden)
        return {
            "W1": self.W1[:, columns].T,
            "b1": self.b1[columns],
            "W2": self.W2[member, :, : self.hidden],
            "b2": self.b2[member],
        }

    def copied_matrices(self, member: int = 0) -> dict[str, Floats32]:
        """Return contiguous copies of `matrices`."""
        return {name: view.copy(order="C") for name, view in self.matrices(member).items()}


def draw_entries(law: StartingLaw | None, random: np.random.Generator, shape: tuple[int, ...]) -> Floats32:
    """Return entries of the given shape drawn from a law, zeros where there is none."""
    if law is None:
        return np.zeros(shape, np.float32)
    if law.kind == "uniform":
        return random.uniform(-law.scale, law.scale, shape).astype(np.float32)
    if law.kind == "normal":
        return random.normal(0.0, law.scale, shape).astype(np.float32)
    return np.zeros(shape, np.float32)


def aligned_zeros(shape: tuple[int, ...]) -> Floats32:
    """Return zeros aligned to a cache line, so that no vector straddles two."""
    size = math.prod(shape)
    room = np.zeros(size + LANES, np.float32)
    skipped = -(room.ctypes.data // room.itemsize) % LANES
    return room[skipped : skipped + size].reshape(shape)


def padded(size: int) -> int:
    """Return the smallest multiple of a vector's lanes that holds `size`."""
    return -(-size // LANES) * LANES


def row_width(hidden: int, networks: int) -> int:
    """Return the columns of W1 for networks side by side, padded at the end."""
    return padded((networks - 1) * hidden + padded(hidden))


def start_networks(keys: Sequence[NetworkKeys], seeds: Sequence[int], inputs: int, classes: int) -> Networks:
    """Return networks, equal in hidden neurons and activation, drawn from their starting laws."""
    hidden, width = keys[0].hidden, row_width(keys[0].hidden, len(keys))
    networks = Networks(
        hidden=hidden,
        classes=classes,
        activation=keys[0].activation,
        roles=tuple(own_roles(member.init, inputs, hidden, classes) for member in keys),
        W1=aligned_zeros((inputs, width)),
        b1=np.zeros(width, np.float32),
        W2=aligned_zeros((len(keys), classes, padded(hidden))),
        b2=np.zeros((len(keys), classes), np.float32),
    )
    for member, seed in enumerate(seeds):
        random = np.random.default_rng([seed, 0])
        matrices = networks.matrices(member)
        for role in networks.roles[member]:
            matrices[role.name][...] = draw_entries(role.law, random, role.shape)
    return networks
