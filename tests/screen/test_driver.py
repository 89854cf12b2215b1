"""The dashboard in a terminal that answers, stops answering, or never did: it is drawn on, and keys act."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.conftest import random_digits, write_idx_folder
from tests.support.terminal import QUERY, TUIMOVE, Terminal

FRAME = b"H" + QUERY
"""How a frame ends: with the cursor's place, and the query."""


@pytest.fixture
def open_terminal(tmp_path: Path) -> Iterator[Callable[[], Terminal]]:
    data = write_idx_folder(tmp_path / "data", random_digits(200, (6, 5), 4))
    opened: list[Terminal] = []

    def start() -> Terminal:
        command = [*TUIMOVE, "run", "same-network", "--data", data, "--out", tmp_path / "run", "--fps", 20,
                   "--set", "training.epochs=1000000000", "--set", "measure.every=100"]  # fmt: skip
        opened.append(Terminal([*map(str, command)], tmp_path))
        return opened[-1]

    yield start
    for terminal in opened:
        terminal.close()


def recorded(tmp_path: Path) -> int:
    path = tmp_path / "run" / "records.jsonl"
    return path.read_bytes().count(b"\n") if path.exists() else 0


def read_until_recorded(terminal: Terminal, tmp_path: Path, more: int) -> None:
    before = recorded(tmp_path)
    terminal.read_until(lambda: recorded(tmp_path) > before + more, f"{more} more records")


def stop(terminal: Terminal) -> None:
    """Quit, and stop the run where the program asks, though nobody sees the question."""
    terminal.press("q")
    while not terminal.has_ended:
        terminal.read_for(0.2)
        terminal.press("S")


def test_while_a_frame_is_unanswered_none_is_written_but_keys_act(
    open_terminal: Callable[[], Terminal], tmp_path: Path
) -> None:
    terminal = open_terminal()
    terminal.read_words("training")
    read_until_recorded(terminal, tmp_path, 50)
    assert terminal.output.count(FRAME) > 1
    terminal.answers = False
    before = len(terminal.output)
    read_until_recorded(terminal, tmp_path, 200)
    assert terminal.output.count(FRAME, before) <= 1
    stop(terminal)
    assert terminal.wait() == 0
    assert terminal.is_as_before()
    assert b"\x1b[?1049l" in terminal.output[before:]


def test_a_terminal_that_never_answers_is_drawn_on_all_the_same(
    open_terminal: Callable[[], Terminal], tmp_path: Path
) -> None:
    terminal = open_terminal()
    terminal.answers = False
    terminal.read_words("training")
    before = len(terminal.output)
    terminal.press_for(" ", "paused")
    assert terminal.output.count(QUERY, before) <= 1
    stop(terminal)
    assert terminal.wait() == 0
    assert recorded(tmp_path)
