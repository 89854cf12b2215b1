"""The moment of a recorded run that is shown: kept while history grows, walked, and played as it happened."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np
import pytest

from tuimove.recording.history import History
from tuimove.screen.one_run.timeline import Timeline, elapsed_seconds


def history_of(seconds: Iterable[float], most_rows: int = 1 << 16) -> History:
    """Return measurements ten epochs apart, at these seconds."""
    history = History(most_rows)
    for place, second in enumerate(seconds):
        history.append({"epoch": 10 * place, "seconds": second})
    return history


TEN = history_of(range(10))


class Clock:
    """A clock that the test turns."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_the_newest_is_shown_at_first_and_followed() -> None:
    timeline = Timeline()
    assert timeline.row(History()) == -1
    assert (timeline.row(TEN), timeline.epoch) == (9, None)
    timeline.advance(TEN, is_read=True)
    assert timeline.epoch is None


def test_walking_stays_within_the_run_and_its_end_is_followed_again() -> None:
    timeline = Timeline()
    for rows, epoch in ((-1, 80), (-3, 50), (1, 60), (-100, 0), (2, 20), (100, None), (1, None)):
        timeline.walk(TEN, rows)
        assert timeline.epoch == epoch


@pytest.mark.parametrize(("rows", "leap"), [(10, 1), (200, 20), (3, 1)])
def test_a_tenth_is_at_least_one_measurement(rows: int, leap: int) -> None:
    timeline, history = Timeline(), history_of(range(rows))
    timeline.walk_share(history, -0.1)
    assert timeline.row(history) == rows - 1 - leap


def test_nothing_to_walk_is_no_error() -> None:
    timeline = Timeline(2.0)
    timeline.walk(History(), -1)
    timeline.walk_share(History(), 0.1)
    timeline.toggle_play(History())
    timeline.advance(History(), is_read=False)
    assert timeline.row(History()) == -1


def test_a_moment_stays_when_a_long_history_is_thinned() -> None:
    timeline, history = Timeline(), history_of(range(64), 64)
    timeline.walk(history, -40)
    epoch = timeline.epoch
    for place in range(64, 80):
        history.append({"epoch": 10 * place, "seconds": place})
    assert epoch == 230
    assert abs(history.column("epoch")[timeline.row(history)] - 230) <= 20


def test_it_happens_again_so_many_times_as_fast() -> None:
    clock = Clock()
    timeline = Timeline(2.0, clock)
    assert timeline.row(TEN) == 0
    for passed, epoch in ((0.0, 0), (0.4, 0), (0.1, 10), (1.5, 40), (0.2, 40)):
        clock.now += passed
        timeline.advance(TEN, is_read=True)
        assert timeline.epoch == epoch
    timeline.toggle_play(TEN)
    clock.now += 100
    timeline.advance(TEN, is_read=True)
    assert (timeline.epoch, timeline.is_playing) == (40, False)
    timeline.toggle_play(TEN)
    clock.now += 1.0
    timeline.advance(TEN, is_read=True)
    assert timeline.epoch == 60
    clock.now += 100
    timeline.advance(TEN, is_read=True)
    assert timeline.epoch is None
    assert not timeline.is_playing


def test_playing_waits_for_what_has_not_been_read_yet() -> None:
    clock = Clock()
    timeline = Timeline(1.0, clock)
    clock.now += 50
    timeline.advance(TEN, is_read=False)
    assert (timeline.epoch, timeline.is_playing) == (90, True)
    longer = history_of(range(20))
    clock.now += 1
    timeline.advance(longer, is_read=False)
    assert timeline.epoch == 100


def test_a_run_that_is_at_its_end_is_played_from_its_start() -> None:
    timeline = Timeline()
    timeline.toggle_play(TEN)
    assert (timeline.epoch, timeline.is_playing) == (0, True)


@pytest.mark.parametrize("seconds", [[math.nan] * 5, [0.0, math.inf, math.nan, -5.0, 1e308], [3.0, 2.0, 1.0, 0.0, 0.0]])
def test_seconds_that_nobody_could_have_measured_still_pass(seconds: list[float]) -> None:
    elapsed = elapsed_seconds(history_of(seconds))
    assert np.isfinite(elapsed).all()
    assert (np.diff(elapsed) >= 0).all()
    clock = Clock()
    timeline = Timeline(1.0, clock)
    clock.now += 1e12
    timeline.advance(history_of(seconds), is_read=True)
    assert timeline.epoch is None
