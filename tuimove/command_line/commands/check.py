"""`tuimove check`: diagnoses a recorded run again."""

from __future__ import annotations

import argparse

from tuimove.command_line.flags import (
    Parser,
    add_fail_on,
    parse_assignment,
)


def add_check(commands: argparse._SubParsersAction[Parser]) -> Parser:
    """Add the command and its flags, and return its parser."""
    check = commands.add_parser("check", help="diagnose a recorded run again", allow_abbrev=False)
    check.set_defaults(command=_check)
    check.add_argument("run", metavar="RUN", help="a run folder, a .jsonl or .jsonl.gz file, or - for standard input")
    check.add_argument(
        "--set",
        metavar="KEY=VALUE",
        action="append",
        default=[],
        dest="assignments",
        help="change a limit, such as diagnosis.jump=0.5",
    )
    add_fail_on(check)
    return check


def _check(options: argparse.Namespace) -> int:
    from tuimove.recording.folder.store import named_place
    from tuimove.reports.check import check_run

    return check_run(
        named_place(options.run), [parse_assignment(text) for text in options.assignments], options.fail_on
    )
