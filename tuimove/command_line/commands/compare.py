"""`tuimove compare`: shows recorded runs in one picture and one table."""

from __future__ import annotations

import argparse

from tuimove.command_line.flags import (
    Parser,
    add_screen_options,
)
from tuimove.command_line.opening import open_comparison
from tuimove.errors import ExitCode


def add_compare(commands: argparse._SubParsersAction[Parser]) -> Parser:
    """Add the command and its flags, and return its parser."""
    compare = commands.add_parser("compare", help="lay recorded runs over one another", allow_abbrev=False)
    compare.set_defaults(command=_compare)
    compare.add_argument(
        "runs", metavar="RUN", nargs="+", help="run folders, experiments' folders, .jsonl or .jsonl.gz files, or -"
    )
    compare.add_argument(
        "--of",
        metavar="QUANTITY",
        help="such as W2.norm or loss (default: the distance of the first weights, such as W1.distance)",
    )
    compare.add_argument("--ui", action="store_true", help="on the dashboard's screen of many runs, not printed")
    add_screen_options(compare)
    compare.add_argument(
        "--against",
        metavar="AXIS",
        choices=("epoch", "log-epoch", "seconds"),
        default="epoch",
        help="epoch, log-epoch or seconds (default: epoch)",
    )
    return compare


def _compare(options: argparse.Namespace) -> int:
    if options.ui:
        return open_comparison(options)
    from tuimove.recording.folder.store import named_place
    from tuimove.reports.compare import compare_runs

    compare_runs([named_place(run) for run in options.runs], options.of, options.against)
    return ExitCode.FINISHED
