"""`tuimove reproduce`: trains the source document's presets and reports on them."""

from __future__ import annotations

import argparse
from pathlib import Path

from tuimove.command_line.flags import (
    Parser,
    path,
    positive,
)


def add_reproduce(commands: argparse._SubParsersAction[Parser]) -> Parser:
    """Add the command and its flags, and return its parser."""
    reproduce = commands.add_parser(
        "reproduce", help="train what the source document shows, and report on it", allow_abbrev=False
    )
    reproduce.set_defaults(command=_reproduce)
    reproduce.add_argument(
        "--out",
        metavar="DIR",
        type=path,
        default=Path("reproduced"),
        help="keep runs and report in this folder, and train only what it doesn't hold yet (default: reproduced)",
    )
    reproduce.add_argument(
        "--seeds", metavar="N", type=positive, default=5, help="networks of each configuration (default: 5)"
    )
    reproduce.add_argument("--threads", metavar="N", type=positive, help="threads in all (default: one a processor)")
    return reproduce


def _reproduce(options: argparse.Namespace) -> int:
    from tuimove.command_line.headless.reproduction import reproduce_document

    return reproduce_document(options.out, options.seeds, options.threads)
