"""Lines on a raster of dots: each can be told from the others, also where they meet."""

from __future__ import annotations

import numpy as np
import pytest

from tuimove.screen.drawing.raster import DASHES, EMPTY, SHARED, Raster

ALONG_X = np.array([0.0, 1.0])
UP, DOWN, MIDDLE, TOP = np.array([0.0, 1.0]), np.array([1.0, 0.0]), np.array([0.5, 0.5]), np.array([1.0, 1.0])
FIRST, SECOND, THIRD = 1, 2, 3


def drawn(*lines: np.ndarray, front: int | None = None, **how: bool) -> tuple[list[str], np.ndarray]:
    raster = Raster(9, 30, "braille", **how)
    for number, y in enumerate(lines, FIRST):
        raster.draw_line(ALONG_X, y, number)
    return raster.cells(front)


def test_where_two_lines_cross_the_cell_is_neither_s() -> None:
    _, numbers = drawn(UP, DOWN)
    assert numbers[4, 14:16].tolist() == [SHARED, SHARED]
    assert numbers[0, 0] == SECOND
    assert numbers[0, -1] == FIRST
    assert (numbers == SHARED).sum() <= 4


@pytest.mark.parametrize("front", [FIRST, SECOND])
def test_the_line_in_front_has_every_cell_that_it_passes(front: int) -> None:
    _, alone = drawn((UP, DOWN)[front - 1])
    _, numbers = drawn(UP, DOWN, front=front)
    assert (numbers[alone != EMPTY] == front).all()
    assert SHARED not in numbers


@pytest.mark.parametrize("front", [None, FIRST])
def test_lines_upon_each_other_take_turns_so_that_each_is_seen(front: int | None) -> None:
    texts, numbers = drawn(MIDDLE, MIDDLE, MIDDLE, front=front)
    row = numbers[numbers.max(axis=1) > EMPTY][0]
    assert set(row.tolist()) == {FIRST, SECOND, THIRD}
    assert len(set("".join(texts).split())) == 1, "one unbroken line"
    assert all((row == number).sum() >= 6 for number in (FIRST, SECOND, THIRD))


def test_lines_that_only_touch_for_a_moment_do_not_take_turns() -> None:
    raster = Raster(9, 30, "braille")
    x = np.linspace(0, 1, 30)
    raster.draw_line(x, np.full(30, 0.5), FIRST)
    raster.draw_line(x, np.where(abs(x - 0.5) < 0.05, 0.5, 0.9), SECOND)
    _, numbers = raster.cells()
    assert (numbers == SHARED).any()
    assert (numbers[:, :10] != SECOND)[4].all()


def test_lines_underneath_lose_every_cell_that_another_needs() -> None:
    raster = Raster(9, 30, "braille")
    raster.draw_line(ALONG_X, UP, 0)
    raster.draw_line(ALONG_X, DOWN, FIRST)
    _, numbers = raster.cells()
    assert set(np.unique(numbers).tolist()) == {EMPTY, 0, FIRST}


def test_without_colours_each_line_has_dashes_of_its_own() -> None:
    patterns = []
    for number in range(5):
        raster = Raster(3, 30, "braille", is_dashed=True)
        raster.draw_line(ALONG_X, MIDDLE, number)
        patterns.append(next(text for text in raster.cells()[0] if text.strip()))
    assert len(set(patterns)) == len(patterns) == len(DASHES)


def test_in_ascii_each_line_and_each_crossing_has_a_sign() -> None:
    raster = Raster(9, 9, "ascii")
    raster.draw_line(ALONG_X, UP, FIRST)
    raster.draw_line(ALONG_X, DOWN, SECOND)
    texts, _ = raster.cells()
    assert (texts[0][0], texts[0][-1]) == ("+", "*")
    assert "#" in texts[4]
