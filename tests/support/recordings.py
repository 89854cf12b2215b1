"""Recorded runs to report on, written as a run writes them but without training anything."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

from tuimove.recording.reading.course import Course, begin_course
from tuimove.settings.preset_reading import Override, load_preset


def recorded(
    name: str, seed: int = 1, *, histograms: bool = True, every: int = 100, **keys: Any
) -> list[dict[str, Any]]:
    """Return the records of a finished run of a preset with `section__key` changed; it moves like log epochs."""
    overrides = [Override("test", key.replace("__", "."), value) for key, value in keys.items()]
    preset = load_preset(name, [Override("test", "training.seed", seed), *overrides])
    run, epochs = f"{name}-{seed}", preset.training.epochs
    records: list[dict[str, Any]] = [
        {"record": "run", "run": run, "preset": {"name": f"training.seed={seed}", **preset.as_dict()}}
    ]
    for epoch in sorted({*range(0, epochs, every), epochs}):
        distance = math.log1p(epoch) * (1.5 + seed / 100)
        matrices = {matrix: _matrix(distance / place, histograms) for place, matrix in enumerate(("W1", "b1", "W2"), 1)}
        records.append({"record": "measurement", "run": run, "epoch": epoch, "seconds": epoch / 10, "loss": 1.0,
                        "train_accuracy": 0.9, "test_accuracy": 0.9, "matrices": matrices})  # fmt: skip
    records.append({"record": "finding", "run": run, "epoch": 100, "rule": "norm_growing", "severity": "notice",
                    "matrix": "W1", "value": 1, "limit": 0, "message": "It grew.", "advice": "Look."})  # fmt: skip
    return [*records, {"record": "end", "run": run, "status": "finished", "epochs": epochs, "seconds": 9.0}]


def _matrix(distance: float, histograms: bool) -> dict[str, Any]:
    numbers: dict[str, Any] = {"distance": distance, "norm": 25 - distance / 10, "p_value": 0.5}
    if histograms:
        counts = {"below": 0, "counts": [1, 2, 9, 2, 1], "above": 0}
        numbers |= {"histogram": {"low": -1, "high": 1, **counts},
                    "movement_histogram": {"low": -0.25, "high": 0.25, **counts}}  # fmt: skip
    return numbers


def course_of(records: list[dict[str, Any]]) -> Course:
    """Return records as they are read back."""
    course = begin_course(records[0], "test")
    for record in records:
        course.take(record)
    return course


def write_run(folder: Path, records: list[dict[str, Any]]) -> Path:
    """Write records as a run folder."""
    folder.mkdir(parents=True)
    (folder / "records.jsonl").write_text("".join(f"{json.dumps(record)}\n" for record in records))
    return folder
