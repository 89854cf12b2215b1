"""Trains one job of an experiment, in a process of this machine or on a Dask worker."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from tuimove.recording.sinks.sink import Broadcast, Sink
from tuimove.runs.memory import require_memory
from tuimove.runs.side_by_side import run_group
from tuimove.runs.steering.controls import Controls
from tuimove.settings.preset import Preset
from tuimove.settings.preset_reading import preset_from_table
from tuimove.training.image_set import Digits, choose_digits, read_digits


def train(
    job: Mapping[str, Any],
    controls: Controls,
    sinks_of: Callable[[Mapping[str, Any], Preset], Iterable[Sink]],
    read: Callable[[str], Digits] = read_digits,
) -> None:
    """Train a job's runs in this process.

    Parameters
    ----------
    job
        The table of an `experiment.Job`.
    sinks_of
        Returns the sinks of a run, from its entry in the job's `runs` and its preset.
    read
        Returns a whole data set by its name.

    Raises
    ------
    TuimoveError
        When the data are invalid, the memory isn't enough, or a folder can't be made.
    """
    presets = [preset_from_table(run["name"], run["preset"]) for run in job["runs"]]
    keys = presets[0].data
    digits = choose_digits(read(keys.name), keys, presets[0].training.seed)
    require_memory(presets[0], digits.inputs, digits.classes)
    sinks = [Broadcast(sinks_of(run, preset)) for run, preset in zip(job["runs"], presets, strict=True)]
    run_group(presets, digits, sinks, controls, job["threads"])
