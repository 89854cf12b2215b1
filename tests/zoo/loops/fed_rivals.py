"""Packages that judge a training by its curves, fed with the kept ones as their own loggers would have been.

gradsnitch's update ratio belongs to the step before, as its monitor measures it. sk-autod sees 25 epochs: the mean loss
of each, and the validation loss at its end. Where a package can't judge a run (one raises on NaN), there is None.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib import metadata, util
from itertools import pairwise
from typing import Any

import numpy as np

from tests.zoo.loops.reading import LoopRecording


@dataclass(frozen=True)
class Said:
    """One thing that a package says of a run."""

    rule: str
    severity: str
    """In the package's own words."""
    step: float | None = None


Feed = Callable[[LoopRecording, bool], "list[Said] | None"]
"""Takes a recording, and whether the validation loss is given too."""


def _gradsnitch(recording: LoopRecording, with_validation: bool) -> list[Said]:
    import gradsnitch
    import pandas as pd

    steps = recording.steps
    table = pd.DataFrame(
        {
            "step": np.arange(len(steps["loss"])),
            "train_loss": steps["loss"],
            "grad_norm": steps["gradient_norm"],
            "lr": steps["learning_rate"],
            "update_ratio": [np.nan, *steps["update_ratio"][:-1]],
        }
    ).astype(float)
    if with_validation:
        table["val_loss"] = table["step"].map(dict(_validation(recording)))
    return [Said(found.code, found.severity) for found in gradsnitch.lint(table)]


def _runmedic(recording: LoopRecording, with_validation: bool) -> list[Said]:
    from runmedic.checks import run_checks
    from runmedic.model import Run
    from runmedic.roles import detect

    run, names = Run("run", "csv", ""), {"loss": "train_loss", "gradient_norm": "grad_norm", "learning_rate": "lr"}
    for kept, name in names.items():
        _add_points(run.get(name), enumerate(recording.steps[kept].tolist()))
    if with_validation:
        _add_points(run.get("val_loss"), _validation(recording))
    found = run_checks(run.finalize(), detect(run))
    return [Said(one.check, one.severity, one.step) for one in found]


def _add_points(series: Any, points: Iterable[tuple[float, float]]) -> None:
    for step, value in points:
        series.add(step, value)


def _sk_autod(recording: LoopRecording, with_validation: bool) -> list[Said] | None:
    import sk_autod

    bounds = recording.validation["step"].astype(int)
    means = [float(recording.steps["loss"][first:end].mean()) for first, end in pairwise(bounds)]
    losses = recording.validation["loss"][1:].tolist()
    if not with_validation or not np.isfinite([*means, *losses]).all():
        return None
    return [Said(one.detector_name, one.severity.value, one.epoch) for one in sk_autod.diagnose(means, losses).findings]


def _validation(recording: LoopRecording) -> list[tuple[float, float]]:
    """Return the step after which the validation loss was measured, and that loss; the start's with the first step."""
    steps, losses = recording.validation["step"], recording.validation["loss"]
    return [*zip(np.maximum(steps - 1, 0).tolist(), losses.tolist(), strict=True)]


FEEDS: dict[str, tuple[str, Feed]] = {
    "gradsnitch": ("gradsnitch", _gradsnitch),
    "runmedic": ("runmedic", _runmedic),
    "sk-autod": ("sk_autod", _sk_autod),
}
"""By package: the module, and what feeds it."""


def installed_rivals() -> dict[str, str]:
    """Return the version of each package that is there."""
    return {name: metadata.version(name) for name, (module, _) in FEEDS.items() if util.find_spec(module)}


def said_of(recording: LoopRecording, *, with_validation: bool) -> dict[str, Any]:
    """Return what each installed package says of a run; None where it can't judge it."""
    return {name: FEEDS[name][1](recording, with_validation) for name in installed_rivals()}
