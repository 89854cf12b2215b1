"""A process that trains one group of an experiment's runs: reads its job from stdin, writes records to stdout.

Run as `python -m tuimove.experiments.local.worker` by `processes.py`; a crash costs only this group.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from tuimove.errors import TuimoveError
from tuimove.experiments.job_training import train
from tuimove.recording.folder.run_folder import RunFolder
from tuimove.recording.sinks.json_lines import JsonLines
from tuimove.recording.sinks.sink import Sink
from tuimove.recording.standard_streams import STANDARD_OUTPUT, guard_streams
from tuimove.runs.signals import signals_stopping
from tuimove.runs.steering.controls import Controls
from tuimove.settings.preset import Preset


def main() -> int:
    """Train the group and return the exit code; an invalid job is reported as one line on stderr."""
    guard_streams()
    job = json.load(sys.stdin)
    controls = Controls()
    lines = JsonLines(
        STANDARD_OUTPUT, histograms=job["histograms"], on_reader_gone=lambda: controls.stop("interrupted")
    )
    try:
        with signals_stopping(controls):
            train(job, controls, lambda run, preset: _sinks(lines, run["folder"], preset))
    except TuimoveError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    return 0


def _sinks(lines: Sink, folder: str | None, preset: Preset) -> list[Sink]:
    return [lines] if folder is None else [lines, RunFolder(Path(folder), preset)]


if __name__ == "__main__":
    sys.exit(main())
