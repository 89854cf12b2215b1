"""The chart: what its keys do to the view, and that nothing a run can produce breaks it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from textual.app import ComposeResult
from textual.pilot import Pilot

from tests.support.screen_reading import screen_text, settle
from tuimove.screen.drawing.axes import format_number, format_tick, plan_axis
from tuimove.screen.drawing.chart import Chart
from tuimove.screen.drawing.raster import DOTS, Glyphs, Raster, thin_points
from tuimove.screen.drawing.series import Mark, Quantified, Series, nearest_place, smooth_series
from tuimove.screen.drawing.sparkline import draw_sparkline
from tuimove.screen.palette import ColoredApp

GLYPHS: list[Glyphs] = ["braille", "ascii"]
EPOCHS = np.arange(0.0, 1001.0, 10.0)
RUBBISH = st.lists(st.floats(width=64) | st.just(1e300) | st.just(-0.0), max_size=40)


class ChartApp(ColoredApp):
    """Holds nothing but a chart."""

    def __init__(self, glyphs: Glyphs = "braille") -> None:
        super().__init__()
        self._glyphs = glyphs

    def compose(self) -> ComposeResult:
        yield Chart(self._glyphs)


def on_chart(
    body: Callable[[Chart, Pilot[None]], Awaitable[None]], size: tuple[int, int] = (80, 20), **app: Glyphs
) -> None:
    async def run() -> None:
        application = ChartApp(**app)
        async with application.run_test(size=size) as pilot:
            chart = application.query_one(Chart)
            chart.focus()
            await body(chart, pilot)

    asyncio.run(run())


async def pressed(chart: Chart, pilot: Pilot[None], *keys: str) -> str:
    await pilot.press(*keys)
    await settle(pilot)
    return screen_text(chart.app)


def show_some(chart: Chart, last: float = 1000.0) -> None:
    x = EPOCHS[last >= EPOCHS]
    chart.show("Distance", "weight", [Series("W1", x, np.log1p(x), 0), Series("W2", x, np.log1p(x) / 2, 2)],
               [Mark(300.0, "warning"), Mark(500.0, "alarm")])  # fmt: skip


def x_numbers(text: str) -> list[str]:
    return text.splitlines()[-1].split()[1:]


def test_axes_have_units_lines_have_names_and_findings_have_marks() -> None:
    async def body(chart: Chart, pilot: Pilot[None]) -> None:
        show_some(chart)
        text = await pressed(chart, pilot)
        assert text.startswith("Distance [weight]")
        assert "epoch" in text.splitlines()[-1]
        assert " W1" in text
        assert " W2" in text
        assert "▲" in text
        assert "✖" in text

    on_chart(body)


def test_zooming_and_panning_change_the_epochs_shown_and_survive_new_data() -> None:
    async def body(chart: Chart, pilot: Pilot[None]) -> None:
        show_some(chart, 800)
        assert x_numbers(await pressed(chart, pilot))[-1] == "800"
        zoomed = x_numbers(await pressed(chart, pilot, "plus"))
        assert zoomed[0] == "400"
        show_some(chart)
        assert x_numbers(await pressed(chart, pilot)) == zoomed
        panned = x_numbers(await pressed(chart, pilot, "H"))
        assert float(panned[0]) < float(zoomed[0])
        assert x_numbers(await pressed(chart, pilot, "L")) == zoomed
        assert x_numbers(await pressed(chart, pilot, "minus"))[0] == "0"
        assert x_numbers(await pressed(chart, pilot, "plus", "0"))[-1] == "1000"

    on_chart(body)


def test_the_cursor_reads_out_epoch_and_values() -> None:
    async def body(chart: Chart, pilot: Pilot[None]) -> None:
        show_some(chart)
        assert "epoch 1000  W1 6.9088  W2 3.4544" in await pressed(chart, pilot, "left")
        chart.move_cursor_to(20)
        first = await pressed(chart, pilot, "h", "h", "h")
        assert "epoch 0  W1 0  W2 0" in first
        assert "epoch 0" not in await pressed(chart, pilot, "l")
        chart.move_cursor_to(502)
        assert "epoch 500  W1 6.2166" in await pressed(chart, pilot)
        assert "epoch 500" not in await pressed(chart, pilot, "escape")

    on_chart(body)


def test_logarithmic_axes_and_smoothing_are_named_in_the_heading() -> None:
    async def body(chart: Chart, pilot: Pilot[None]) -> None:
        show_some(chart)
        text = await pressed(chart, pilot, "x", "y", "s")
        assert "log x, log y, smoothed" in text
        assert x_numbers(text)[:2] == ["10", "20"], "from the first measured epoch on"
        assert "log x" not in await pressed(chart, pilot, "x")

    on_chart(body)


def test_a_second_press_of_0_shows_only_what_there_is_of_a_planned_run() -> None:
    async def body(chart: Chart, pilot: Pilot[None]) -> None:
        x = EPOCHS[EPOCHS <= 100]
        chart.show("Distance", "weight", [Series("W1", x, np.log1p(x), 0)], plan=20_000.0)
        assert x_numbers(await pressed(chart, pilot))[-1] == "20000"
        assert x_numbers(await pressed(chart, pilot, "0"))[-1] == "100"
        assert x_numbers(await pressed(chart, pilot, "0"))[-1] == "20000"
        zoomed = await pressed(chart, pilot, *["plus"] * 7)
        assert x_numbers(zoomed)[0] == "0", "zooming keeps the few points in sight"
        assert any("\u2800" < sign <= "\u28ff" for sign in zoomed)
        assert x_numbers(await pressed(chart, pilot, "0"))[-1] == "20000"

    on_chart(body)


def test_each_quantity_keeps_the_scale_that_the_user_gave_it() -> None:
    async def body(chart: Chart, pilot: Pilot[None]) -> None:
        lines = [Series("", EPOCHS, 1 + EPOCHS, 0)]
        loss = Quantified("Loss", "nats", lines, "loss", is_log=True)
        norm = Quantified("Norm", "weight", lines, "norm")
        for shown, log_at_first in ((loss, True), (norm, False)):
            chart.show_quantified(shown)
            assert ("log y" in await pressed(chart, pilot)) == log_at_first
            assert ("log y" in await pressed(chart, pilot, "y")) != log_at_first
        chart.show_quantified(loss)
        assert "log y" not in await pressed(chart, pilot)

    on_chart(body)


def test_a_key_shows_a_grid_and_takes_it_away() -> None:
    async def body(chart: Chart, pilot: Pilot[None]) -> None:
        show_some(chart)
        assert "+   " in await pressed(chart, pilot, "number_sign") or "·" in screen_text(chart.app)
        assert "·" not in await pressed(chart, pilot, "number_sign")

    on_chart(body)


def test_only_lines_that_changed_are_written_again() -> None:
    async def body(chart: Chart, pilot: Pilot[None]) -> None:
        show_some(chart)
        await settle(pilot)
        written: list[object] = []
        chart.refresh = lambda *regions, **_: written.extend(regions)  # type: ignore[method-assign,assignment]
        show_some(chart)
        assert not written
        chart.move_cursor_to(500)
        assert written

    on_chart(body)


@pytest.mark.parametrize("glyphs", GLYPHS)
@pytest.mark.parametrize("size", [(1, 1), (12, 2), (20, 5), (40, 12), (200, 60)])
def test_any_size_is_drawn(size: tuple[int, int], glyphs: Glyphs) -> None:
    async def body(chart: Chart, pilot: Pilot[None]) -> None:
        show_some(chart)
        await pressed(chart, pilot, "left", "plus", "x", "y", "s", "H", "minus")

    on_chart(body, size, glyphs=glyphs)


def test_rubbish_is_drawn_as_far_as_it_goes() -> None:
    """NaN, infinities, huge numbers, nothing at all: the chart stays, whatever the keys."""

    async def body(chart: Chart, pilot: Pilot[None]) -> None:
        random = np.random.default_rng(1)
        awkward = np.array([np.nan, np.inf, -np.inf, 1e300, -1e300, 1e-310, 0.0, 5.0])
        for count in (0, 1, 2, 50):
            for _ in range(10):
                y = random.choice(awkward, count)
                chart.show("rubbish", "", [Series("a", np.arange(float(count)), y, 0)])
                for key in ("toggle_log_x", "move_cursor(-1)", "toggle_log_y", "toggle_smooth", "zoom(0.5)"):
                    await chart.run_action(key)
        await settle(pilot)

    on_chart(body)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(RUBBISH, st.integers(0, 30), st.integers(0, 30), st.sampled_from(GLYPHS), st.booleans())
@example([0.0, 5e-324], 3, 3, "braille", False)
@example([5e-324], 3, 3, "braille", True)
def test_a_raster_draws_any_numbers(values: list[float], rows: int, columns: int, glyphs: Glyphs, is_log: bool) -> None:
    y = np.array(values, float)
    axis = plan_axis(y, 5, is_log=is_log)
    assert axis.low < axis.high
    assert [format_tick(tick, 0.0) for tick in axis.ticks]
    raster = Raster(rows, columns, glyphs)
    raster.draw_line(np.linspace(0, 1, len(y)), axis.shares(y), 1)
    texts, numbers = raster.cells()
    assert [len(text) for text in texts] == [columns] * rows
    assert numbers.shape == (rows, columns)
    assert len(draw_sparkline(y, columns, glyphs)) == columns


@pytest.mark.parametrize("glyphs", GLYPHS)
def test_a_line_from_corner_to_corner_crosses_every_row_and_column(glyphs: Glyphs) -> None:
    rows, columns = 6, 11
    raster = Raster(rows, columns, glyphs)
    raster.draw_line(np.array([0.0, 1.0]), np.array([0.0, 1.0]), 3)
    texts, numbers = raster.cells()
    assert texts[0][-1] != " "
    assert texts[-1][0] != " "
    assert (numbers == 3).any(axis=0).all()
    assert (numbers == 3).any(axis=1).all()
    assert DOTS[glyphs]


def test_a_gap_in_the_numbers_is_a_gap_in_the_line() -> None:
    raster = Raster(3, 9, "ascii")
    raster.draw_line(np.linspace(0, 1, 9), np.array([0.5, 0.5, 0.5, np.nan, np.nan, np.nan, 0.5, 0.5, 0.5]), 1)
    assert raster.cells()[0][1] == "***   ***"


def test_thinning_keeps_the_lowest_and_the_highest_point() -> None:
    y = np.random.default_rng(0).normal(size=100_000)
    y[[777, 55_555]] = [9.0, -9.0]
    x, thinned = thin_points(np.arange(100_000.0), y, 200)
    assert len(x) < 500
    assert thinned.max() == 9
    assert thinned.min() == -9
    assert np.all(np.diff(x) > 0)


def test_limits_stay_while_numbers_grow_a_little() -> None:
    limits = {(axis.low, axis.high) for axis in (plan_axis(np.array([0, top]), 5, is_log=False)
                                                 for top in np.linspace(10.1, 12.4, 50))}  # fmt: skip
    assert len(limits) == 1


@pytest.mark.parametrize(
    ("number", "text"),
    [(11.6742, "11.674"), (279.1321, "279.13"), (0.92051, "0.9205"), (1e-12, "1.0e-12"), (0.0, "0"),
     (123456.0, "1.2e+05"), (float("nan"), "-"), (float("-inf"), "-inf")],
)  # fmt: skip
def test_numbers_are_written_as_wide_as_others_of_their_size(number: float, text: str) -> None:
    assert format_number(number) == text
    assert len(text) <= 8


def test_a_sparkline_shows_the_newest_at_the_right_and_its_extremes() -> None:
    assert draw_sparkline(np.array([0.0, 1.0, np.nan, 0.0]), 6, "braille") == "  ▁█ ▁"
    long = np.zeros(1000)
    long[333] = 1
    assert draw_sparkline(long, 10, "braille").count("█") == 1


def test_smoothing_is_the_mean_over_neighbours() -> None:
    np.testing.assert_allclose(smooth_series(np.array([1.0, 2.0, 6.0]), 3)[1], 3.0)
    assert np.isnan(smooth_series(np.array([1.0, np.nan, 3.0]), 3)[1])


@pytest.mark.parametrize(("wanted", "place"), [(-5, 0), (0.4, 0), (0.6, 1), (99, 2)])
def test_the_nearest_point_is_found(wanted: float, place: int) -> None:
    assert nearest_place(np.array([0.0, 1.0, 2.0]), wanted) == place
