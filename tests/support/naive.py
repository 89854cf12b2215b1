"""Slow, obvious references in float64, written as the source document writes the mathematics."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
AnyFloats = npt.NDArray[np.floating[Any]]
Parameters = dict[str, Floats]
"""W1 (hidden, inputs), b1 (hidden,), W2 (classes, hidden), b2 (classes,)."""


def activate(Z: Floats, activation: str) -> Floats:
    if activation == "relu":
        return np.maximum(Z, 0)
    if activation == "leaky_relu":
        return np.where(Z < 0, 0.01 * Z, Z)
    if activation == "tanh":
        return np.tanh(Z)
    return np.asarray(1 / (1 + np.exp(-Z)))


def slope(Z: Floats, activation: str) -> Floats:
    if activation == "relu":
        return np.where(Z > 0, 1.0, 0.0)
    if activation == "leaky_relu":
        return np.where(Z > 0, 1.0, 0.01)
    if activation == "tanh":
        return np.asarray(1 - np.tanh(Z) ** 2)
    A = activate(Z, "sigmoid")
    return np.asarray(A * (1 - A))


def forward(images: npt.NDArray[np.uint8], parameters: Parameters, activation: str) -> tuple[Floats, Floats]:
    """Return Z1 (samples, hidden) and the class probabilities (samples, classes)."""
    X = images / 255
    Z1 = X @ parameters["W1"].T + parameters["b1"]
    Z2 = activate(Z1, activation) @ parameters["W2"].T + parameters["b2"]
    E = np.exp(Z2 - Z2.max(axis=1, keepdims=True))
    return Z1, E / E.sum(axis=1, keepdims=True)


def mean_loss(
    images: npt.NDArray[np.uint8], labels: npt.NDArray[np.uint8], parameters: Parameters, activation: str
) -> float:
    _, P = forward(images, parameters, activation)
    return float(-np.log(P[np.arange(len(labels)), labels]).mean())


def accuracy(
    images: npt.NDArray[np.uint8], labels: npt.NDArray[np.uint8], parameters: Parameters, activation: str
) -> float:
    _, P = forward(images, parameters, activation)
    return float((P.argmax(axis=1) == labels).mean())


def gradients(
    images: npt.NDArray[np.uint8],
    labels: npt.NDArray[np.uint8],
    parameters: Parameters,
    activation: str,
    bias_gradient: str = "per_neuron",
) -> Parameters:
    """Gradients of the mean loss; "shared" sums a bias gradient over the layer's neurons too."""
    samples = len(labels)
    Z1, P = forward(images, parameters, activation)
    dZ2 = P.copy()
    dZ2[np.arange(samples), labels] -= 1
    dZ1 = (dZ2 @ parameters["W2"]) * slope(Z1, activation)
    biases = {"b1": dZ1.sum(axis=0) / samples, "b2": dZ2.sum(axis=0) / samples}
    if bias_gradient == "shared":
        biases = {name: np.full_like(bias, bias.sum()) for name, bias in biases.items()}
    return {
        "W1": dZ1.T @ (images / 255) / samples,
        "W2": dZ2.T @ activate(Z1, activation) / samples,
        **biases,
    }


def measured(now: AnyFloats, start: AnyFloats, last: AnyFloats) -> dict[str, float]:
    """Distance, norm and the rest, one entry at a time."""
    entries = list(zip(now.ravel(), start.ravel(), last.ravel(), strict=True))
    norm = math.sqrt(sum(w**2 for w, _, _ in entries))
    start_norm = math.sqrt(sum(began**2 for _, began, _ in entries))
    distance = math.sqrt(sum((w - began) ** 2 for w, began, _ in entries))
    product = sum(began * (w - began) for w, began, _ in entries)
    return {
        "distance": distance,
        "norm": norm,
        "weighted_norm": norm / len(entries),
        "rms": norm / math.sqrt(len(entries)),
        "step": math.sqrt(sum((w - before) ** 2 for w, _, before in entries)),
        "cosine": product / (start_norm * distance),
        "frozen": sum(w == began for w, began, _ in entries) / len(entries),
    }
