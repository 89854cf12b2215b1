"""A process that trains one group of an experiment's runs: its job on standard input, records on standard output.

`python -m tuimove.experiments.local.worker`, started by `worker_processes.py`; its death costs only its own runs.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from tuimove.command_line.headless.one_run import signals_stopping
from tuimove.errors import TuimoveError
from tuimove.recording.folder.run_folder import RunFolder
from tuimove.recording.sinks.json_lines import JsonLines
from tuimove.recording.sinks.sink import Broadcast, Sink
from tuimove.recording.standard_streams import STANDARD_OUTPUT, guard_streams
from tuimove.runs.session import require_memory
from tuimove.runs.side_by_side import run_group
from tuimove.runs.steering.controls import Controls
from tuimove.settings.preset import Preset, preset_from_table
from tuimove.training.image_set import Digits, choose_digits, read_digits


def main() -> int:
    """Train the group and return the exit code; what is wrong with the job itself is one line on stderr."""
    guard_streams()
    job = json.load(sys.stdin)
    controls = Controls()
    lines = JsonLines(STANDARD_OUTPUT, histograms=job["histograms"], on_reader_gone=controls.stop)
    try:
        with signals_stopping(controls):
            train(job, controls, lambda run, preset: _sinks(lines, run["folder"], preset))
    except TuimoveError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    return 0


def train(
    job: Mapping[str, Any],
    controls: Controls,
    sinks_of: Callable[[Mapping[str, Any], Preset], Iterable[Sink]],
    read: Callable[[str], Digits] = read_digits,
) -> None:
    """Train a job's runs, here or wherever its engine has it done.

    Parameters
    ----------
    job
        As `experiment.Job.table`.
    sinks_of
        Gives what a run of the job's `runs` is told to.
    read
        Gives a whole data set by its name.

    Raises
    ------
    TuimoveError
        When data, memory or folders won't do.
    """
    presets = [preset_from_table(run["name"], run["preset"]) for run in job["runs"]]
    keys = presets[0].data
    digits = choose_digits(read(keys.name), keys, presets[0].training.seed)
    require_memory(presets[0], digits)
    told = [Broadcast(sinks_of(run, preset)) for run, preset in zip(job["runs"], presets, strict=True)]
    run_group(presets, digits, told, controls, job["threads"])


def _sinks(lines: Sink, folder: str | None, preset: Preset) -> list[Sink]:
    return [lines] if folder is None else [lines, RunFolder(Path(folder), preset)]


if __name__ == "__main__":
    sys.exit(main())
