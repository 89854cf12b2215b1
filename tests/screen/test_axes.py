"""Axes: where they end, what stands at their ticks, and that zeros are seen on logarithmic ones."""

from __future__ import annotations

import numpy as np
import pytest

from tuimove.screen.drawing.axes import format_tick, open_end, plan_axis, plan_exact_axis


def ticks(low: float, high: float, *, is_log: bool = False, is_whole: bool = True) -> list[str]:
    axis = plan_exact_axis(low, high, 6, is_log=is_log, is_whole=is_whole)
    step = 0.0 if is_log or len(axis.ticks) < 2 else axis.ticks[1] - axis.ticks[0]
    return [format_tick(tick, step) for tick in axis.ticks]


def test_an_axis_of_epochs_ends_where_it_is_told_and_counts_whole_ones() -> None:
    axis = plan_exact_axis(0, 317, 6, is_log=False)
    assert (axis.low, axis.high) == (0, 317)
    assert ticks(0, 300) == ["0", "100", "200", "300"]
    assert ticks(0, 1) == ["0", "1"]
    assert ticks(0, 1, is_whole=False) == ["0", "0.2", "0.4", "0.6", "0.8", "1.0"]
    assert ticks(1, 300, is_log=True) == ["1", "10", "100"]


@pytest.mark.parametrize("last", [1.0, 7.0, 119.0, 301.0, 1001.0, 123_456.0])
def test_without_a_plan_at_most_a_quarter_of_an_axis_is_empty(last: float) -> None:
    assert last <= open_end(last) <= last / 0.75 + 1e-9


def test_an_axis_without_a_plan_stays_while_a_run_grows_by_a_tenth() -> None:
    ends = [open_end(last) for last in np.arange(100.0, 1000.0)]
    assert len(set(ends)) <= len([1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10])


def test_zeros_and_what_is_too_small_lie_on_the_lower_edge_of_a_logarithmic_axis() -> None:
    values = np.array([1.0, 0.5, 1e-3, 1e-30, 0.0, np.nan, -1.0])
    axis = plan_axis(values, 5, is_log=True)
    shares = axis.shares(values)
    assert shares[0] == 1
    assert 0 < shares[2] < shares[1] < 1
    assert shares[3:5].tolist() == [0, 0]
    assert np.isnan(shares[5:]).all(), "neither nothing nor a negative number is small"
    assert axis.is_cut
    assert not plan_axis(values[:3], 5, is_log=True).is_cut


def test_a_logarithmic_axis_ends_near_its_values_not_at_the_next_power_of_ten() -> None:
    axis = plan_axis(np.array([0.21, 4.4]), 5, is_log=True)
    assert (axis.low, axis.high) == pytest.approx((0.2, 5.0))
    assert (axis.ticks[0], axis.ticks[-1]) == (axis.low, axis.high)


@pytest.mark.parametrize(("low", "high", "shown"), [(2.1, 12.4, "2 5 10 20"), (0.05, 0.16, "0.05 0.1 0.2"),
                                                    (1.4, 1.5, "1 2"), (0.6, 12.4, "0.5 1 2 5 10 20"),
                                                    (1e-12, 0.9, "1e-12 1e-9 1e-6 0.001 1")])  # fmt: skip
def test_a_logarithmic_axis_has_ticks_at_1_2_5_or_powers_and_two_at_least(low: float, high: float, shown: str) -> None:
    axis = plan_axis(np.array([low, high]), 5, is_log=True)
    assert " ".join(map(format_tick, axis.ticks)) == shown


def test_nothing_but_zeros_begins_at_zero() -> None:
    assert plan_axis(np.zeros(5), 5, is_log=False).low == 0
    assert plan_axis(np.zeros(5), 5, is_log=True).shares(np.zeros(1)).tolist() == [0]
