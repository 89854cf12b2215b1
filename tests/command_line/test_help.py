"""`tuimove help`: the pages in a terminal, and as plain text elsewhere."""

from __future__ import annotations

import re
import sys
from contextlib import closing
from pathlib import Path

import pytest

from tests.support.in_process import InProcess
from tests.support.processes import run
from tests.support.terminal import TUIMOVE, Terminal
from tuimove.command_line.commands.help import WIDEST
from tuimove.settings.pages import page_summary, shipped_pages


def test_pages_are_listed_with_a_sentence_each(in_process: InProcess) -> None:
    done = in_process("help")
    assert done.returncode == 0
    assert [line.split()[0] for line in done.stdout.splitlines()] == list(shipped_pages())
    for line, text in zip(done.stdout.splitlines(), shipped_pages().values(), strict=True):
        assert line.endswith(page_summary(text))
        assert len(line) <= 80


@pytest.mark.parametrize("topic", shipped_pages())
def test_a_page_is_plain_text_where_there_is_no_terminal(in_process: InProcess, topic: str) -> None:
    done = in_process("help", topic)
    assert (done.returncode, done.stdout, done.stderr) == (0, shipped_pages()[topic], "")


@pytest.mark.parametrize(
    ("topic", "expected"),
    [
        ("diagnoses", "unknown topic 'diagnoses'; did you mean 'diagnosis'?"),
        ("resume", "unknown topic 'resume'; 'tuimove resume --help' tells of the command"),
        ("\x1b[31m", "topics are commands, dashboard"),
    ],
)
def test_an_unknown_topic_is_told_in_a_line(in_process: InProcess, topic: str, expected: str) -> None:
    done = in_process("help", topic)
    assert (done.returncode, done.stdout) == (2, "")
    assert expected in done.stderr
    assert done.stderr.count("\n") == 1
    assert "\x1b" not in done.stderr


def in_terminal(workplace: Path, topic: str, columns: int, lang: str = "C.UTF-8") -> str:
    """Return what a page looks like in a terminal."""
    with closing(Terminal([*TUIMOVE, "help", topic], workplace, columns, LANG=lang)) as terminal:
        assert terminal.wait() == 0
        return terminal.output.decode().replace("\r\n", "\n")


@pytest.mark.parametrize(("columns", "widest"), [(60, 60), (140, WIDEST)])
def test_a_terminal_shows_a_page_as_it_is_meant_and_not_too_wide(workplace: Path, columns: int, widest: int) -> None:
    shown = in_terminal(workplace, "experiments", columns)
    assert "\x1b[" in shown
    assert "## On a Dask cluster" not in shown
    lines = re.sub(r"\x1b\[[\d;]*m", "", shown).splitlines()
    assert max(map(len, lines)) == widest
    assert "On a Dask cluster" in [line.strip() for line in lines]


def test_a_terminal_without_unicode_shows_plain_text(workplace: Path) -> None:
    assert in_terminal(workplace, "records", 120, lang="C") == shipped_pages()["records"]


def test_rich_is_imported_for_a_terminal_only() -> None:
    script = (
        "import sys; from tuimove.command_line.main import main\n"
        "main(['help', 'runs'])\n"
        "print({'rich', 'textual', 'numpy'} & set(sys.modules), file=sys.stderr)\n"
    )
    assert run([sys.executable, "-c", script]).stderr == "set()\n"
