"""Trains one specimen in a plain PyTorch loop with the program's recorder, and measures what it is judged by."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn.functional import cross_entropy

from tests.zoo.loops.configurations import SOURCES, Configuration
from tests.zoo.loops.data import Array, Samples, Split, read_split
from tests.zoo.loops.faults import (
    FaultySteps,
    harm_adapters,
    harm_start,
    harmed_split,
    parameters_without_gradient,
    scaled_inputs,
)
from tests.zoo.loops.live_rivals import LiveRivals
from tests.zoo.loops.networks import add_adapters, new_network, weight_layers
from tests.zoo.loops.optimizers import new_optimizer, new_schedule
from tests.zoo.loops.specimens import LoopFault, LoopSpecimen
from tuimove import Recorder
from tuimove.runs.loops.looks import next_step

EVALUATIONS = 25
"""Of the held-out set, evenly spaced; one more at the start."""
PRETRAINING_STEPS = 300
PRETRAINING_RATE = 2e-3
FIRST_VALIDATED = 8
"""From the look at this step on, the validation loss is noted; and at the start."""
AT_ONCE = 1_000
"""Most samples that are evaluated at once."""


@dataclass(frozen=True)
class Trained:
    """One specimen's training."""

    folder: Path
    """Of the recorder's run."""
    steps: dict[str, Array]
    """Of every step: loss, norm of the gradient before clipping, update ratio, and learning rate, (steps,).

    The update ratio is the length of the step's update over that of all weights before it.
    """
    validation: dict[str, Array]
    """Evenly spaced: steps made, and loss."""
    held_out: dict[str, Array]
    """Evenly spaced: steps made, accuracy and loss; for judging only."""
    rivals: dict[str, Any]
    """What packages said that were attached."""


def train(specimen: LoopSpecimen, folder: Path) -> Trained:
    """Train a specimen with files in a folder."""
    configuration, fault = specimen.configuration, specimen.fault
    whole = read_split(configuration.data)
    limited = Split(whole.train.first(configuration.train), whole.validation, whole.held_out, whole.classes)
    split = _scaled(harmed_split(limited, fault, specimen.seed), configuration, fault)
    network = started_network(specimen, split)
    return _Loop(specimen, split, network, folder).run()


def _scaled(split: Split, configuration: Configuration, fault: LoopFault) -> Split:
    train, validation, held_out = (
        Samples(scaled_inputs(part.inputs, configuration, fault), part.labels)
        for part in (split.train, split.validation, split.held_out)
    )
    return Split(train, validation, held_out, split.classes)


def started_network(specimen: LoopSpecimen, split: Split) -> nn.Module:
    """Return the network before its first step."""
    configuration = specimen.configuration
    torch.manual_seed(specimen.seed)
    network = new_network(configuration, split.train.inputs.shape[1], split.classes)
    if configuration.start != "fresh":
        network.load_state_dict(_pretrained(configuration))
        if not configuration.is_text:
            weight_layers(network)[-1].reset_parameters()
    if configuration.start == "adapters":
        add_adapters(network)
    harm_start(network, specimen.fault)
    harm_adapters(network, specimen.fault)
    return network


@lru_cache(maxsize=2)
def _pretrained(configuration: Configuration) -> dict[str, Any]:
    """Return the weights that a configuration's runs start from, trained on other data of its shape."""
    split = _scaled(read_split(SOURCES[configuration.data]), configuration, LoopFault("healthy"))
    seed = zlib.crc32(configuration.name.encode())
    torch.manual_seed(seed)
    network = new_network(configuration, split.train.inputs.shape[1], split.classes)
    optimizer = torch.optim.Adam(network.parameters(), PRETRAINING_RATE)
    batches = Batches(split.train, 64, seed)
    for _ in range(PRETRAINING_STEPS):
        optimizer.zero_grad()
        inputs, labels = batches.next()
        loss_of(network(inputs), labels).backward()
        optimizer.step()
    weights: dict[str, Any] = network.state_dict()
    return weights


def loss_of(scores: Any, labels: Any) -> Any:
    """Return the mean cross entropy; of every character where it is a text."""
    return cross_entropy(scores.flatten(0, -2), labels.flatten())


class Batches:
    """Goes through samples in an order that is drawn anew each time."""

    def __init__(self, samples: Samples, size: int, seed: int) -> None:
        self._inputs, self._labels = torch.from_numpy(samples.inputs), torch.from_numpy(samples.labels)
        self._size = min(size, len(samples))
        self.random = torch.Generator().manual_seed(seed)
        self._indices = self._drawn()

    def next(self) -> tuple[Any, Any]:
        """Return the next batch."""
        chosen = next(self._indices)
        return self._inputs[chosen], self._labels[chosen]

    def _drawn(self) -> Iterator[Any]:
        while True:
            order = torch.randperm(len(self._inputs), generator=self.random)
            for start in range(0, len(order) - self._size + 1, self._size):
                yield order[start : start + self._size]


def evaluate(network: nn.Module, samples: Samples) -> tuple[float, float]:
    """Return a network's mean loss and its accuracy."""
    losses, hits = 0.0, 0
    with torch.no_grad():
        for start in range(0, len(samples), AT_ONCE):
            inputs = torch.from_numpy(samples.inputs[start : start + AT_ONCE])
            labels = torch.from_numpy(samples.labels[start : start + AT_ONCE])
            scores = network(inputs)
            losses += float(loss_of(scores, labels)) * labels.numel()
            hits += int((scores.argmax(dim=-1) == labels).sum())
    return losses / samples.labels.size, hits / samples.labels.size


@dataclass
class _Curves:
    """What is measured, in its order."""

    steps: list[tuple[float, float, float, float]] = field(default_factory=list)
    validation: list[tuple[float, float]] = field(default_factory=list)
    held_out: list[tuple[float, float, float]] = field(default_factory=list)


class _Loop:
    """A training loop, and those that watch it."""

    def __init__(self, specimen: LoopSpecimen, split: Split, network: nn.Module, folder: Path) -> None:
        self._configuration = specimen.configuration
        self._split, self._network = split, network
        self._optimizer = new_optimizer(network, specimen)
        self._schedule = new_schedule(self._optimizer, specimen)
        self._batches = Batches(split.train, specimen.configuration.batch, specimen.seed)
        self._faults = FaultySteps(specimen, split)
        self._parameters = [*network.parameters()]
        self._without_gradient = parameters_without_gradient(network, specimen.fault)
        self._recorder = Recorder(network, self._optimizer, out=folder / "run", name=specimen.name, budget=1)
        steps = specimen.configuration.steps
        self._rivals = LiveRivals(network, self._optimizer, folder, specimen.configuration.net, steps)
        self._evaluated = {round(share * steps / EVALUATIONS) for share in range(EVALUATIONS + 1)}
        self._validated = {0, steps, *_looks(steps)}
        self._validation_loss = float("nan")
        self._curves = _Curves()

    def run(self) -> Trained:
        """Train to the end."""
        steps = self._configuration.steps
        for step in range(steps):
            self._watch(step)
            self._step(step)
        self._watch(steps)
        folder = self._recorder.folder
        assert folder is not None
        self._recorder.close()
        rows = self._curves
        return Trained(folder, _columns(rows.steps, ("loss", "gradient_norm", "update_ratio", "learning_rate")),
                       _columns(rows.validation, ("step", "loss")),
                       _columns(rows.held_out, ("step", "accuracy", "loss")), self._rivals.verdicts())  # fmt: skip

    def _watch(self, step: int) -> None:
        """Measure what is evenly spaced, after so many steps."""
        if step in self._evaluated:
            loss, accuracy = self._evaluated_on(self._split.held_out)
            self._curves.held_out.append((step, accuracy, loss))
            self._validation_loss, _ = self._evaluated_on(self._split.validation)
            self._curves.validation.append((step, self._validation_loss))

    def _step(self, step: int) -> None:
        self._faults.harm_network(self._network, step)
        inputs, labels = self._faults.harm_batch(*self._batches.next(), step, self._batches.random)
        self._optimizer.zero_grad()
        loss = loss_of(self._network(inputs), labels)
        self._faults.harm_loss(loss, step).backward()
        for tensor in self._without_gradient:
            tensor.grad = None
        norm = self._clipped_norm()
        self._tell(step, loss)
        rate = self._optimizer.param_groups[0]["lr"]
        self._curves.steps.append((loss.item(), norm, self._updated_ratio(), rate))
        self._schedule.step()

    def _clipped_norm(self) -> float:
        """Return the norm of all gradients, and clip them where that is asked for."""
        limit = self._configuration.clip or float("inf")
        return float(nn.utils.clip_grad_norm_(self._parameters, limit))

    def _tell(self, step: int, loss: Any) -> None:
        """Tell those that watch, before the weights change; the look comes with the optimizer's step."""
        if step + 1 in self._validated or not step:
            self._validation_loss, _ = self._evaluated_on(self._split.validation)
            self._recorder.note(validation_loss=self._validation_loss)
        self._recorder.loss(loss)
        self._rivals.before_step(step, loss, self._validation_loss)

    def _updated_ratio(self) -> float:
        """Make the optimizer's step, and return the length of the update over that of the weights before it."""
        with torch.no_grad():
            before = [tensor.clone() for tensor in self._parameters]
            self._optimizer.step()
            return _length(torch._foreach_sub(self._parameters, before)) / max(_length(before), 1e-30)

    def _evaluated_on(self, samples: Samples) -> tuple[float, float]:
        """Return loss and accuracy; batch norm is told, texts have none."""
        if self._configuration.is_text:
            return evaluate(self._network, samples)
        self._network.eval()
        found = evaluate(self._network, samples)
        self._network.train()
        return found


def _looks(steps: int) -> Iterator[int]:
    """Yield the steps of the recorder's looks whose validation loss is noted."""
    step = next_step(0)
    while step <= steps:
        if step >= FIRST_VALIDATED:
            yield step
        step = next_step(step)


def _length(tensors: Any) -> float:
    return float(torch.stack(torch._foreach_norm(tensors)).norm())


def _columns(rows: list[Any], names: tuple[str, ...]) -> dict[str, Array]:
    return dict(zip(names, np.array(rows, dtype=np.float32).T, strict=True))
