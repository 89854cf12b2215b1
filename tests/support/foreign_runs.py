"""Runs of another program, made up: a few layers by names of their own, and no preset, images or sizes of ours."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tuimove.settings.matrix_role import Kind, MatrixRole, Place
from tuimove.settings.starting_law import StartingLaw

Layer = tuple[str, Kind, Place]

SMALL: tuple[Layer, ...] = (
    ("fc1.weight", "weights", "first"), ("fc1.bias", "bias", "first"), ("head.weight", "weights", "last"),
)  # fmt: skip
INNER: tuple[Layer, ...] = (
    ("block1.weight", "weights", "inner"), ("block1.bias", "bias", "inner"),
    ("block2.weight", "weights", "inner"), ("block2.bias", "bias", "inner"),
    ("block3.weight", "weights", "inner"), ("block3.bias", "bias", "inner"),
)  # fmt: skip
DEEP: tuple[Layer, ...] = (
    ("norm.scale", "other", "first"), ("conv.weight", "weights", "first"), ("conv.bias", "bias", "first"), *INNER,
    ("fc1.weight", "weights", "inner"), ("head.weight", "weights", "last"), ("head.bias", "bias", "last"),
)  # fmt: skip
"""Twelve matrices, the first of which aren't weights."""


def foreign_run(
    name: str, layers: Sequence[Layer] = SMALL, *, slope: float = 1.0, **preset: Any
) -> list[dict[str, Any]]:
    """Return the records of a finished run of schema 2; each matrix moves less far than the one before it."""
    roles = [MatrixRole(matrix, kind, place, (), StartingLaw("normal", 0.1)) for matrix, kind, place in layers]
    records: list[dict[str, Any]] = [
        {"record": "run", "schema": 2, "run": name, "preset": {"name": name, **preset}, "data": {"name": "theirs"},
         "started": "2026-01-01T00:00:00+00:00", "versions": {}, "matrices": [role.as_dict() for role in roles]}
    ]  # fmt: skip
    for epoch in range(0, 101, 10):
        distance = slope * math.log1p(epoch)
        matrices = {role.name: _matrix(distance / place) for place, role in enumerate(roles, 1)}
        records.append({"record": "measurement", "run": name, "epoch": epoch, "seconds": epoch / 10, "loss": 1.0,
                        "matrices": matrices})  # fmt: skip
    return [*records, {"record": "end", "run": name, "status": "finished", "epochs": 100, "seconds": 10.0}]


def _matrix(distance: float) -> dict[str, Any]:
    counts = {"below": 0, "counts": [1, 2, 9, 2, 1], "above": 0}
    return {"distance": distance, "norm": 25 - distance / 10, "p_value": 0.5, "sd": 0.1, "mean": 0.0, "kurtosis": 0.0,
            "step": 0.1, "cosine": 0.0, "frozen": 0.0, "effect": 0.0, "escaped": 0.0, "entries": 100,
            "live_entries": 100, "non_finite": 0, "histogram": {"low": -1, "high": 1, **counts},
            "movement_histogram": {"low": -0.25, "high": 0.25, **counts}}  # fmt: skip


def write_lines(path: Path, records: Sequence[dict[str, Any]]) -> Path:
    """Write records as a file of JSON lines, or as a run folder where the path has no ending."""
    file = path if path.suffix else path / "records.jsonl"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("".join(f"{json.dumps(record)}\n" for record in records))
    return path
