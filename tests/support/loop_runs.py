"""Runs of somebody's training loop, made up: the parameters of a transformer, looked at as a recorder looks."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.support.foreign_runs import write_lines
from tuimove.runs.loops.looks import next_step

LAYER = (
    ("ln_1.weight", "other", (64,)), ("ln_1.bias", "bias", (64,)),
    ("attn.c_attn.weight", "weights", (192, 64)), ("attn.c_attn.bias", "bias", (192,)),
    ("attn.c_proj.weight", "weights", (64, 64)), ("attn.c_proj.bias", "bias", (64,)),
    ("ln_2.weight", "other", (64,)), ("ln_2.bias", "bias", (64,)),
    ("mlp.c_fc.weight", "weights", (256, 64)), ("mlp.c_fc.bias", "bias", (256,)),
    ("mlp.c_proj.weight", "weights", (64, 256)), ("mlp.c_proj.bias", "bias", (64,)),
)  # fmt: skip
"""Names, kinds and shapes of one layer."""
ENDS = (("transformer.wte.weight", "other", (65, 64)), ("lm_head.weight", "weights", (65, 64)))

Named = tuple[str, str, tuple[int, ...]]


def parameters(layers: int) -> list[Named]:
    """Return name, kind and shape of each parameter: twelve a layer, and two beside them."""
    inner = [(f"transformer.h.{layer}.{name}", kind, shape) for layer in range(layers) for name, kind, shape in LAYER]
    return [ENDS[0], *inner, ENDS[1]]


def steps(looks: int) -> list[int]:
    """Return the steps that a recorder looks at."""
    found = [0]
    while len(found) < looks:
        found.append(next_step(found[-1]))
    return found


def run_record(named: list[Named], name: str = "nanoGPT") -> dict[str, Any]:
    """Return the run record of a loop."""
    law = {"kind": "normal", "scale": 0.02}
    roles = [
        {"name": one, "kind": kind, "place": "inner", "shape": [*shape], "law": law if kind == "weights" else None}
        for one, kind, shape in named
    ]
    roles[0]["place"], roles[-1]["place"] = "first", "last"
    laws = {one: "normal, 0.02" if kind == "weights" else "constant" for one, kind, _ in named}
    loop = {"framework": "torch", "clock": "step", "torch": "2.13.0", "optimizer": {"name": "AdamW", "lr": 0.001},
            "laws": laws, "sampled": {}}  # fmt: skip
    return {"record": "run", "schema": 2, "run": name, "preset": {"name": name, "title": name}, "data": {},
            "started": "2026-01-01T00:00:00+00:00", "threads": 0, "form": "", "versions": {}, "matrices": roles,
            "loop": loop}  # fmt: skip


def look(named: list[Named], step: int, name: str = "nanoGPT", **numbers: Any) -> dict[str, Any]:
    """Return a measurement; each matrix moves a little farther than the one before it."""
    matrices = {one: _matrix(place, shape, step) for place, (one, _, shape) in enumerate(named, 1)}
    return {"record": "measurement", "run": name, "epoch": step, "seconds": step / 100, "learning_rate": 0.001,
            "loss": None, "train_accuracy": None, "test_accuracy": None, "matrices": matrices, **numbers}  # fmt: skip


def _matrix(place: int, shape: tuple[int, ...], step: int) -> dict[str, Any]:
    entries = math.prod(shape)
    start = 0.02 * math.sqrt(entries)
    distance = start * math.log1p(step) * place / 1000
    cosine = -0.1 if step else None
    norm = math.sqrt(start**2 + distance**2 + 2 * (cosine or 0) * start * distance)
    bins, each = [0] * 16 + [entries // 32] * 32 + [0] * 16, [entries // 64] * 64
    return {"distance": distance, "norm": norm, "weighted_norm": norm / entries, "rms": 0.02, "step": distance / 10,
            "cosine": cosine, "mean": 0.0, "sd": 0.02, "kurtosis": 0.0, "test": "ks", "statistic": 0.01,
            "p_value": 0.5, "effect": 0.01, "escaped": 0.0, "frozen": 0.0, "entries": entries, "live_entries": entries,
            "non_finite": 0, "histogram": {"low": -0.08, "high": 0.08, "below": 0, "counts": bins, "above": 0},
            "movement_histogram": {"low": -0.1, "high": 0.1, "below": 0, "counts": each, "above": 0}}  # fmt: skip


def finding(step: int, matrix: str, severity: str = "warning", name: str = "nanoGPT") -> dict[str, Any]:
    """Return a finding about a matrix."""
    return {"record": "finding", "run": name, "epoch": step, "rule": "norm_growing", "severity": severity,
            "matrix": matrix, "value": 1.5, "limit": 1.25, "message": "It grew.", "advice": "Look at it."}  # fmt: skip


def loop_records(layers: int, looks: int) -> Iterator[dict[str, Any]]:
    """Yield the records of a loop that goes on."""
    named = parameters(layers)
    yield run_record(named)
    yield from (look(named, step) for step in steps(looks))


def write_loop(folder: Path, layers: int = 4, looks: int = 20, *more: dict[str, Any]) -> Path:
    """Write a run folder with a loop's records, and return it."""
    return write_lines(folder, [*loop_records(layers, looks), *more])
