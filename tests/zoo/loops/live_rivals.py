"""Packages that judge a training while it runs, attached as their pages say, where they are installed.

Those that read curves alone are fed later with the kept ones. A package that isn't there leaves no verdict; what a
package raises is kept as its verdict, and the training goes on.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from importlib import metadata
from pathlib import Path
from typing import Any, Protocol

import torch
from torch import nn

from tests.zoo.loops.networks import ACTIVATIONS

LOGS = 100
"""Logs of nnscope in a run: each holds all weights."""


class LiveRival(Protocol):
    """A package that watches a loop."""

    def before_step(self, step: int, loss: Any, validation_loss: float) -> None:
        """Take note of the newest loss, after the gradients are there and before the weights change."""

    def verdicts(self) -> list[dict[str, Any]]:
        """Return all that it said, with steps and severities, after the last step."""


class Ormas:
    """ormas-monitor with its own settings."""

    def __init__(self, network: nn.Module, optimizer: Any, folder: Path) -> None:
        from ormas_monitor import Monitor

        self._monitor = Monitor(network, optimizer, out=folder / "ormas", verbose=False)
        self._diary = folder / "ormas" / "diary.jsonl"

    def before_step(self, _: int, loss: Any, __: float) -> None:
        """Hand it the loss."""
        self._monitor.step(loss)

    def verdicts(self) -> list[dict[str, Any]]:
        """Return the diary's events that have a severity."""
        self._monitor.close(report=False)
        events = [json.loads(line) for line in self._diary.read_text().splitlines()]
        kept = ("event", "step", "severity", "layer", "diagnosis", "level")
        return [{name: event[name] for name in kept if name in event} for event in events if "severity" in event]


class NNScope:
    """nnscope, which judges networks of linear layers by their weights, gradients and activations."""

    def __init__(self, network: nn.Module, steps: int) -> None:
        from nnscope import Scope

        self._scope, self._every = Scope(live=False, quiet=True), max(1, steps // LOGS)
        self._layers = [one for one in network.modules() if isinstance(one, nn.Linear)]
        self._activations: dict[int, Any] = {}
        kinds = tuple(ACTIVATIONS.values())
        units: list[Any] = [one for one in network.modules() if isinstance(one, kinds)]
        for place, unit in enumerate(units):
            unit.register_forward_hook(lambda _, __, output, place=place: self._keep(place, output))
        self._units = len(units)

    def _keep(self, place: int, output: Any) -> None:
        if output.requires_grad:
            self._activations[place] = output.detach()

    def before_step(self, step: int, loss: Any, validation_loss: float) -> None:
        """Log all layers, at some steps."""
        if step % self._every:
            return
        weights = [layer.weight.detach().numpy() for layer in self._layers]
        gradients = [_gradient(layer.weight) for layer in self._layers]
        units = [*(self._activations[place].numpy() for place in range(self._units)), None]
        self._scope.log(step, weights=weights, grads=gradients, activations=units, loss=loss.item(),
                        metrics={"val_loss": validation_loss}, snapshot=False)  # fmt: skip

    def verdicts(self) -> list[dict[str, Any]]:
        """Return its insights."""
        return [{name: one[name] for name in ("kind", "step", "level")} for one in self._scope.insights]


def _gradient(tensor: Any) -> Any:
    return torch.zeros_like(tensor).numpy() if tensor.grad is None else tensor.grad.numpy()


class LiveRivals:
    """All that are installed and can judge this network."""

    def __init__(self, network: nn.Module, optimizer: Any, folder: Path, net: str, steps: int) -> None:
        makers: dict[str, Callable[[], LiveRival]] = {"ormas-monitor": lambda: Ormas(network, optimizer, folder)}
        if net == "mlp":
            makers["nnscope"] = lambda: NNScope(network, steps)
        self._rivals: dict[str, LiveRival] = {}
        self._raised: dict[str, str] = {}
        for name, make in makers.items():
            with suppress(ModuleNotFoundError):
                self._rivals[name] = make()

    def before_step(self, step: int, loss: Any, validation_loss: float) -> None:
        """Tell all."""
        for name, rival in self._rivals.items():
            if name not in self._raised:
                try:
                    rival.before_step(step, loss, validation_loss)
                except Exception as error:
                    self._raised[name] = f"step {step}: {type(error).__name__}: {error}"[:200]

    def verdicts(self) -> dict[str, Any]:
        """Return each package's version, its verdicts, and what it raised, if it did."""
        return {name: self._told(name, rival) for name, rival in self._rivals.items()}

    def _told(self, name: str, rival: LiveRival) -> dict[str, Any]:
        said = {"version": metadata.version(name), "verdicts": rival.verdicts()}
        return {**said, "raised": self._raised[name]} if name in self._raised else said
