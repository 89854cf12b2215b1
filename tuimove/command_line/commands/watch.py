"""`tuimove watch`: shows the newest run that goes on."""

from __future__ import annotations

import argparse

from tuimove.command_line.commands.attach import open_attached
from tuimove.command_line.flags import (
    Parser,
    add_recorded_data,
    add_screen_options,
)
from tuimove.errors import TuimoveError


def add_watch(commands: argparse._SubParsersAction[Parser]) -> Parser:
    """Add the command and its flags, and return its parser."""
    watch = commands.add_parser("watch", help="attach to the newest run that goes on", allow_abbrev=False)
    watch.set_defaults(command=_watch)
    add_recorded_data(watch)
    add_screen_options(watch)
    return watch


def _watch(options: argparse.Namespace) -> int:
    from tuimove.recording.folder.run_summary import living_runs

    running = living_runs()
    if not running:
        advice = "`tuimove runs` lists those that have ended, `tuimove run PRESET` begins one"
        raise TuimoveError(f"no run goes on here now: {advice}")
    return open_attached(running[0], options)
