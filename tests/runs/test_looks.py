"""When the recorder looks."""

from __future__ import annotations

import itertools

import pytest

from tuimove.runs.loops.looks import ALLOWANCE_SECONDS, Looks, next_step


def steps_of(most: int) -> list[int]:
    return list(itertools.takewhile(lambda step: step <= most, _all_steps()))


def _all_steps() -> itertools.accumulate[int]:
    return itertools.accumulate(itertools.repeat(0), lambda step, _: next_step(step))


def test_each_of_the_first_steps_is_looked_at_then_eight_a_doubling() -> None:
    assert steps_of(6) == [0, 1, 2, 3, 4, 5, 6]
    for last in (1024, 65536):
        assert len([step for step in steps_of(2 * last) if last < step <= 2 * last]) == 8
    assert len(steps_of(1_000_000)) < 160


def seen_of(looks: Looks, now: list[float], steps: int, *, step_seconds: float, look_seconds: float) -> list[int]:
    """Return the steps that are looked at, where a step and a look take so long."""
    looks.start()
    seen = []
    for step in range(steps):
        now[0] += step_seconds
        if looks.is_due(step):
            seen.append(step)
            now[0] += look_seconds
            looks.note(step, look_seconds)
    return seen


def test_looks_never_take_more_than_their_share_of_the_time_and_the_allowance() -> None:
    now, cost = [0.0], 0.0
    looks = Looks(0.01, clock=lambda: now[0])
    looks.start()
    for step in range(100_000):
        now[0] += 0.001
        if looks.is_due(step):
            looks.note(step, 0.05)
            cost += 0.05 * (step > 3)
            now[0] += 0.05
        assert cost <= ALLOWANCE_SECONDS + 0.01 * now[0] + 0.05


@pytest.mark.parametrize("steps", [50, 200, 1000, 5000])
def test_a_short_run_of_a_small_network_has_all_its_looks(steps: int) -> None:
    now = [0.0]
    looks = Looks(0.01, clock=lambda: now[0])
    assert seen_of(looks, now, steps, step_seconds=0.001, look_seconds=0.002) == steps_of(steps - 1)
    assert looks.remark is None


def test_looks_that_were_left_out_are_told_where_they_are_more_than_a_third() -> None:
    now = [0.0]
    looks = Looks(0.01, clock=lambda: now[0])
    seen = seen_of(looks, now, 2000, step_seconds=0.001, look_seconds=0.1)
    planned = len(steps_of(1999))
    left_out, of = looks.remark.split(" looks left out: ")[0].split(" of ") if looks.remark else ("", "")
    assert int(of) == len(seen) + int(left_out)
    assert abs(int(of) - planned) <= 2
    assert int(left_out) > planned / 3
    assert looks.remark
    assert looks.remark.endswith("they would have taken more than 1 % of the time; budget=0.05 allows more")


def test_a_look_that_is_late_isn_t_left_out() -> None:
    now = [0.0]
    looks = Looks(0.5, clock=lambda: now[0])
    seen = seen_of(looks, now, 100, step_seconds=0.1, look_seconds=0.4)
    assert seen != steps_of(99)
    assert looks.remark is None


def test_without_a_budget_only_the_first_steps_are_looked_at() -> None:
    looks = Looks(0.0)
    looks.start()
    seen = []
    for step in range(100):
        if looks.is_due(step):
            seen.append(step)
            looks.note(step, 0.001)
    assert seen == [0, 1, 2, 3, 4]
    assert looks.remark is None
