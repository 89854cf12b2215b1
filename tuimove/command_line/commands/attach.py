"""`tuimove attach`: shows what another process trains, and steers it."""

from __future__ import annotations

import argparse
import os

from tuimove.command_line.flags import (
    Parser,
    add_recorded_data,
    add_screen_options,
    say,
)
from tuimove.command_line.opening import require_drawing, run_screen


def add_attach(commands: argparse._SubParsersAction[Parser]) -> Parser:
    """Add the command and its flags, and return its parser."""
    attach = commands.add_parser("attach", help="watch and steer what another process trains", allow_abbrev=False)
    attach.set_defaults(command=_attach)
    attach.add_argument("run", metavar="RUN", help="id of a run or an experiment, the beginning of it, or its folder")
    add_recorded_data(attach)
    add_screen_options(attach)
    return attach


def _attach(options: argparse.Namespace) -> int:
    from tuimove.recording.folder.store import PLAN, find_run
    from tuimove.screen.one_run.attached import Attached
    from tuimove.screen.sources.attached_run import AttachedRun, await_beginning

    folder = find_run(options.run)
    drawing = require_drawing(options, "`tuimove runs` tells how it stands without a dashboard")
    if os.path.exists(folder / PLAN):
        from tuimove.screen.many_runs.grid import RunGrid
        from tuimove.screen.sources.attached_experiment import FollowingThread

        feed = FollowingThread(folder, options.data)
        return run_screen(RunGrid(feed, drawing.glyphs, drawing.fps), drawing, options)
    await_beginning(folder, say)
    return run_screen(Attached(AttachedRun(folder, options.data), drawing.glyphs, drawing.fps), drawing, options)
