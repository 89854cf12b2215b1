"""Charts as SVG, whatever the numbers are."""

from __future__ import annotations

import math
import re
from xml.etree import ElementTree

from hypothesis import given, settings
from hypothesis import strategies as st

from tuimove.reports.page.chart import Band, Chart, Drawn, Mark
from tuimove.reports.page.svg import HEIGHT, WIDTH, svg_of

NUMBERS = st.floats() | st.floats(-1, 1) | st.sampled_from([0.0, 1e300, -1.7e308, 1.7e308, 5e-324])
LISTS = st.lists(NUMBERS, max_size=20)


def mark(number: int, epoch: float, severity: str = "alarm") -> Mark:
    return Mark(number, severity, epoch, "It grew.", f"finding-1-{number}", [(epoch, 1.0)])


def chart(*drawn: Drawn, marks: tuple[Mark, ...] = ()) -> Chart:
    return Chart("a title", "in words", "epoch", "weight", drawn, marks=marks)


def words(svg: str) -> list[str]:
    return [one.text or "" for one in ElementTree.fromstring(svg).iter("text")]


@settings(max_examples=150, deadline=None, derandomize=True, database=None)
@given(LISTS, LISTS, st.sampled_from(["line", "mean", "step", "filled", "points", "hollow"]), st.booleans(),
       st.booleans(), NUMBERS)  # fmt: skip
def test_whatever_the_numbers_are_it_is_drawn_within_its_frame(
    x: list[float], y: list[float], style: str, is_log: bool, is_y_log: bool, epoch: float
) -> None:
    one = Drawn(x, y, "q0", "<name>", style)  # type: ignore[arg-type]
    marks = (Mark(1, "alarm", epoch, "<words>", "a", [(epoch, epoch)]),) if math.isfinite(epoch) else ()
    svg = svg_of(Chart("<t>", "c", "<x>", "y", (one,), (Band(x, y, y, "k0"),), marks, (), is_log, is_y_log))
    ElementTree.fromstring(svg)
    assert not re.search(r"\b(nan|inf)\b", re.sub(r'aria-label="[^"]*"', "", svg))
    starts = [(float(a), float(b)) for a, b in re.findall(r'd="M(-?[\d.]+)[ ]?(-?[\d.]+)', svg)]
    assert all(-5 <= a <= WIDTH and 0 <= b <= HEIGHT for a, b in starts)


def test_a_chart_is_the_same_every_time() -> None:
    one = Drawn([0, 1, 2], [0, 1, 1.5], "k0", "a run")
    assert svg_of(chart(one)) == svg_of(chart(one))


def test_findings_that_would_lie_on_one_another_share_a_flag_in_the_colour_of_the_worst() -> None:
    one = Drawn([0, 100], [0, 2], "k0")
    marks = (mark(1, 50), mark(2, 51, "notice"), mark(3, 90, "notice"))
    flags = re.findall(r'<a href="#([^"]*)" class="flag (\w+)">', svg_of(chart(one, marks=marks)))
    assert flags == [("finding-1-1", "alarm"), ("finding-1-3", "notice")]
    assert {"1,2", "3"} <= {*words(svg_of(chart(one, marks=marks)))}


def test_it_is_told_to_those_who_do_not_see_it() -> None:
    svg = svg_of(chart(Drawn([0, 100], [0, 2], "k0"), Drawn([0, 100], [1, 5], "k1"), marks=(mark(1, 50),)))
    assert 'aria-label="a title. 2 lines from 0 to 5 against epoch. Finding 1 at epoch 50."' in svg


def test_long_names_of_ticks_are_broken_and_cut_to_their_room() -> None:
    ticks = ("W1, uniform start, learning rate 0.5", "W2, a name that goes on and on and on and on and on and on")
    points = Drawn([0, 1], [1, 2], "k0", style="points")
    svg = svg_of(Chart("t", "c", "", "weight", (points,), ticks=ticks))
    spans = [one.text for one in ElementTree.fromstring(svg).iter("tspan")]
    assert spans[:3] == ["W1", "uniform start", "learning rate 0.5"]
    assert str(spans[-1]).endswith("…")
    assert ticks[1] in svg, "whole under the mouse"
