"""plotext never gets a number that would end the process, and its text comes back in parts."""

from __future__ import annotations

import sys

from tests.support.processes import ROOT, run
from tuimove.reports.paper import Paper
from tuimove.reports.pictures import Picture, PlotSeries
from tuimove.reports.text_plots import PICTURE_ROWS, WIDEST, PlotLine, outline_bins, picture_text, plot_lines


def test_nothing_that_is_plotted_ends_the_process() -> None:
    """In a process of its own, since that is what would be lost."""
    script = ROOT / "tests" / "support" / "hostile_plots.py"
    ran = run([sys.executable, script])
    assert ran.returncode == 0, ran.stderr


def test_the_parts_of_a_plot_say_which_line_they_belong_to() -> None:
    rows = plot_lines([PlotLine([0, 1], [0, 1], 0), PlotLine([0, 1], [1, 0], 2)], 40, 10)
    assert len(rows) == 10
    assert {"".join(text for text, _ in row).isspace() for row in rows} == {False}
    assert {color for row in rows for _, color in row} == {None, 0, 2}
    assert not any("\x1b" in text for row in rows for text, _ in row)


def test_bars_are_outlined_over_their_edges() -> None:
    line = outline_bins(-1.0, 1.0, [3, 5], 1)
    assert list(line.x) == [-1.0, 0.0, 0.0, 1.0]
    assert list(line.y) == [3, 3, 5, 5]


def test_without_unicode_a_plot_is_ascii() -> None:
    rows = plot_lines([PlotLine([0, 1], [0, 1], 0)], 40, 10, ascii_only=True)
    assert "".join(text for row in rows for text, _ in row).isascii()


def rising(color: int = 0) -> PlotSeries:
    return PlotSeries("rising", range(0, 1001, 10), [0.01 * epoch for epoch in range(0, 1001, 10)], color)


def test_a_line_of_one_point_is_no_picture() -> None:
    assert picture_text(Picture("one", "epoch", (PlotSeries("", [0], [0], 0),)), Paper(80)) == ""


def test_a_picture_has_a_title_a_legend_and_round_ticks() -> None:
    rows = picture_text(Picture("distance [weight]", "epoch", (rising(),)), Paper(400)).splitlines()
    assert len(rows) == PICTURE_ROWS + 3
    assert max(map(len, rows)) <= WIDEST
    assert rows[:2] == ["distance [weight]", "* rising"]
    assert rows[-1].strip() == "epoch"
    assert [float(tick) for tick in rows[-2].split()] == [0, 200, 400, 600, 800, 1000]


def test_a_logarithmic_axis_has_powers_of_ten() -> None:
    points = PlotSeries("", [0.001, 0.1, 8.0], [1.0, 2.0, 3.0], 0, "points")
    rows = picture_text(Picture("ends", "rate", (points,), is_log=True), Paper(80)).splitlines()
    assert rows[-2].split() == ["0.001", "0.01", "0.1", "1", "10"]


def test_places_can_have_names_instead_of_numbers() -> None:
    points = PlotSeries("", [0, 1], [1.0, 2.0], 0, "points")
    rows = picture_text(Picture("ends", "activation", (points,), ("relu", "tanh")), Paper(80)).splitlines()
    assert rows[-2].split() == ["relu", "tanh"]


def test_a_text_is_coloured_only_where_that_is_asked_for() -> None:
    picture = Picture("two", "epoch", (rising(), rising(1)))
    assert "\x1b" not in picture_text(picture, Paper(80))
    assert "\x1b[36m" in picture_text(picture, Paper(80, has_color=True))


def test_without_colours_lines_are_told_apart_by_their_marks() -> None:
    falling = PlotSeries("falling", [0, 1000], [10, 0], 3)
    text = picture_text(Picture("two", "epoch", (rising(), falling)), Paper(80))
    assert {"*", "x"} <= set(text.partition("x falling")[2])


def test_a_constant_is_drawn_in_the_middle_with_limits_around_it() -> None:
    rows = plot_lines([PlotLine([0, 1, 2], [5, 5, 5], 0)], 40, 11)
    drawn = [place for place, row in enumerate(rows) if any(color == 0 for _, color in row)]
    assert len(drawn) == 1
    assert 3 <= drawn[0] <= 6
