"""The histogram panel as a person reads it, at every size."""

from __future__ import annotations

import os
from dataclasses import replace

import numpy as np
import pytest

from tests.support.screen_reading import RUN, Watching, measurement, watch
from tuimove.diagnosis.matrix_measurement import Histogram, MatrixMeasurement
from tuimove.diagnosis.measurement import measure_matrix
from tuimove.recording.record import MeasurementRecord
from tuimove.screen.app import ScreenOptions
from tuimove.screen.drawing.bars import axis_lines, draw_bars, plan_range, share_below, uniform_law
from tuimove.screen.one_run.histogram_words import entries_clauses, fitting_lines, movement_clauses
from tuimove.settings.starting_law import StartingLaw

UNIFORM = StartingLaw("uniform", 0.5)
SIZES = [(40, 12), (59, 17), (60, 18), (80, 24), (109, 40), (110, 31), (110, 32), (110, 37), (110, 38), (120, 40),
         (160, 50), (200, 60)]  # fmt: skip


def biases(move: float) -> MatrixMeasurement:
    """Return what is measured of ten biases that have moved far, each as far as the other."""
    start = np.linspace(-0.4, 0.4, 10, dtype=np.float32).reshape(1, 10)
    return measure_matrix(start + np.float32(move), start, start, np.ones(1, np.bool_), UNIFORM)


def with_biases(epoch: int, move: float) -> MeasurementRecord:
    record = measurement(epoch)
    return replace(record, matrices={**record.matrices, "b1": biases(move)})


SOME = [with_biases(0, 0.0), *(with_biases(epoch, 0.7) for epoch in range(10, 101, 10))]


def plot_rows(text: str) -> list[str]:
    """Return the rows of the plot on the screen, without its axis: those with a block or with dots."""
    lines = text.splitlines()
    title = next(place for place, line in enumerate(lines) if "2 histogram" in line)
    column = lines[title].index("2 histogram")
    end = next(place for place, line in enumerate(lines) if "started uniform" in line)
    dots = {chr(code) for code in range(0x2801, 0x2900)}
    return [line[column:] for line in lines[title + 2 : end] if set(line[column:]) & (dots | set("▁▂▃▄▅▆▇█"))]


@pytest.mark.parametrize("size", SIZES)
def test_there_is_a_plot_of_four_rows_and_a_whole_sentence_at_every_size(size: tuple[int, int]) -> None:
    async def body(watching: Watching) -> None:
        await watching.tell(RUN, *SOME)
        text = await watching.press("2")
        assert len(plot_rows(text)) >= 4
        assert "started uniform in ±0.5" in text
        assert "W1 entries" in text

    watch(body, size)


def test_a_few_biases_are_a_mark_each_and_their_movement_is_seen_wherever_it_lies() -> None:
    async def body(watching: Watching) -> None:
        await watching.tell(RUN, *SOME)
        text = await watching.press("2", "m")
        plot = "".join(text.splitlines(keepends=True)[1:])
        assert plot.count("●") == 1 + 10, "the legend, and ten biases"
        assert plot.count("○") == 1 + 10
        assert "7 of 10 have left it" in text
        text = await watching.press("o")
        assert "movement of the entries" in text
        assert text.count("●") == 1 + 10, "the header's, and ten biases"
        assert "all have moved, by 0.7 (RMS)" in text

    watch(body, (80, 24))


def test_keys_redraw_at_once_while_paused() -> None:
    async def body(watching: Watching) -> None:
        await watching.tell(RUN, *SOME)
        await watching.press("space", "2")
        assert "b1 entries" in await watching.press("m")
        assert "b1 movement" in await watching.press("o")
        assert "W2 movement" in await watching.press("m")

    watch(body, (80, 24))


def test_now_and_the_start_law_differ_by_more_than_their_colour(monkeypatch: pytest.MonkeyPatch) -> None:
    """The bars are blocks, the law is a line of dots, and the legend says so."""
    monkeypatch.setitem(os.environ, "NO_COLOR", "1")

    async def body(watching: Watching) -> None:
        await watching.tell(RUN, *SOME)
        text = await watching.press("2")
        assert "■ now" in text
        assert "⠒⠒ start law" in text
        assert "[2] histogram" in text
        assert any(0x2801 <= ord(sign) <= 0x28FF for row in text.splitlines()[6:] for sign in row)

    watch(body, (80, 24))


def test_without_unicode_bars_and_law_have_letters() -> None:
    async def body(watching: Watching) -> None:
        await watching.tell(RUN, *SOME)
        text = await watching.press("2")
        assert "# now" in text
        assert "x start law" in text
        assert "started uniform in +-0.5" in text
        assert text.isascii()

    watch(body, (80, 24), options=ScreenOptions(glyphs="ascii"))


def test_bars_hold_what_was_counted_whatever_their_width() -> None:
    """A density is compared with the law's, and ends where the entries do."""
    histogram = Histogram(-1.0, 1.0, 0, [0] * 16 + [10] * 32 + [0] * 16, 0)
    rows = draw_bars(share_below(histogram), uniform_law(0.5), plan_range(-1, 1, 40), 40, 8, "braille")
    text = ["".join(part for part, _ in row) for row in rows]
    assert all(len(row) == 40 for row in text)
    full = text[3]
    assert full[:9].strip() == "" == full[31:].strip()
    assert set(full[11:29]) == {"█"}


def test_what_no_number_can_be_is_drawn_harmlessly() -> None:
    for low, high, count in ((-1e308, 1e308, 2**52), (-5e-324, 5e-324, 1), (0.0, 0.0, 0)):
        histogram = Histogram(low, high, count, [count] * 64, count)
        rows = draw_bars(share_below(histogram), None, plan_range(low, high, 30), 30, 6, "ascii")
        assert [sum(len(part) for part, _ in row) for row in rows] == [30] * 6


def test_the_sentence_says_how_it_started_and_what_has_become_of_it() -> None:
    one = measurement(10).matrices["W1"]
    assert entries_clauses(UNIFORM, replace(one, escaped=0.026)) == ["started uniform in ±0.5", "2.6 % have left it"]
    assert entries_clauses(UNIFORM, replace(one, escaped=0.0))[1] == "none has left it"
    normal = StartingLaw("normal", 0.1)
    assert entries_clauses(normal, replace(one, sd=0.104)) == ["started normal, sd 0.1", "sd 0.104 now"]
    assert entries_clauses(None, one)[0] == "unknown start law"
    assert movement_clauses(replace(one, frozen=1.0)) == ["nothing has moved yet"]
    assert movement_clauses(one)[0] == "8.5 % have never moved"
    assert movement_clauses(one)[2] == "3 beyond ±0.25", "an older record, with bins that don't follow"


def test_a_sentence_is_cut_between_clauses_and_never_within_a_word() -> None:
    clauses = ["started uniform in ±0.5", "2.6 % have left it", "10 beyond ±1"]
    assert fitting_lines(clauses, 60, 1) == ["started uniform in ±0.5; 2.6 % have left it; 10 beyond ±1"]
    assert fitting_lines(clauses, 44, 1) == ["started uniform in ±0.5; 2.6 % have left it"]
    assert fitting_lines(clauses, 40, 1) == ["started uniform in ±0.5"]
    assert fitting_lines(clauses, 40, 2) == ["started uniform in ±0.5;", "2.6 % have left it; 10 beyond ±1"]
    assert fitting_lines(clauses, 10, 1) == []


@pytest.mark.parametrize(("low", "high"), [(-0.54, 0.54), (-0.003, 0.0031), (-0.02, 1.4), (-37, 3), (-11, 12), (0, 7)])
@pytest.mark.parametrize("width", [18, 24, 36, 70])
def test_a_plot_has_two_numbers_at_least(low: float, high: float, width: int) -> None:
    """A 0 alone tells no scale."""
    ((numbers,),) = axis_lines(plan_range(low, high, width), width, 1, "braille")
    assert len(numbers[0].split()) >= 2


@pytest.mark.parametrize("width", [22, 46, 70])
@pytest.mark.parametrize(("low", "high"), [(-1.31, 0.97), (-1.0, 0.6), (-0.72, 0.69), (-3.0, 8.0), (-0.4, 0.15)])
def test_there_are_numbers_on_both_sides_of_0(low: float, high: float, width: int) -> None:
    ticks = plan_range(low, high, width).ticks
    assert low <= min(ticks) < 0 < max(ticks) <= high
