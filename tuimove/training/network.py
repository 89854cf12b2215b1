"""The parameters of networks with one hidden layer, and the laws its starting weights are drawn from.

Parameters lie as the kernels want them: input-major and padded with zeros to whole vectors. Everything
outside the kernels sees the views in `Networks.matrices`, shaped as in the source document.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from tuimove.settings.preset import NetworkKeys

Floats = npt.NDArray[np.float32]

MATRICES = ("W1", "b1", "W2", "b2")
"""The parameters, in the order they are drawn and reported in."""

LANES = 16
"""float32 numbers in the widest vector register; rows are padded to whole vectors."""


@dataclass(frozen=True)
class StartingLaw:
    """The distribution that a matrix's entries are drawn from."""

    kind: Literal["uniform", "normal", "zero"]
    """U(-scale, scale), N(0, scale^2), or all entries 0."""
    scale: float
    """Half-width of the uniform law, standard deviation of the normal one, in units of a weight.

    For `zero` it is that of the layer's weights, as a measure to draw histograms on.
    """

    def draw(self, random: np.random.Generator, shape: tuple[int, ...]) -> Floats:
        """Return entries of that shape drawn from the law."""
        if self.kind == "uniform":
            return random.uniform(-self.scale, self.scale, shape).astype(np.float32)
        if self.kind == "normal":
            return random.normal(0.0, self.scale, shape).astype(np.float32)
        return np.zeros(shape, np.float32)


def starting_laws(init: str, inputs: int, hidden: int, classes: int) -> dict[str, StartingLaw]:
    """Return the law of each matrix.

    `uniform` is U(-0.5, 0.5) and `normal` N(0, 1) for weights and biases alike, which reproduces the source
    document. `he` is N(0, 2 / fan-in) (He et al. 2015, arXiv 1502.01852) and `glorot`
    U(-a, a) with a^2 = 6 / (fan-in + fan-out) (Glorot and Bengio 2010); their biases start at zero.
    """
    if init == "uniform":
        return dict.fromkeys(MATRICES, StartingLaw("uniform", 0.5))
    if init == "normal":
        return dict.fromkeys(MATRICES, StartingLaw("normal", 1.0))
    laws: dict[str, StartingLaw] = {}
    for layer, fan_in, fan_out in (("1", inputs, hidden), ("2", hidden, classes)):
        if init == "he":
            law = StartingLaw("normal", math.sqrt(2 / fan_in))
        else:
            law = StartingLaw("uniform", math.sqrt(6 / (fan_in + fan_out)))
        laws |= {f"W{layer}": law, f"b{layer}": StartingLaw("zero", law.scale)}
    return laws


@dataclass(frozen=True)
class Networks:
    """One or several networks of a shape, side by side; only the trainer writes them."""

    hidden: int
    """Neurons in the hidden layer of each."""
    classes: int
    """Neurons in the output layer of each."""
    activation: str
    laws: tuple[dict[str, StartingLaw], ...]
    """What each matrix of each network was drawn from."""
    W1: Floats
    """(inputs, width): network k's hidden neurons are the columns from k * hidden on, the last are padding."""
    b1: Floats
    """(width,)."""
    W2: Floats
    """(networks, classes, hidden padded to whole vectors)."""
    b2: Floats
    """(networks, classes)."""

    def matrices(self, member: int = 0) -> dict[str, Floats]:
        """Return views of a network's W1 (hidden, inputs), b1 (hidden,), W2 (classes, hidden), b2 (classes,)."""
        columns = slice(member * self.hidden, (member + 1) * self.hidden)
        return {
            "W1": self.W1[:, columns].T,
            "b1": self.b1[columns],
            "W2": self.W2[member, :, : self.hidden],
            "b2": self.b2[member],
        }

    def copied_matrices(self, member: int = 0) -> dict[str, Floats]:
        """Return contiguous copies of `matrices`."""
        return {name: view.copy(order="C") for name, view in self.matrices(member).items()}


def aligned_zeros(shape: tuple[int, ...]) -> Floats:
    """Return zeros that begin at a whole cache line, so that no vector straddles two."""
    size = math.prod(shape)
    room = np.zeros(size + LANES, np.float32)
    skipped = -(room.ctypes.data // room.itemsize) % LANES
    return room[skipped : skipped + size].reshape(shape)


def padded(size: int) -> int:
    """Return the smallest multiple of a vector's lanes that holds `size`."""
    return -(-size // LANES) * LANES


def row_width(hidden: int, networks: int) -> int:
    """Return the columns of W1 for networks side by side, the last of which is padded by itself."""
    return padded((networks - 1) * hidden + padded(hidden))


def start_networks(keys: Sequence[NetworkKeys], seeds: Sequence[int], inputs: int, classes: int) -> Networks:
    """Return networks, equal in hidden neurons and activation, drawn from their starting laws."""
    hidden, width = keys[0].hidden, row_width(keys[0].hidden, len(keys))
    networks = Networks(
        hidden=hidden,
        classes=classes,
        activation=keys[0].activation,
        laws=tuple(starting_laws(member.init, inputs, hidden, classes) for member in keys),
        W1=aligned_zeros((inputs, width)),
        b1=np.zeros(width, np.float32),
        W2=aligned_zeros((len(keys), classes, padded(hidden))),
        b2=np.zeros((len(keys), classes), np.float32),
    )
    for member, seed in enumerate(seeds):
        random = np.random.default_rng([seed, 0])
        for name, matrix in networks.matrices(member).items():
            matrix[...] = networks.laws[member][name].draw(random, matrix.shape)
    return networks
