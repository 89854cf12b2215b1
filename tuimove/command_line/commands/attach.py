"""`tuimove attach`: shows what another process trains, and steers it."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

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
    from tuimove.recording.folder.run_lock import is_trained_here
    from tuimove.recording.folder.store import find_run

    return open_attached(find_run(options.run, is_trained_here, "none of them goes on now"), options)


def open_attached(folder: Path, options: argparse.Namespace) -> int:
    """Show the run or experiment in a folder, which another process trains, and return the exit code."""
    from tuimove.recording.folder.store import PLAN
    from tuimove.screen.attaching import attached_screen
    from tuimove.screen.sources.attached_run import await_beginning

    drawing = require_drawing(options, "`tuimove runs` tells how it stands without a dashboard")
    if not os.path.exists(folder / PLAN):
        await_beginning(folder, say)
    return run_screen(attached_screen(folder, drawing.glyphs, drawing.fps, options.data), drawing, options)
