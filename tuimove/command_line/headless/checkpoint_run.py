"""`tuimove record`: checkpoints become a run; its name on stdout, findings and words on stderr."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path

from tuimove.command_line.flags import say
from tuimove.diagnosis.finding import Severity
from tuimove.errors import ExitCode, harmless
from tuimove.recording.record import FindingRecord
from tuimove.recording.sinks.finding_watch import FindingWatch
from tuimove.runs.checkpoints.following import FolderFollower, follow
from tuimove.runs.checkpoints.listing import is_one_checkpoint, named_checkpoints
from tuimove.runs.checkpoints.recording import CheckpointRun, Listener, RunPlan, checked_checkpoints, record_all
from tuimove.runs.loops.found import LoopFinding
from tuimove.runs.signals import signals_stopping
from tuimove.runs.steering.controls import Controls
from tuimove.settings.files import is_folder
from tuimove.settings.wording import counted

POLL_SECONDS = 1.0
"""Time between two looks at a folder that is followed."""


def record_checkpoints(paths: Sequence[Path], plan: RunPlan, fail_on: Severity | None) -> ExitCode:
    """Record checkpoints that are there, and return the exit code.

    Raises
    ------
    TuimoveError
        When one can't be read or is another model's, steps repeat or go backwards, or the run can't be written.
    """
    watch, controls = FindingWatch(fail_on), Controls()
    run = CheckpointRun(plan, _listener(watch))
    is_sorted = len(paths) == 1 and is_folder(paths[0]) and not is_one_checkpoint(paths[0])
    with signals_stopping(controls):
        listed = checked_checkpoints(named_checkpoints(paths, _say), plan.only, is_sorted=is_sorted)
        try:
            status = record_all(run, listed, lambda: controls.stop_reason is not None)
        finally:
            _tell_end(run)
    return watch.exit_code(ExitCode.INTERRUPTED if status == "interrupted" else ExitCode.FINISHED)


def follow_checkpoints(
    folder: Path, plan: RunPlan, fail_on: Severity | None, pause: Callable[[float], None] = time.sleep
) -> ExitCode:
    """Record a folder's checkpoints as they are written, until a signal or a request to stop; return the exit code.

    Raises
    ------
    TuimoveError
        When one is another model's, the folder can't be read, or the run can't be written.
    """
    watch, controls = FindingWatch(fail_on), Controls()
    run = CheckpointRun(plan, _listener(watch))
    follower = FolderFollower(folder, run, _say)
    _say(f"following {folder}; Ctrl-C ends it")
    with signals_stopping(controls):
        try:
            follow(
                follower,
                lambda: controls.stop_reason is not None or run.is_asked_to_stop(),
                lambda: pause(POLL_SECONDS),
            )
        except Exception as error:
            run.abandon(error)
            raise
        finally:
            _tell_end(run)
        run.finish("finished")
    return watch.exit_code(ExitCode.INTERRUPTED if controls.stop_reason else ExitCode.FINISHED)


def _say(words: str) -> None:
    say(harmless(words))


def _listener(watch: FindingWatch) -> Listener:
    def on_begun(name: str) -> None:
        print(name, flush=True)

    def on_found(finding: LoopFinding, record: FindingRecord) -> None:
        _say(str(finding))
        watch.write(record)

    return Listener(on_begun, on_found, _say)


def _tell_end(run: CheckpointRun) -> None:
    """Say what has been recorded."""
    if not run.steps:
        _say("nothing was recorded")
        return
    steps = f"step {run.steps[0]:,}" if len(run.steps) == 1 else f"steps {run.steps[0]:,} to {run.steps[-1]:,}"
    what = f"{counted(len(run.steps), 'checkpoint')} of {counted(run.matrices, 'array')}, {steps}"
    _say(f"recorded {what}; tuimove replay {run.name} shows them")
