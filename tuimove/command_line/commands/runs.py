"""`tuimove runs`: lists stored runs, and removes old ones."""

from __future__ import annotations

import argparse

from tuimove.command_line.flags import (
    Parser,
    days,
)


def add_runs(commands: argparse._SubParsersAction[Parser]) -> Parser:
    """Add the command and its flags, and return its parser."""
    runs = commands.add_parser("runs", help="list your runs: going on, ended, or cut short", allow_abbrev=False)
    runs.set_defaults(command=_runs)
    runs.add_argument("--json", action="store_true", help="print one JSON object a line instead of a table")
    runs.add_argument(
        "--prune", action="store_true", help="say which old runs could be removed; with --yes, remove them"
    )
    runs.add_argument(
        "--older-than", metavar="DAYS", type=days, default=7.0, help="with --prune: unchanged for so long (default: 7)"
    )
    runs.add_argument("--yes", action="store_true", help="with --prune: do it")
    return runs


def _runs(options: argparse.Namespace) -> int:
    from tuimove.command_line.headless.run_list import list_runs, prune_runs

    if options.prune:
        return prune_runs(options.older_than, dry_run=not options.yes)
    if options.yes:
        options.parser.error("--yes goes with --prune")
    return list_runs(as_json=options.json)
