"""Trains one job of an experiment, in a process of this machine or on a Dask worker."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from tuimove.recording.folder.run_folder import RunFolder
from tuimove.recording.sinks.sink import Sink
from tuimove.runs.memory import require_memory
from tuimove.runs.resumption import Resumption
from tuimove.runs.side_by_side import group_run, run_group
from tuimove.runs.steering.controls import Controls
from tuimove.settings.preset import Preset
from tuimove.settings.preset_reading import preset_from_table
from tuimove.training.image_set import Digits, choose_digits, read_digits


class KeptIn(NamedTuple):
    """Where a run of a job is kept."""

    folder: RunFolder | None
    """The run's folder, which takes its records and checkpoints; None where this process keeps nothing."""
    resumption: Resumption | None = None
    """What the run goes on from; None for a new one."""


def train(
    job: Mapping[str, Any],
    controls: Controls,
    sinks_of: Callable[[Mapping[str, Any], Preset], Iterable[Sink]],
    read: Callable[[str], Digits] = read_digits,
    kept_in: Callable[[Mapping[str, Any], Preset], KeptIn] = lambda *_: KeptIn(None),
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
    kept_in
        Opens a run's folder, given as to `sinks_of`.

    Raises
    ------
    TuimoveError
        When the data are invalid, the memory isn't enough, or a folder can't be made or gone on in.
    """
    presets = [preset_from_table(run["name"], run["preset"]) for run in job["runs"]]
    keys = presets[0].data
    digits = choose_digits(read(keys.name), keys, presets[0].training.seed)
    require_memory(presets[0], digits.inputs, digits.classes)
    runs = []
    for run, preset in zip(job["runs"], presets, strict=True):
        folder, resumption = kept_in(run, preset)
        sinks = [*sinks_of(run, preset), *([folder] if folder else [])]
        runs.append(group_run(preset, sinks, folder, resumption))
    run_group(runs, digits, controls, job["threads"])
