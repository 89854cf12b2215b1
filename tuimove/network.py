"""The parameters of a network with one hidden layer, and the laws its starting weights are drawn from.

Parameters lie as the kernels want them: input-major and padded with zeros to whole vectors. Everything
outside the kernels sees the views in `Network.matrices`, shaped as in the source document.
"""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from tuimove.preset import NetworkKeys

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
class Network:
    """The parameters; only the trainer writes them."""

    hidden: int
    """Neurons in the hidden layer."""
    classes: int
    """Neurons in the output layer."""
    activation: str
    laws: dict[str, StartingLaw]
    """What each matrix was drawn from."""
    W1: Floats
    """(inputs, hidden padded to whole vectors): transposed and padded with zeros."""
    b1: Floats
    """(hidden padded,)."""
    W2: Floats
    """(hidden padded, classes padded)."""
    b2: Floats
    """(classes padded,)."""

    def matrices(self) -> dict[str, Floats]:
        """Return views of W1 (hidden, inputs), b1 (hidden,), W2 (classes, hidden) and b2 (classes,)."""
        return {
            "W1": self.W1[:, : self.hidden].T,
            "b1": self.b1[: self.hidden],
            "W2": self.W2[: self.hidden, : self.classes].T,
            "b2": self.b2[: self.classes],
        }

    def copied_matrices(self) -> dict[str, Floats]:
        """Return contiguous copies of `matrices`."""
        return {name: view.copy(order="C") for name, view in self.matrices().items()}


def padded(size: int) -> int:
    """Return the smallest multiple of a vector's lanes that holds `size`."""
    return -(-size // LANES) * LANES


def empty_network(keys: NetworkKeys, inputs: int, classes: int) -> Network:
    """Return a network of that shape with every parameter zero."""
    width, columns = padded(keys.hidden), padded(classes)
    return Network(
        hidden=keys.hidden,
        classes=classes,
        activation=keys.activation,
        laws=starting_laws(keys.init, inputs, keys.hidden, classes),
        W1=np.zeros((inputs, width), np.float32),
        b1=np.zeros(width, np.float32),
        W2=np.zeros((width, columns), np.float32),
        b2=np.zeros(columns, np.float32),
    )


def start_network(keys: NetworkKeys, inputs: int, classes: int, seed: int) -> Network:
    """Return a network whose parameters are drawn from their starting laws."""
    network = empty_network(keys, inputs, classes)
    random = np.random.default_rng([seed, 0])
    for name, matrix in network.matrices().items():
        matrix[...] = network.laws[name].draw(random, matrix.shape)
    return network
