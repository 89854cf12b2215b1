"""A frame turns what the terminal shows into what it is to show, in few bytes; tried on a terminal that is emulated."""

from __future__ import annotations

import math
import random

import pyte
import pytest
from rich.color import ColorSystem
from rich.segment import Segment
from rich.style import Style

from tuimove.screen.line.painter import Line, Painter
from tuimove.screen.line.rows import wide_cells

WIDTH, HEIGHT = 40, 8
STYLES = [Style.parse(words) for words in (
    "white on blue", "red on blue", "white on black", "bold green on blue", "reverse white on blue", "underline", "dim",
)]  # fmt: skip
WORDS = ["training", "trained", "paused ", " ", "          ", "⣀⡤⠖", "─┬", "12.5", "音", "epoch 10/20"]


def made_up(chance: random.Random) -> list[Line]:
    return [line_of(chance) for _ in range(HEIGHT)]


def line_of(chance: random.Random) -> list[Segment]:
    segments, room = [], WIDTH
    while room:
        segment = Segment(chance.choice(WORDS), chance.choice(STYLES))
        if segment.cell_length > room:
            segment = Segment(" " * room, chance.choice(STYLES))
        segments.append(segment)
        room -= segment.cell_length
    return segments


class Emulated:
    """A terminal, and the painter that knows what it shows."""

    def __init__(self, *, erases: bool = True) -> None:
        self.screen = pyte.Screen(WIDTH, HEIGHT)
        self.stream = pyte.Stream(self.screen)
        self.stream.feed(
            "\x1b[?7l" + "".join(f"\x1b[{row + 1}H{' ' * WIDTH}" for row in range(HEIGHT))
        )  # it erases only known cells
        self.painter = Painter(ColorSystem.TRUECOLOR, erases_in_color=erases)
        self.painter.fit(WIDTH, HEIGHT)

    def show(self, lines: list[Line], most: float = math.inf, **settings: bool) -> str:
        frame = self.painter.frame(lambda _: lines, most, **settings)
        self.stream.feed(frame)
        return frame

    @property
    def cells(self) -> list[object]:
        """What one sees: of a blank only its background, and a line through it."""
        return [
            (cell.data, cell.bg, cell.underscore, cell.reverse,
             *([] if cell.data == " " and not cell.reverse and not cell.underscore else [cell.fg, cell.bold]))
            for row in range(HEIGHT) for cell in (self.screen.buffer[row][column] for column in range(WIDTH))
        ]  # fmt: skip


@pytest.mark.parametrize("erases", [True, False])
@pytest.mark.parametrize("seed", range(8))
def test_after_any_changes_the_terminal_shows_what_a_new_one_would(seed: int, erases: bool) -> None:
    chance = random.Random(seed)
    terminal, lines = Emulated(erases=erases), made_up(chance)
    terminal.show(lines)
    for _ in range(5):
        for row in chance.sample(range(HEIGHT), 3):
            lines[row] = line_of(chance)
        terminal.painter.mark(range(HEIGHT))
        terminal.show(lines)
        new = Emulated(erases=False)
        new.show(lines)
        assert terminal.cells == new.cells
        assert terminal.screen.display == new.screen.display


@pytest.mark.parametrize("most", [1, 50])
@pytest.mark.parametrize("newest_first", [True, False])
def test_a_frame_in_parts_ends_as_a_whole_one(most: int, newest_first: bool) -> None:
    chance = random.Random(1)
    terminal, whole, lines = Emulated(), Emulated(), made_up(chance)
    parts = 0
    while terminal.painter.is_behind:
        terminal.show(lines, most, newest_first=newest_first)
        parts += 1
    whole.show(lines)
    assert 1 < parts <= HEIGHT
    assert terminal.cells == whole.cells


def test_nothing_is_written_where_nothing_has_changed() -> None:
    terminal, lines = Emulated(), made_up(random.Random(2))
    terminal.show(lines)
    terminal.painter.mark(None)
    assert terminal.show(lines) == ""


def test_after_a_key_its_rows_come_before_those_left() -> None:
    terminal, lines = Emulated(erases=False), made_up(random.Random(3))
    terminal.show(lines, 1)
    lines[7] = [Segment("x" * WIDTH)]
    terminal.painter.mark({7})
    terminal.show(lines, 1, newest_first=True)
    assert terminal.screen.display[7] == "x" * WIDTH
    assert terminal.screen.display[1].strip() == ""


def test_a_number_that_changes_takes_a_few_bytes_and_is_written_as_a_whole_word() -> None:
    style = Style.parse("white on blue")
    terminal = Emulated()
    terminal.show([[Segment("epoch 119/20000".ljust(WIDTH), style)]] * HEIGHT)
    terminal.painter.mark({3})
    changed: list[Line] = [[Segment("epoch 120/20000".ljust(WIDTH), style)]] * HEIGHT
    frame = terminal.show(changed)
    assert "epoch 120/20000" in frame
    assert len(frame) < 40


def test_what_combines_stays_with_its_character() -> None:
    assert wide_cells("e\u0301音x") == ["e\u0301", "音", "", "x"]


def test_colours_are_those_of_the_terminal() -> None:
    frames = []
    for colors in (ColorSystem.STANDARD, ColorSystem.EIGHT_BIT, ColorSystem.TRUECOLOR):
        painter = Painter(colors, erases_in_color=False)
        painter.fit(3, 1)
        frames.append(painter.frame(lambda _: [[Segment("abc", Style.parse("#ff0000"))]], math.inf))
    assert [frame.split("m")[0].split("[")[-1] for frame in frames] == ["31", "38;5;196", "38;2;255;0;0"]


def test_a_terminal_of_another_size_is_written_anew() -> None:
    painter = Painter(ColorSystem.TRUECOLOR, erases_in_color=False)
    for width in (3, 4, 4):
        painter.fit(width, 1)
        painter.mark(None)
        frame = painter.frame(lambda _, width=width: [[Segment("abcd"[:width])]], math.inf)  # type: ignore[misc]
        assert frame.endswith("abcd"[:width] if frame else "")
    assert frame == ""
