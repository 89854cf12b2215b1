"""The laws that starting weights are drawn from, by what a preset calls them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

MATRICES = ("W1", "b1", "W2", "b2")
"""The parameters, in the order they are drawn and reported in."""


@dataclass(frozen=True)
class StartingLaw:
    """The distribution that a matrix's entries are drawn from."""

    kind: Literal["uniform", "normal", "zero"]
    """U(-scale, scale), N(0, scale^2), or all entries 0."""
    scale: float
    """Half-width of the uniform law, standard deviation of the normal one, in units of a weight.

    For `zero` it is that of the layer's weights, as a measure to draw histograms on.
    """


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
