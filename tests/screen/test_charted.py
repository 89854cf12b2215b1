"""The chart of one run as a person reads it: titles in plain words, two quantities at once, why a number is missing."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from tests.support.screen_reading import END, RUN, Watching, matrix_measurement, measurement, watch
from tuimove.recording.record import MeasurementRecord
from tuimove.screen.drawing.chart import Chart
from tuimove.screen.one_run.charted import Shown, charted_matrices, charted_run, missing_words, planned_end
from tuimove.screen.one_run.quantities import QUANTITIES, Quantity, next_quantity
from tuimove.screen.one_run.state import RunState
from tuimove.settings.preset_reading import load_preset

SOME = [measurement(epoch) for epoch in range(0, 301, 10)]


def named(column: str) -> Quantity:
    return next(one for one in QUANTITIES if one.column == column)


def without_test(escaped: float) -> MeasurementRecord:
    """Return a measurement whose b1 can't be tested."""
    record = measurement(310)
    untested = replace(matrix_measurement(), p_value=math.nan, effect=math.nan, escaped=escaped)
    return replace(record, matrices={**record.matrices, "b1": untested})


def shown_of(*records: object, matrix: str = "W1") -> Shown:
    state = RunState(load_preset("same-network"))
    state.take([RUN, *records])  # type: ignore[list-item]
    return Shown(state, state.history, matrix, "braille")


@pytest.mark.parametrize(
    ("column", "title"),
    [("distance", "W1: distance from its start"), ("loss", "Training loss"), ("test_accuracy", "Test accuracy"),
     ("p_value", "W1: p-value, does it still follow its starting law?"),
     ("effect", "W1: effect size, how far it is from its starting law")],
)  # fmt: skip
def test_a_title_says_in_plain_words_what_is_measured(column: str, title: str) -> None:
    charted = charted_matrices(shown_of(*SOME), named(column), ["W1"])
    assert charted.left.title == title
    assert charted.left.unit == named(column).unit != ""
    assert charted.left.is_log == (column in ("loss", "p_value"))


def test_the_matrix_on_all_panels_is_the_line_in_front() -> None:
    shown = shown_of(*SOME, matrix="b1")
    everything = charted_run(shown, named("distance"), None, None, shows_all=True)
    colors = {one.label: one.color for one in everything.left.series}
    assert everything.front == colors["b1"]
    assert len(set(colors.values())) == 4
    listed = charted_run(shown, named("distance"), None, (["W2", "b1"], ["W1"]), shows_all=False)
    assert listed.front == 1


@pytest.mark.parametrize(
    ("escaped", "words"),
    [(1.0, "no test: all entries have left the box"), (0.7, "no test: too many of its entries have left the box")],
)
def test_a_matrix_without_a_test_says_why(escaped: float, words: str) -> None:
    shown = shown_of(*SOME, without_test(escaped), matrix="b1")
    assert missing_words(shown, named("p_value")) == words
    assert missing_words(shown, named("distance")) == ""
    assert missing_words(replace(shown, matrix="W1"), named("p_value")) == ""


def test_the_axis_ends_as_planned_until_the_run_has_ended_earlier() -> None:
    state = shown_of(*SOME).state
    assert planned_end(state) == 1000
    state.take([replace(END, status="stopped", epochs=300)])
    assert planned_end(state) == 300
    unfinished = shown_of(*SOME).state
    unfinished.phase = "unfinished"
    assert planned_end(unfinished) == 300


@pytest.mark.parametrize(("phase", "end"), [("training", 1000), ("paused", 1000), ("gone", 300), ("failed", 300)])
def test_the_axis_ends_at_the_last_epoch_once_nobody_trains(phase: str, end: float) -> None:
    state = RunState(load_preset("same-network"))
    state.take([RUN, measurement(0), measurement(300)])
    state.phase = phase
    assert planned_end(state) == end


def test_the_next_quantity_passes_over_the_one_that_is_there_already() -> None:
    first, second, third, *_ = QUANTITIES
    assert next_quantity(QUANTITIES, first, 1) == second
    assert next_quantity(QUANTITIES, first, 1, second) == third
    assert next_quantity(QUANTITIES, third, -1, second) == first
    assert next_quantity(QUANTITIES[:1], first, 1) == first


def test_a_key_charts_the_next_quantity_too_and_takes_it_away() -> None:
    async def body(watching: Watching) -> None:
        await watching.tell(RUN, *SOME)
        text = await watching.press("b")
        assert "left W1 distance [weight]  right W1 norm [weight]" in text
        assert "├ 2" in text
        text = await watching.press("v")
        assert "left test acc [share of images]  right W1 norm [weight]" in text
        text = await watching.press("left")
        assert "test acc 0." in text
        assert "norm 25." in text
        assert "right" not in (await watching.press("escape", "b")).splitlines()[6]

    watch(body)


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)])
def test_the_first_frame_already_has_the_axis_of_the_last(size: tuple[int, int]) -> None:
    async def body(watching: Watching) -> None:
        def axis(text: str) -> str:
            return next(line for line in text.splitlines() if line.strip().startswith("epoch   0 "))[:70]

        first = axis(await watching.tell(RUN, SOME[0]))
        assert first == axis(await watching.tell(*SOME[1:]))
        assert "400" in first

    watch(body, size)


def test_a_box_that_all_have_left_is_told_in_the_plot() -> None:
    gone = [replace(one, matrices={**one.matrices, "b1": without_test(1.0).matrices["b1"]}) for one in SOME]

    async def body(watching: Watching) -> None:
        await watching.tell(RUN, *gone)
        text = await watching.press("m", *["v"] * 5)
        assert "b1: p-value, does it still follow its starting law? [probability]" in text
        assert "no test: all entries have left the box" in text
        assert "no test: all entries have left the box" in await watching.press("v")
        assert "effect size" in await watching.read()
        assert np.isnan(watching.dashboard.charted.latest("b1.effect"))
        assert watching.dashboard.query_one(Chart).has_focus

    watch(body, (80, 24))
