"""The chart as rows of text: where its axes end, what its labels, its grid and its words say."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tuimove.screen.drawing.chart_lines import StyledText, chart_lines
from tuimove.screen.drawing.chart_view import ChartView
from tuimove.screen.drawing.line_ends import LineEnds
from tuimove.screen.drawing.series import Quantified, Series, ends_differ

SIZES = [(72, 18), (150, 40), (38, 8)]


def run_of(epochs: int, label: str = "W1", color: int = 0, factor: float = 1.0) -> Series:
    x = np.arange(0.0, epochs + 1, 10.0)
    return Series(label, x, factor * np.log1p(x), color)


def view(*series: Series, plan: float = 0.0, **fields: object) -> ChartView:
    return replace(ChartView("braille", Quantified("Distance", "weight", series), plan=plan), **fields)  # type: ignore[arg-type]


def texts(lines: list[list[StyledText]]) -> list[str]:
    return ["".join(text for text, _ in line) for line in lines]


def drawn(shown: ChartView, size: tuple[int, int] = (72, 18)) -> list[str]:
    return texts(chart_lines(shown, *size))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("log_x", [False, True])
def test_the_x_axis_ends_at_the_planned_epochs_from_the_first_frame(size: tuple[int, int], log_x: bool) -> None:
    axes = {drawn(view(run_of(epochs), plan=1000, log_x=log_x), size)[-1] for epochs in (0, 10, 500, 1000)}
    if log_x:
        axes = {axis for axis in axes if not axis.split()[1].startswith("0")}
    assert all(axis.split()[-1] == "1000" for axis in axes), axes
    assert len(axes) == (2 if log_x else 1), "which begins at the first measured epoch where it is logarithmic"


@pytest.mark.parametrize("log_x", [False, True])
def test_the_last_of_the_planned_epochs_is_at_the_right_edge(log_x: bool) -> None:
    rows = drawn(view(run_of(300), plan=300, log_x=log_x))[1:-2]
    assert max(len(row.rstrip()) for row in rows) == 72 - 1


def test_at_epoch_0_there_are_only_whole_epochs() -> None:
    assert drawn(view(run_of(0)))[-1].split() == ["epoch", "0", "1"]


def test_a_run_of_a_tenth_of_its_epochs_leaves_the_rest_empty_or_is_seen_alone() -> None:
    planned = view(run_of(120), plan=20_000)
    assert drawn(planned)[-1].split()[-1] == "20000"
    assert drawn(replace(planned, is_so_far=True))[-1].split()[-1] == "100"
    assert "so far" in drawn(replace(planned, is_so_far=True))[0]


def test_a_growing_run_rewrites_only_the_rows_of_its_end() -> None:
    """At most its last row, where the y axis stays as it is."""
    ends, before, rewritten = LineEnds(), [""] * 24, []
    for epochs in range(500, 1000, 10):
        after = texts(chart_lines(view(run_of(epochs), plan=1000), 72, 24, ends))
        rewritten.append(sum(row != other for row, other in zip(before, after, strict=True)))
        before = after
    assert max(rewritten[1:]) <= 2


def test_labels_stand_beside_the_last_points_within_the_plot() -> None:
    rows = drawn(view(run_of(300), run_of(300, "W2", 2, 0.5), plan=1000))
    for label in ("W1", "W2"):
        row = next(row for row in rows if f" {label}" in row)
        assert "\u2800" < row[row.index(label) - 2] <= "\u28ff", "a blank between"
        assert row.index(label) < 40


def test_the_grid_is_at_the_ticks_and_under_the_lines() -> None:
    shown = view(run_of(1000), plan=1000, has_grid=True)
    plain, rows = drawn(replace(shown, has_grid=False)), drawn(shown)
    assert not any("·" in row for row in plain)
    assert [row.replace("·", " ") for row in rows] == plain
    assert all("·" in row for row in rows if "┤" in row)
    crossings = drawn(replace(shown, has_colors=False))
    assert not any("·" in row for row in crossings)
    assert sum(row.count("+") for row in crossings) > 8


def test_words_stand_where_there_would_be_an_axis_without_numbers() -> None:
    nothing = Series("b1", np.arange(5.0), np.full(5, np.nan), 0)
    rows = drawn(view(nothing, words="no test: all entries have left the box"))
    assert any("no test: all entries have left the box" in row for row in rows[1:-2])
    assert not any("┤" in row for row in rows)


def test_words_leave_the_lines_alone_where_there_is_room() -> None:
    plain, told = drawn(view(run_of(1000))), drawn(view(run_of(1000), words="no number"))
    dots = [[sign for sign in "".join(rows) if "\u2800" < sign <= "\u28ff"] for rows in (plain, told)]
    assert dots[0] == dots[1]


@pytest.mark.parametrize("size", SIZES)
def test_two_quantities_have_an_axis_each(size: tuple[int, int]) -> None:
    norm = Quantified("W1: norm, its own length", "weight", [run_of(500, "norm", 1, 100)], "norm", False, "W1 norm")
    distance = Quantified("W1: distance from its start", "weight", [run_of(500)], "distance", False, "W1 distance")
    shown = replace(view(), left=distance, right=norm, plan=1000.0)
    heading, *rows = drawn(shown, size)
    short = ("left W1: distance", "right W1: norm") if size[0] > 100 else ("left W1 distance", "right W1 norm")
    assert short[0] in heading
    assert short[1][: max(0, size[0] - 30)] in heading
    assert sum("├ " in row for row in rows) >= 2
    assert all(len(row) <= size[0] for row in rows)
    numbers = [name for line in chart_lines(shown, *size) for text, name in line if "┤" in text or "├" in text]
    assert set(numbers) == {"chart--series-0", "chart--series-1"}, "in the colours of the lines"


def test_without_colours_the_heading_shows_what_the_two_lines_look_like() -> None:
    left, right = (Quantified(name, "", [run_of(500, name, color)]) for color, name in enumerate(("one", "two")))
    shown = replace(view(), left=left, right=right)
    assert "left one" in drawn(shown)[0]
    assert "left ⠤⠤ one" in drawn(replace(shown, has_colors=False))[0]
    assert "left * one" in drawn(replace(shown, glyphs="ascii"))[0]


def test_a_logarithmic_axis_says_that_its_lowest_number_stands_for_all_below() -> None:
    y = np.array([1.0, 0.5, 1e-3, 0.0, 0.0])
    p_value = Quantified("p-value", "", [Series("", np.arange(5.0) * 100, y, 0)], "p_value", is_log=True)
    rows = drawn(replace(view(), left=p_value, plan=400.0))
    assert "≤0.001" in rows[-3]
    assert rows[-3][9:].strip(), "where zeros lie"


def test_the_ends_of_runs_that_differ_ten_times_ask_for_a_logarithmic_axis_and_stay_with_it() -> None:
    near, far = [run_of(500, factor=factor) for factor in (1, 6)], [run_of(500, factor=factor) for factor in (1, 12)]
    assert ends_differ(far, so_far=False)
    assert not ends_differ(near, so_far=False)
    assert ends_differ(near, so_far=True)
    assert not ends_differ([run_of(0), *far], so_far=False), "not while one ends at 0"
