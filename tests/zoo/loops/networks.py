"""The networks of the second zoo, as people write them in PyTorch, and the weights that they start from."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import torch
from torch import nn

from tests.zoo.loops.configurations import Configuration
from tests.zoo.loops.data import CONTEXT

ACTIVATIONS = {"relu": nn.ReLU, "tanh": nn.Tanh, "gelu": nn.GELU}

ADAPTER_RANK = 8


def new_network(configuration: Configuration, inputs: int, classes: int) -> nn.Module:
    """Return a network with PyTorch's own start."""
    kind, widths, activation = configuration.net, configuration.widths, ACTIVATIONS[configuration.activation]
    if kind.startswith("mlp"):
        return _mlp((inputs, *widths), classes, activation, has_norms=kind.endswith("layernorm"))
    if kind == "lstm":
        return RowByRow(widths[0], classes)
    if kind == "cnn-residual":
        return _residual_cnn(widths, classes, activation)
    if kind.startswith("cnn"):
        return _cnn(widths, classes, activation, kind.removeprefix("cnn"))
    width, layers, heads = widths
    norm_first = not kind.endswith("postnorm")
    return Transformer(width, layers, heads, classes, configuration.activation, norm_first=norm_first)


def _mlp(widths: tuple[int, ...], classes: int, activation: Any, *, has_norms: bool) -> nn.Module:
    layers: list[nn.Module] = []
    for before, after in pairwise(widths):
        layers += [nn.Linear(before, after), *([nn.LayerNorm(after)] if has_norms else []), activation()]
    return nn.Sequential(*layers, nn.Linear(widths[-1], classes))


def _cnn(widths: tuple[int, ...], classes: int, activation: Any, variant: str) -> nn.Module:
    """Two convolutions of stride 2, or with pooling, or normalised, and one linear layer."""
    first, second = widths
    if variant == "-pooled":
        features = [nn.Conv2d(1, first, 3, padding=1), activation(), nn.MaxPool2d(2),
                    nn.Conv2d(first, second, 3, padding=1), activation(), nn.MaxPool2d(2)]  # fmt: skip
    elif variant == "-groupnorm":
        features = [nn.Conv2d(1, first, 5, 2, 2), nn.GroupNorm(1, first), activation(),
                    nn.Conv2d(first, second, 3, 2, 1), nn.GroupNorm(2, second), activation()]  # fmt: skip
    elif variant == "-batchnorm":
        features = [nn.Conv2d(1, first, 5, 2, 2, bias=False), nn.BatchNorm2d(first), activation(),
                    nn.Conv2d(first, second, 3, 2, 1, bias=False), nn.BatchNorm2d(second), activation()]  # fmt: skip
    else:
        features = [nn.Conv2d(1, first, 5, 2, 2), activation(), nn.Conv2d(first, second, 3, 2, 1), activation()]
    return nn.Sequential(nn.Unflatten(1, (1, 28, 28)), *features, nn.Flatten(), nn.Linear(second * 49, classes))


def _residual_cnn(widths: tuple[int, ...], classes: int, activation: Any) -> nn.Module:
    channels, blocks = widths
    body = [Residual(channels, activation) for _ in range(blocks)]
    return nn.Sequential(nn.Unflatten(1, (1, 28, 28)), nn.Conv2d(1, channels, 3, 2, 1, bias=False),
                         nn.BatchNorm2d(channels), activation(), *body, nn.AvgPool2d(2), nn.Flatten(),
                         nn.Linear(channels * 49, classes))  # fmt: skip


class RowByRow(nn.Module):  # type: ignore[misc]
    """Reads an image row by row, and answers at the last one."""

    def __init__(self, width: int, classes: int) -> None:
        super().__init__()
        self.rows = nn.LSTM(28, width, batch_first=True)
        self.head = nn.Linear(width, classes)

    def forward(self, images: Any) -> Any:
        """Return scores, (samples, classes)."""
        states, _ = self.rows(images.unflatten(1, (28, 28)))
        return self.head(states[:, -1])


class Residual(nn.Module):  # type: ignore[misc] # PyTorch's classes are Any to mypy
    """A block whose output is added to its input."""

    def __init__(self, channels: int, activation: Any) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(channels, channels, 3, padding=1, bias=False), nn.BatchNorm2d(channels), activation(),
            nn.Conv2d(channels, channels, 3, padding=1, bias=False), nn.BatchNorm2d(channels),
        )  # fmt: skip
        self.activation = activation()

    def forward(self, images: Any) -> Any:
        """Return (samples, channels, rows, columns)."""
        return self.activation(images + self.body(images))


class Transformer(nn.Module):  # type: ignore[misc]
    """Predicts each next character of a text from those before it."""

    def __init__(self, width: int, layers: int, heads: int, classes: int, activation: str, *, norm_first: bool) -> None:
        super().__init__()
        self.token_embedding = nn.Embedding(classes, width)
        self.position_embedding = nn.Parameter(0.02 * torch.randn(CONTEXT, width))
        self.layers = nn.ModuleList(
            nn.TransformerEncoderLayer(
                width, heads, 4 * width, 0.0, activation, batch_first=True, norm_first=norm_first
            )
            for _ in range(layers)
        )
        self.norm = nn.LayerNorm(width) if norm_first else nn.Identity()
        self.head = nn.Linear(width, classes)
        self.register_buffer("mask", torch.full((CONTEXT, CONTEXT), -math.inf).triu(1), persistent=False)

    def forward(self, characters: Any) -> Any:
        """Return scores, (samples, characters, classes)."""
        state = self.token_embedding(characters) + self.position_embedding
        for layer in self.layers:
            state = layer(state, src_mask=self.mask, is_causal=True)
        return self.head(self.norm(state))


class Adapter(nn.Module):  # type: ignore[misc]
    """A linear layer that stays as it is, and a product of two small matrices beside it that learns."""

    def __init__(self, base: nn.Linear) -> None:
        super().__init__()
        self.base = base.requires_grad_(False)
        self.lora_A = nn.Parameter(torch.randn(ADAPTER_RANK, base.in_features) / math.sqrt(base.in_features))
        self.lora_B = nn.Parameter(torch.zeros(base.out_features, ADAPTER_RANK))

    def forward(self, inputs: Any) -> Any:
        """Return what the layer gives, and the adapter's part."""
        return self.base(inputs) + 2 * (inputs @ self.lora_A.T) @ self.lora_B.T


def add_adapters(network: nn.Module) -> nn.Module:
    """Freeze a network but for its last layer, and give the other linear layers adapters."""
    network.requires_grad_(False)
    last = [*network.modules()][-1].requires_grad_(True)
    for parent, name, layer in [*_plain_linear_layers(network)]:
        if layer is not last:
            setattr(parent, name, Adapter(layer))
    return network


def _plain_linear_layers(network: nn.Module) -> Iterator[tuple[nn.Module, str, nn.Linear]]:
    for parent in network.modules():
        for name, layer in parent.named_children():
            if type(layer) is nn.Linear:
                yield parent, name, layer


def weight_layers(network: nn.Module) -> list[nn.Module]:
    """Return the modules that hold weights and learn, from the inputs to the outputs; norms are left out."""
    kinds = (nn.Linear, nn.Conv2d, nn.MultiheadAttention, nn.Embedding, nn.LSTM)
    return [
        one for one in network.modules() if isinstance(one, kinds) and any(p.requires_grad for p in one.parameters())
    ]
