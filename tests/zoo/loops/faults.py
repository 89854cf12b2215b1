"""What is done to a training loop to make it faulty: to its data, its start, its optimizer's groups, or its steps.

The learning rates of a specimen are in its `rate`; a schedule that lacks its warm-up is in `optimizers.py`.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch
from torch import nn

from tests.zoo.loops.configurations import Configuration
from tests.zoo.loops.data import Array, Samples, Split
from tests.zoo.loops.networks import Adapter, new_network, weight_layers
from tests.zoo.loops.specimens import LoopFault, LoopSpecimen

Tensors = set[Any]
"""Parameters of a network."""


def harmed_split(split: Split, fault: LoopFault, seed: int) -> Split:
    """Return the data as a fault makes them; what is held out has the same pixels, and true labels."""
    random = np.random.default_rng(seed)
    if fault.kind == "label_noise":
        labels = noisy_labels(split.train.labels, fault.strength, split.classes, random)
        return Split(Samples(split.train.inputs, labels), split.validation, split.held_out, split.classes)
    if fault.kind == "overtraining":
        few = split.train.first(max(64, round(fault.strength * len(split.train))))
        return Split(few, split.validation, split.held_out, split.classes)
    return split


def noisy_labels(labels: Array, share: float, classes: int, random: np.random.Generator) -> Array:
    """Return labels a share of which has been drawn anew."""
    return np.where(random.random(labels.shape) < share, random.integers(0, classes, labels.shape), labels)


def harm_start(network: nn.Module, fault: LoopFault) -> None:
    """Change the starting weights where the fault is there."""
    layers = weight_layers(network)
    with torch.no_grad():
        match fault.kind:
            case "start_constant":
                for tensor in (tensor for layer in layers for tensor in layer.parameters()):
                    tensor.fill_(fault.strength)
            case "dead_relu":
                for layer in layers[:-1]:
                    layer.bias.fill_(fault.strength)
            case "saturation":
                for tensor in (tensor for layer in layers[:-1] for tensor in layer.parameters() if tensor.ndim > 1):
                    tensor.mul_(fault.strength)


def parameters_without_gradient(network: nn.Module, fault: LoopFault) -> Tensors:
    """Return the parameters that a gradient never reaches, as behind a `detach` at the wrong place."""
    if fault.kind == "frozen_layer":
        layers = weight_layers(network)
        return {*(layers[0] if fault.way == "first" else layers[-1]).parameters()}
    return set()


def harm_adapters(network: nn.Module, fault: LoopFault) -> None:
    """Have no gradients computed for adapters, where that is how they are idle."""
    if fault.way == "no-gradient":
        for tensor in adapter_parameters(network):
            tensor.requires_grad_(False)


def adapter_parameters(network: nn.Module) -> Tensors:
    """Return the parameters of all adapters."""
    adapters = (one for one in network.modules() if isinstance(one, Adapter))
    return {tensor for one in adapters for tensor in (one.lora_A, one.lora_B)}


def parameters_at_rate_zero(network: nn.Module, fault: LoopFault) -> Tensors:
    """Return the parameters whose group has a learning rate of zero."""
    layers = weight_layers(network)
    match fault.kind, fault.way:
        case "idle_adapters", "zero-rate":
            return adapter_parameters(network)
        case "zero_rate_group", "first-half":
            layers = layers[: (len(layers) + 1) // 2]
        case "zero_rate_group", _:
            layers = layers[:-1]
        case _:
            return set()
    last = {*weight_layers(network)[-1].parameters()}
    return {tensor for layer in layers for tensor in layer.parameters()} - last


def parameters_left_out(network: nn.Module, fault: LoopFault) -> Tensors:
    """Return the parameters that the optimizer isn't given."""
    return adapter_parameters(network) if fault.way == "left-out" else set()


class FaultySteps:
    """What goes wrong at some steps of a run, or at each."""

    def __init__(self, specimen: LoopSpecimen, split: Split) -> None:
        self._fault, self._configuration = specimen.fault, specimen.configuration
        self._split, self._seed = split, specimen.seed
        self._at = round(abs(self._fault.strength) * self._configuration.steps)
        self._first_batch: Any = None

    def harm_network(self, network: nn.Module, step: int) -> None:
        """Start again from new weights, without a word to the optimizer."""
        if self._fault.kind == "restart" and step == self._at:
            torch.manual_seed(self._seed + 1)
            fresh = new_network(self._configuration, self._split.train.inputs.shape[1], self._split.classes)
            network.load_state_dict(fresh.state_dict())

    def harm_batch(self, inputs: Any, labels: Any, step: int, random: Any) -> tuple[Any, Any]:
        """Return a batch as the fault makes it."""
        match self._fault.kind:
            case "repeated_batch":
                self._first_batch = self._first_batch or (inputs, labels)
                inputs, labels = self._first_batch
            case "shuffled_labels" if step >= self._at:
                return inputs, labels[torch.randperm(len(labels), generator=random)]
            case "bad_batch" if step == self._at and inputs.is_floating_point():
                inputs = inputs.clone()
                inputs[0, 0] = math.inf if self._fault.way == "inf" else math.nan
        return inputs, labels

    def harm_loss(self, loss: Any, step: int) -> Any:
        """Return what is differentiated instead of the loss."""
        if self._fault.kind == "flipped_gradient":
            return -loss
        is_bad = self._fault.kind == "bad_batch" and step == self._at
        return loss * (math.inf if self._fault.way == "inf" else math.nan) if is_bad else loss


def scaled_inputs(inputs: Array, configuration: Configuration, fault: LoopFault) -> Array:
    """Return pixels as the network is given them."""
    if fault.kind == "unscaled_inputs":
        return inputs * np.float32(fault.strength)
    if configuration.inputs == "standard":
        mean, spread = (0.1307, 0.3081) if configuration.data == "mnist" else (0.2860, 0.3530)
        return (inputs - np.float32(mean)) / np.float32(spread)
    return inputs
