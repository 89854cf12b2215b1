"""A network's predictions for a few images, in plain NumPy as the source document writes it; for display only."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

Floats32 = npt.NDArray[np.float32]
Weights = Mapping[str, Floats32]
"""W1 (hidden, inputs), b1 (hidden,), W2 (classes, hidden) and b2 (classes,)."""

ACTIVATION_FUNCTIONS: Mapping[str, Callable[[Floats32], Any]] = {
    "relu": lambda z: np.maximum(z, 0),
    "leaky_relu": lambda z: np.where(z > 0, z, np.float32(0.01) * z),
    "tanh": np.tanh,
    "sigmoid": lambda z: np.float32(1) / (1 + np.exp(-z)),
}

IMAGES_AT_ONCE = 500
"""Images that are searched at once for a wrong prediction."""


def answer_images(weights: Weights, activation: str, images: npt.NDArray[np.uint8]) -> Floats32:
    """Return the probability of each class, (samples, classes), for images, (samples, inputs)."""
    with np.errstate(all="ignore"):  # weights that are no longer finite answer NaN
        X = np.divide(images, 255, dtype=np.float32)
        Z1 = X @ weights["W1"].T + weights["b1"]
        Z2 = ACTIVATION_FUNCTIONS[activation](Z1) @ weights["W2"].T + weights["b2"]
        powers = np.exp(Z2 - Z2.max(axis=1, keepdims=True))
        return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def next_wrong(
    weights: Weights, activation: str, images: npt.NDArray[np.uint8], labels: npt.NDArray[np.uint8], after: int
) -> int | None:
    """Return the index of the next wrongly predicted image after `after`, or else of the first one."""
    places = np.roll(np.arange(len(labels)), -(after + 1))
    for start in range(0, len(places), IMAGES_AT_ONCE):
        some = places[start : start + IMAGES_AT_ONCE]
        wrong = answer_images(weights, activation, images[some]).argmax(axis=1) != labels[some]
        if wrong.any():
            return int(some[wrong.argmax()])
    return None
