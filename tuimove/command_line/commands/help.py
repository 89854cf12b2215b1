"""`tuimove help`: lists the pages of documentation, or shows one."""

from __future__ import annotations

import argparse
import os
import sys

from tuimove.command_line.flags import (
    Parser,
)
from tuimove.errors import ExitCode, TuimoveError, nearest_of

WIDEST = 100
"""Greatest width of a page, in columns: longer lines of prose are hard to read."""


def add_help(commands: argparse._SubParsersAction[Parser]) -> Parser:
    """Add the command, and return its parser."""
    page = commands.add_parser("help", help="list the pages of documentation, or show one", allow_abbrev=False)
    page.set_defaults(command=_help)
    page.add_argument("topic", metavar="TOPIC", nargs="?", help="the page to show")
    return page


def _help(options: argparse.Namespace) -> int:
    from tuimove.settings.pages import shipped_pages

    if options.topic is None:
        _list_pages()
    elif options.topic not in shipped_pages():
        raise TuimoveError(f"unknown topic {options.topic!r}{_suggestion(options.topic)}")
    elif _can_lay_out():
        _lay_out(shipped_pages()[options.topic])
    else:
        print(shipped_pages()[options.topic], end="")
    return ExitCode.FINISHED


def _list_pages() -> None:
    """Print a line for each page."""
    from tuimove.reports.text_table import table_lines
    from tuimove.settings.pages import page_summary, shipped_pages

    for line in table_lines([(topic, page_summary(text)) for topic, text in shipped_pages().items()], left=2):
        print(line)


def _suggestion(topic: str) -> str:
    """Return a suggestion for an unknown topic; for a command, its `--help`."""
    from tuimove.settings.pages import shipped_pages

    pages = shipped_pages()
    if f"\n## {topic}\n" in pages["commands"] and topic.islower():
        return f"; 'tuimove {topic} --help' tells of the command"
    return nearest_of(topic, pages) or f"; topics are {', '.join(pages)}"


def _can_lay_out() -> bool:
    """Return whether standard output is a terminal with more than plain ASCII text."""
    is_utf8 = sys.stdout.encoding.lower().replace("-", "") == "utf8"
    return sys.stdout.isatty() and is_utf8 and os.environ.get("TERM", "") != "dumb"


def _lay_out(text: str) -> None:
    """Print a page of Markdown formatted for a terminal."""
    from rich.console import Console
    from rich.markdown import Markdown

    console = Console(file=sys.stdout)
    console.width = min(console.width, WIDEST)
    console.print(Markdown(text, hyperlinks=False))
