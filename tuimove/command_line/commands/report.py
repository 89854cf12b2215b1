"""`tuimove report`: writes recorded runs as tables, figures and data files."""

from __future__ import annotations

import argparse
from pathlib import Path

from tuimove.command_line.flags import (
    Parser,
    path,
)
from tuimove.errors import ExitCode


def add_report(commands: argparse._SubParsersAction[Parser]) -> Parser:
    """Add the command and its flags, and return its parser."""
    report = commands.add_parser(
        "report", help="tables, figures and data files of recorded runs, beside the source document", allow_abbrev=False
    )
    report.set_defaults(command=_report)
    report.add_argument(
        "runs", metavar="RUN", nargs="+", help="run folders, experiments' folders, .jsonl or .jsonl.gz files, or -"
    )
    report.add_argument(
        "--out",
        metavar="DIR",
        type=path,
        default=Path("report"),
        help="write it into this new folder (default: report)",
    )
    return report


def _report(options: argparse.Namespace) -> int:
    from tuimove.recording.folder.store import named_place
    from tuimove.reports.report import report_runs

    report_runs([named_place(run) for run in options.runs], options.out)
    return ExitCode.FINISHED
