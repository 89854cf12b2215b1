"""`tuimove replay`: shows a recorded run in the dashboard at any of its epochs."""

from __future__ import annotations

import argparse

from tuimove.command_line.flags import (
    Parser,
    add_recorded_data,
    add_screen_options,
    factor,
)
from tuimove.command_line.opening import require_drawing, run_screen
from tuimove.errors import TuimoveError


def add_replay(commands: argparse._SubParsersAction[Parser]) -> Parser:
    """Add the command and its flags, and return its parser."""
    replay = commands.add_parser("replay", help="go through a recorded run in the dashboard", allow_abbrev=False)
    replay.set_defaults(command=_replay)
    replay.add_argument("run", metavar="RUN", help="a run folder, or a .jsonl or .jsonl.gz file")
    replay.add_argument(
        "--speed",
        metavar="N",
        type=factor,
        help="let it happen again, N times as fast (default: show all of it at once)",
    )
    add_recorded_data(replay)
    add_screen_options(replay)
    return replay


def _replay(options: argparse.Namespace) -> int:
    from tuimove.recording.folder.store import named_place
    from tuimove.screen.one_run.replay import Replay
    from tuimove.screen.sources.recorded_run import open_recorded

    recorded = open_recorded(named_place(options.run), options.data)
    try:
        drawing = require_drawing(options, "`tuimove check` tells the findings without a dashboard")
    except TuimoveError:
        recorded.close()
        raise
    screen = Replay(recorded, options.speed, drawing.glyphs, drawing.fps)
    return run_screen(screen, drawing, options)
