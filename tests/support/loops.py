"""Made-up training loops: the numbers of a healthy network at a recorder's looks, to be bent into a fault's shape."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import get_args

from tuimove.diagnosis.diagnosis import Diagnosis
from tuimove.diagnosis.finding import Finding
from tuimove.diagnosis.run_facts import Numbers, RunFacts
from tuimove.runs.loops.looks import next_step
from tuimove.settings.limits import DiagnosisKeys
from tuimove.settings.matrix_role import MatrixRole, Place
from tuimove.settings.starting_law import StartingLaw

FACTS = RunFacts(noise="batches")
Shape = Callable[[float], float]
"""A number by step."""

LAYERS = {"fc1": (64, 100), "fc2": (64, 64), "fc3": (10, 64)}
"""Outputs and inputs of each layer."""


def roles() -> list[MatrixRole]:
    """Return the roles of three layers and their biases."""
    found = []
    for (name, shape), place in zip(LAYERS.items(), get_args(Place), strict=True):
        law = StartingLaw("uniform", 1 / math.sqrt(shape[1]))
        found.append(MatrixRole(f"{name}.weight", "weights", place, shape, law))
        found.append(MatrixRole(f"{name}.bias", "bias", place, shape[:1], law))
    return found


def looks(last: int = 2000) -> list[int]:
    """Return the steps that a recorder looks at."""
    steps = [0]
    while steps[-1] < last:
        steps.append(next_step(steps[-1]))
    return steps


def healthy_movement(step: float) -> float:
    """Return a distance in lengths that grows like the square root at first, and more slowly later."""
    return 0.1 * math.sqrt(step) if step < 100 else math.pow(step / 100, 0.35)


def healthy_loss(step: float) -> float:
    """Return a cross entropy of ten classes that falls."""
    return math.log(10) / math.sqrt(1 + step / 30)


def loop(
    steps: Iterable[int] | None = None, loss: Shape | None = healthy_loss, **movements: Shape
) -> list[dict[str, float]]:
    """Return the measurements of layers that move sideways by so many lengths; `fc1` bends that layer alone."""
    last: dict[str, float] = {}
    rows = []
    for step in looks() if steps is None else steps:
        row = {"epoch": float(step), "learning_rate": 0.1}
        if loss is not None:
            row["loss"] = loss(step)
        for role in roles():
            layer = role.name.partition(".")[0]
            shape = movements.get(layer, movements.get("all", healthy_movement))
            row |= moved(role, shape(step), last)
        rows.append(row)
    return rows


def moved(role: MatrixRole, movement: float, last: dict[str, float]) -> dict[str, float]:
    """Return the numbers of a matrix that goes straight on, at right angles to its start."""
    entries, length = math.prod(role.shape), math.sqrt(role.shape[0] / 3)
    distance = movement * length
    step, last[role.name] = abs(distance - last.get(role.name, 0.0)), distance
    numbers = {
        "distance": distance, "norm": math.hypot(length, distance), "step": step, "cosine": 0.0, "mean": 0.0,
        "sd": length / math.sqrt(entries), "kurtosis": -1.2, "effect": 0.0, "p_value": 0.5, "escaped": 0.0,
        "frozen": 0.0 if distance else 1.0, "entries": entries, "live_entries": entries, "non_finite": 0,
    }  # fmt: skip
    return {f"{role.name}.{column}": float(value) for column, value in numbers.items()}


def bend(rows: list[dict[str, float]], **shapes: Shape) -> list[dict[str, float]]:
    """Set columns by step; `fc1_weight_norm` is `fc1.weight.norm`."""
    for row in rows:
        for name, shape in shapes.items():
            row[name.replace("_weight_", ".weight.").replace("_bias_", ".bias.")] = shape(row["epoch"])
    return rows


def findings(rows: Iterable[Numbers], facts: RunFacts = FACTS) -> list[Finding]:
    """Return everything that is found in a loop."""
    diagnosis = Diagnosis(DiagnosisKeys(), facts, roles())
    return [finding for row in rows for finding in diagnosis.observe(row)]


def told(found: Iterable[Finding]) -> list[tuple[str, str, tuple[str, ...]]]:
    """Return rule, severity and causes of each finding."""
    return [(one.rule, one.verdict.severity, one.verdict.causes) for one in found]
