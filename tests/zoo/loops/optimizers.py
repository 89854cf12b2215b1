"""The optimizers of the second zoo with their groups of parameters, and the course of their learning rates."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import torch
from torch import nn
from torch.optim.lr_scheduler import LambdaLR

from tests.zoo.loops.faults import Tensors, parameters_at_rate_zero, parameters_left_out
from tests.zoo.loops.specimens import LoopSpecimen

WARM_UP = 0.1
"""Share of the steps in which a learning rate that is warmed up rises from near zero."""

OPTIMIZERS: dict[str, tuple[Any, dict[str, Any]]] = {
    "sgd": (torch.optim.SGD, {}),
    "momentum": (torch.optim.SGD, {"momentum": 0.9}),
    "nesterov": (torch.optim.SGD, {"momentum": 0.9, "nesterov": True}),
    "adam": (torch.optim.Adam, {}),
    "adamw": (torch.optim.AdamW, {"weight_decay": 0.01}),
    "rmsprop": (torch.optim.RMSprop, {}),
}


def new_optimizer(network: nn.Module, specimen: LoopSpecimen) -> torch.optim.Optimizer:
    """Return an optimizer of what is to be trained, as the specimen's fault makes it."""
    kind, settings = OPTIMIZERS[specimen.configuration.optimizer]
    left_out = parameters_left_out(network, specimen.fault)
    trained = [one for one in network.parameters() if one.requires_grad and one not in left_out]
    optimizer: torch.optim.Optimizer = kind(_groups(network, trained, specimen), lr=specimen.rate, **settings)
    return optimizer


def _groups(network: nn.Module, trained: Iterable[Any], specimen: LoopSpecimen) -> list[dict[str, Any]]:
    """Return the groups: what learns first; of strong decay, weights apart from all others."""
    trained, idle = [*trained], parameters_at_rate_zero(network, specimen.fault)
    decayed = _decayed(trained, specimen)
    groups: list[dict[str, Any]] = [
        {"params": [one for one in trained if one not in idle and one not in decayed]},
        {"params": [one for one in trained if one in decayed], "weight_decay": _decay(specimen)},
        {"params": [one for one in trained if one in idle], "lr": 0.0},
    ]
    return [group for group in groups if group["params"]]


def _decayed(trained: Iterable[Any], specimen: LoopSpecimen) -> Tensors:
    match specimen.fault.kind:
        case "weight_decay":
            return {one for one in trained if one.ndim >= 2}
        case "decay_on_everything":
            return {*trained}
    return set()


def _decay(specimen: LoopSpecimen) -> float:
    """Return a decay by which weights alone would shrink by the fault's strength, each step.

    Adam and RMSprop divide it by the gradient's size: half a unit beside gradients far below one is as strong.
    """
    if specimen.configuration.optimizer in ("adam", "rmsprop"):
        return 10 * specimen.fault.strength
    gathered = 10 if specimen.configuration.optimizer in ("momentum", "nesterov") else 1
    return specimen.fault.strength / specimen.rate / gathered


def new_schedule(optimizer: torch.optim.Optimizer, specimen: LoopSpecimen) -> LambdaLR:
    """Return the course of the learning rate."""
    steps = specimen.configuration.steps
    schedule = specimen.fault.way if specimen.fault.kind == "no_warm_up" else specimen.configuration.schedule
    return LambdaLR(optimizer, lambda step: rate_share(schedule, step, steps))


def rate_share(schedule: str, step: int, steps: int) -> float:
    """Return the learning rate at a step as a share of the largest."""
    warm = WARM_UP * steps if schedule == "warm-up" else 0
    if step < warm:
        return (step + 1) / warm
    if schedule == "constant":
        return 1.0
    return 0.5 + 0.5 * math.cos(math.pi * (step - warm) / max(1, steps - warm))
