"""The distributions of starting weights, by their names in presets."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

LawKind = Literal["uniform", "normal", "zero"]


@dataclass(frozen=True)
class StartingLaw:
    """The distribution that a matrix's entries are drawn from."""

    kind: LawKind
    """Kind: U(-scale, scale), N(0, scale^2), or all entries 0."""
    scale: float
    """Half-width of the uniform law, standard deviation of the normal one, in units of a weight; NaN for unknown.

    For `zero` it is that of the layer's weights, as a measure to draw histograms on.
    """


def layer_laws(init: str | None, inputs: int, outputs: int) -> tuple[StartingLaw | None, StartingLaw | None]:
    """Return the laws of a layer's weights and of its bias, None for a start that isn't known.

    `uniform` is U(-0.5, 0.5) and `normal` N(0, 1) for weights and biases alike, which reproduces the source
    document. `he` is N(0, 2 / fan-in) (He et al. 2015, arXiv 1502.01852) and `glorot`
    U(-a, a) with a^2 = 6 / (fan-in + fan-out) (Glorot and Bengio 2010); their biases start at zero. Where the
    fans aren't known (0), neither is the scale.
    """
    if init == "uniform":
        return (StartingLaw("uniform", 0.5),) * 2
    if init == "normal":
        return (StartingLaw("normal", 1.0),) * 2
    if init == "he":
        scale = math.sqrt(2 / inputs) if inputs else math.nan
        return StartingLaw("normal", scale), StartingLaw("zero", scale)
    if init == "glorot":
        scale = math.sqrt(6 / (inputs + outputs)) if inputs and outputs else math.nan
        return StartingLaw("uniform", scale), StartingLaw("zero", scale)
    return None, None
