"""The line sets the pace: one frame on its way; terminals that never answer, and answers that are lost."""

from __future__ import annotations

from itertools import pairwise

import pytest

from tuimove.screen.line.flow import FIRST_SECONDS, LONGEST_SECONDS, LOST_SECONDS, LineFlow


class Clock:
    """Time that the test lets pass."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def flow(clock: Clock) -> LineFlow:
    return LineFlow(clock)


def answer(flow: LineFlow, clock: Clock, seconds: float, times: int = 1) -> None:
    for _ in range(times):
        flow.note_query()
        clock.now += seconds
        flow.note_answer()


def test_a_frame_waits_for_the_answer_to_the_last_one(flow: LineFlow, clock: Clock) -> None:
    assert flow.next_step(is_idle=True) == "draw"
    answer(flow, clock, 0.01)
    flow.note_query()
    assert flow.next_step(is_idle=True) == "wait"
    clock.now += 0.3
    assert flow.next_step(is_idle=True) == "wait"
    flow.note_answer()
    assert flow.next_step(is_idle=True) == "draw"


def test_a_frame_waits_until_the_bytes_before_it_are_taken(flow: LineFlow) -> None:
    assert flow.next_step(is_idle=False) == "wait"


def test_a_terminal_that_never_answers_is_found_out_once(flow: LineFlow, clock: Clock) -> None:
    flow.note_query()
    clock.now += FIRST_SECONDS - 0.1
    assert flow.next_step(is_idle=True) == "wait"
    clock.now += 0.2
    assert flow.next_step(is_idle=True) == "draw"
    assert not flow.is_due
    assert flow.next_step(is_idle=True) == "draw"
    assert not flow.is_slow


def test_it_is_asked_again_rarely_and_may_answer_after_all(flow: LineFlow, clock: Clock) -> None:
    flow.note_query()
    clock.now += FIRST_SECONDS
    flow.next_step(is_idle=True)
    clock.now += LONGEST_SECONDS
    assert flow.is_due
    flow.note_query()
    assert flow.next_step(is_idle=True) == "draw"
    flow.note_answer()
    assert flow.answers
    flow.note_query()
    assert flow.next_step(is_idle=True) == "wait"


def test_a_frozen_client_is_asked_more_and_more_rarely_and_gets_no_frame(flow: LineFlow, clock: Clock) -> None:
    answer(flow, clock, 0.01)
    flow.note_query()
    asked = []
    for _ in range(300):
        clock.now += 1
        step = flow.next_step(is_idle=True)
        assert step != "draw"
        if step == "ask":
            asked.append(clock.now)
            flow.note_query(follows_frame=False)
    gaps = [after - before for before, after in pairwise(asked)]
    assert gaps == sorted(gaps)
    assert max(gaps) <= LONGEST_SECONDS


def test_one_that_types_but_answers_no_more_gets_its_frames(flow: LineFlow, clock: Clock) -> None:
    answer(flow, clock, 0.01)
    flow.note_query()
    clock.now += LOST_SECONDS
    assert flow.next_step(is_idle=True) == "ask"
    flow.note_query(follows_frame=False)
    flow.note_input()
    clock.now += 3 * LOST_SECONDS
    assert flow.next_step(is_idle=True) == "draw"
    assert flow.answers is False


def test_a_line_is_slow_by_its_last_answers_and_stays_so_until_it_is_clearly_quick(
    flow: LineFlow, clock: Clock
) -> None:
    answer(flow, clock, 0.05, times=4)
    assert (flow.is_slow, flow.least_delay) == (False, 0.0)
    answer(flow, clock, 0.6, times=4)
    assert flow.is_slow
    assert flow.least_delay >= 1.0
    answer(flow, clock, 0.35, times=8)
    assert flow.is_slow
    answer(flow, clock, 0.05, times=4)
    assert not flow.is_slow


def test_a_line_is_slow_while_an_answer_is_overdue(flow: LineFlow, clock: Clock) -> None:
    answer(flow, clock, 0.01, times=4)
    flow.note_query()
    clock.now += 3
    assert flow.is_slow
    flow.note_answer()


def test_another_program_in_between_takes_the_answer_with_it(flow: LineFlow, clock: Clock) -> None:
    answer(flow, clock, 0.01)
    flow.note_query()
    flow.reset()
    assert flow.next_step(is_idle=True) == "draw"
