"""When the recorder looks."""

from __future__ import annotations

import itertools

from tuimove.runs.loops.looks import Looks, next_step


def steps_of(most: int) -> list[int]:
    return list(itertools.takewhile(lambda step: step <= most, _all_steps()))


def _all_steps() -> itertools.accumulate[int]:
    return itertools.accumulate(itertools.repeat(0), lambda step, _: next_step(step))


def test_each_of_the_first_steps_is_looked_at_then_eight_a_doubling() -> None:
    assert steps_of(6) == [0, 1, 2, 3, 4, 5, 6]
    for last in (1024, 65536):
        assert len([step for step in steps_of(2 * last) if last < step <= 2 * last]) == 8
    assert len(steps_of(1_000_000)) < 160


def test_looks_never_take_more_than_their_share_of_the_time() -> None:
    now, cost = [0.0], 0.0
    looks = Looks(0.01, clock=lambda: now[0])
    looks.start()
    for step in range(100_000):
        now[0] += 0.001
        if looks.is_due(step):
            looks.note(step, 0.05)
            cost += 0.05 * (step > 3)
            now[0] += 0.05
        assert cost <= 0.01 * now[0] + 0.05


def test_without_a_budget_only_the_first_steps_are_looked_at() -> None:
    looks = Looks(0.0)
    looks.start()
    seen = []
    for step in range(100):
        if looks.is_due(step):
            seen.append(step)
            looks.note(step, 0.001)
    assert seen == [0, 1, 2, 3, 4]
