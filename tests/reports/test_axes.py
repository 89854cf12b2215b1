"""The axes of a chart: round numbers, zero where it is near, and no number that can't be drawn."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tuimove.reports.page.axes import Axis, has_outliers, shown, spans_decades, x_axis, y_axis


@pytest.mark.parametrize(
    ("low", "high", "ticks"),
    [
        (0, 10, [0, 2, 4, 6, 8, 10]),
        (0, 1000, [0, 200, 400, 600, 800, 1000]),
        (0, 0.3, [0, 0.1, 0.2, 0.3]),
        (-3, 3, [-2, 0, 2]),
    ],
)
def test_ticks_are_round_numbers(low: float, high: float, ticks: list[float]) -> None:
    assert Axis(low, high, 0, 100).ticks(4 if low < 0 or high == 0.3 else 5) == pytest.approx(ticks)


def test_ticks_of_a_logarithmic_axis_are_powers_of_ten_with_2_and_5_between_few() -> None:
    assert x_axis([0.001, 10], 0, 100, is_log=True).ticks(5) == pytest.approx([0.001, 0.01, 0.1, 1, 10])
    assert x_axis([1, 20], 0, 100, is_log=True).ticks(5) == pytest.approx([1, 2, 5, 10, 20])


def test_epochs_have_no_ticks_between_whole_numbers() -> None:
    assert Axis(0, 3, 0, 100).ticks(5, whole=True) == [0, 1, 2, 3]


def test_an_axis_starts_at_zero_where_the_numbers_come_near_it() -> None:
    assert y_axis([1, 10], 100, 0, is_log=False).low == 0
    assert y_axis([9, 10], 100, 0, is_log=False).low == pytest.approx(8.96)


def test_ends_over_decades_and_outliers_are_told() -> None:
    assert spans_decades([0.1, 10])
    assert not spans_decades([-1, 10])
    assert has_outliers([0, 1, 1, 1, 1e9])
    assert not has_outliers([0, 1, 2, 3])


@pytest.mark.parametrize(("number", "text"), [(0.01, "0.01"), (20.0, "20"), (2e6, "2e6"), (1.5e-9, "1.5e-9")])
def test_numbers_are_shown_in_few_characters(number: float, text: str) -> None:
    assert shown(number) == text


@settings(max_examples=200, deadline=None, derandomize=True, database=None)
@given(st.lists(st.floats(), max_size=5), st.booleans())
def test_whatever_the_numbers_are_those_it_can_show_lie_on_it(numbers: list[float], is_log: bool) -> None:
    axis = y_axis(numbers, 200, 10, is_log=is_log)
    for number in [*filter(axis.has, numbers), *axis.ticks(5)]:
        assert 9.9 <= axis.place(number) <= 200.1
