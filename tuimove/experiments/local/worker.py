"""A process that trains one group of an experiment's runs: reads its job from stdin, writes records to stdout.

Run as `python -m tuimove.experiments.local.worker` by `processes.py`; a crash costs only this group.
"""

from __future__ import annotations

import json
import sys

from tuimove.errors import TuimoveError
from tuimove.experiments.continuation import kept_in
from tuimove.experiments.job_training import train
from tuimove.recording.sinks.json_lines import JsonLines
from tuimove.recording.standard_streams import STANDARD_OUTPUT, guard_streams
from tuimove.runs.signals import signals_stopping
from tuimove.runs.steering.controls import Controls


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
            train(job, controls, lambda *_: [lines], kept_in=kept_in)
    except TuimoveError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
