"""Made-up runs: the numbers of a healthy network by epoch, to be bent into the shape of a fault."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable

from tuimove.diagnosis.diagnosis import Diagnosis
from tuimove.diagnosis.finding import Finding
from tuimove.diagnosis.run_facts import RunFacts
from tuimove.settings.limits import DiagnosisKeys

FACTS = RunFacts(init="uniform", bias_gradient="per_neuron")
EPOCHS = (*range(0, 100, 2), *range(100, 1001, 10))

Numbers = dict[str, float]
Shape = Callable[[float], float]
"""A number by epoch."""

STARTS = {"W1": 25.0, "b1": 1.0, "W2": 4.0, "b2": 1.0}
ENTRIES = {"W1": 7840, "b1": 10, "W2": 100, "b2": 10}
HEALTHY: dict[str, Shape] = {
    "W1": lambda epoch: 2.0 * math.log1p(epoch / 8),
    "b1": lambda epoch: 0.2 * math.log1p(epoch / 8),
    "W2": lambda epoch: 1.0 * math.log1p(epoch / 8),
    "b2": lambda epoch: 0.1 * math.log1p(epoch / 8),
}
"""Distances that grow like the logarithm of the epochs."""


def second_rise(epoch: float) -> float:
    """Return a distance that grows like the logarithm at first and like a power from epoch 200 on."""
    first = 2.0 * math.log1p(min(epoch, 200) / 8)
    return first * math.pow(max(epoch, 200) / 200, 0.6)


def course(epochs: Iterable[float] = EPOCHS, **distances: Shape) -> list[Numbers]:
    """Return the measurements of a run whose matrices move sideways and straight ahead, this far by each epoch."""
    shapes, last, rows = HEALTHY | distances, dict.fromkeys(STARTS, 0.0), []
    for epoch in epochs:
        row: Numbers = {"epoch": float(epoch)}
        for name, shape in shapes.items():
            row |= moved(name, shape(epoch), last[name])
            last[name] = shape(epoch)
        rows.append(row)
    return rows


def moved(name: str, distance: float, last: float) -> Numbers:
    """Return the numbers of a matrix at right angles to its start."""
    entries, start = ENTRIES[name], STARTS[name]
    live = entries * 0.9 if name == "W1" else entries
    numbers = {
        "distance": distance, "norm": math.hypot(start, distance), "step": abs(distance - last), "cosine": 0.0,
        "mean": 0.0, "sd": 0.29, "kurtosis": -1.2, "effect": 0.0, "p_value": 0.5, "escaped": 0.0,
        "frozen": 1 - live / entries if distance else 1.0, "entries": entries, "live_entries": live, "non_finite": 0,
    }  # fmt: skip
    return {f"{name}.{column}": float(value) for column, value in numbers.items()}


def bend(rows: list[Numbers], **shapes: Callable[[float], float]) -> list[Numbers]:
    """Set columns, such as `W1_cosine`, by epoch."""
    for row in rows:
        row |= {name.replace("_", ".", 1): shape(row["epoch"]) for name, shape in shapes.items()}
    return rows


def diagnose(rows: Iterable[Numbers], facts: RunFacts = FACTS, limits: DiagnosisKeys | None = None) -> list[Finding]:
    """Return everything that is found in a run."""
    diagnosis = Diagnosis(limits or DiagnosisKeys(), facts)
    return [finding for row in rows for finding in diagnosis.observe(row)]


def told(findings: Iterable[Finding]) -> list[tuple[str, str | None, str]]:
    """Return rule, matrix and severity of each finding."""
    return [(finding.rule, finding.matrix, finding.verdict.severity) for finding in findings]
