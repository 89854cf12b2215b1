"""`tuimove resume`: continues a run or an experiment that was cut short."""

from __future__ import annotations

import argparse
import os

from tuimove.command_line.commands.run import headless_options, run_experiment
from tuimove.command_line.flags import (
    Parser,
    add_checkpoint_every,
    add_dask,
    add_fail_on,
    add_quiet,
    add_screen_options,
    add_threads,
    path,
    require_headless,
    say,
)
from tuimove.command_line.opening import open_screen
from tuimove.errors import TuimoveError


def add_resume(commands: argparse._SubParsersAction[Parser]) -> Parser:
    """Add the command and its flags, and return its parser."""
    resume = commands.add_parser("resume", help="go on with a run that was cut short", allow_abbrev=False)
    resume.set_defaults(command=_resume)
    resume.add_argument("run", metavar="RUN", help="a run's id, the beginning of it, or its folder")
    resume.add_argument("--no-ui", action="store_true", help="no screen: JSON Lines on stdout, words on stderr")
    resume.add_argument(
        "--data",
        metavar="DIR",
        type=path,
        dest="moved",
        help="the folder that its images are in now, if they have moved; they must be the same",
    )
    add_screen_options(resume)
    add_threads(resume)
    add_checkpoint_every(resume)
    add_fail_on(resume)
    add_dask(resume)
    # file descriptor of a pipe: the parent waits for a message that this process holds the lock
    resume.add_argument("--taken", type=int, help=argparse.SUPPRESS)
    resume.add_argument("--histograms", action="store_true", help="put histograms into the records on stdout too")
    add_quiet(resume)
    return resume


def _resume(options: argparse.Namespace) -> int:
    from tuimove.recording.folder.run_lock import require_ended
    from tuimove.recording.folder.run_summary import read_summary
    from tuimove.recording.folder.store import PLAN, find_run
    from tuimove.runs.background import report_locked

    def on_locked() -> None:
        report_locked(options.taken)

    require_headless(options)
    folder = find_run(options.run, lambda folder: read_summary(folder).state != "finished", "all of them have finished")
    require_ended(folder)
    if os.path.exists(folder / PLAN):
        from tuimove.experiments.plan import found_experiment

        options.out = folder
        return run_experiment(found_experiment(folder, options.moved, say), options, on_locked)
    if options.dask is not None:
        raise TuimoveError(f"--dask: {options.run} is one run; resume it without --dask")
    if not options.no_ui:
        return open_screen(None, options, resumed=folder)
    from tuimove.command_line.headless.one_run import resume_headless

    return resume_headless(folder, headless_options(options), on_locked)
