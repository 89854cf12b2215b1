"""What a loop says between two looks: its newest loss, the mean of those since the last look, and what it notes."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from tuimove.runs.loops.loop_state import MOST_LOSSES, LoopNotes


def test_the_mean_is_over_the_losses_since_the_last_look() -> None:
    notes = LoopNotes()
    for loss in (8.0, 1.0, 3.0):
        notes.add_loss(loss)
    assert (notes.take(0.1).loss, notes.take(0.1).noted) == (3.0, {"mean_loss": 4.0})
    notes.add_loss(5.0)
    state = notes.take(0.1)
    assert (state.loss, state.noted) == (5.0, {})


def test_only_the_newest_losses_are_in_the_mean() -> None:
    notes = LoopNotes()
    for loss in range(3 * MOST_LOSSES):
        notes.add_loss(np.float32(loss))
    assert notes.take(0.1).noted["mean_loss"] == pytest.approx(2.5 * MOST_LOSSES - 0.5)


def test_losses_that_are_not_finite_are_not_in_the_mean() -> None:
    notes = LoopNotes()
    for loss in (1.0, math.inf, 3.0, math.nan):
        notes.add_loss(loss)
    state = notes.take(0.1)
    assert math.isnan(state.loss)
    assert state.noted == {"mean_loss": 2.0}


def test_a_loss_that_is_not_one_number_is_left_out() -> None:
    notes = LoopNotes()
    for loss in ([1.0, 2.0], "high", 3.0):
        notes.add_loss(loss)
    assert (notes.take(0.1).loss, notes.take(0.1).noted) == (3.0, {"mean_loss": 3.0})


class Hostile:
    """A value whose every method raises."""

    def __float__(self) -> float:
        raise OSError("no")

    __repr__ = __str__ = __float__  # type: ignore[assignment]


RUBBISH = [{"loss": 1.0}, np.ones(3), 1 + 0j, np.complex64(1), None, "0.5", np.str_("0.5"), b"1", Hostile(), 10**400]


@pytest.mark.parametrize("value", RUBBISH, ids=lambda value: type(value).__name__)
@pytest.mark.filterwarnings("error")
def test_what_is_no_number_is_left_out_and_said_once(value: Any, capsys: pytest.CaptureFixture[str]) -> None:
    notes = LoopNotes()
    for _ in range(3):
        notes.add_loss(value)
        notes.note({"score": value})
        state = notes.take(0.1)
        assert math.isnan(state.loss)
        assert state.noted == {}
    said = capsys.readouterr().err.splitlines()
    assert [line.partition(":")[2].partition(":")[0] for line in said] == [
        " not noted", " loss left out, and rules on the loss are off without it",
    ]  # fmt: skip


@pytest.mark.filterwarnings("error")
def test_an_array_of_one_number_is_a_number() -> None:
    notes = LoopNotes()
    notes.add_loss(np.array([0.5]))
    notes.note({"score": np.array([[0.25]])})
    assert (notes.take(0.1).loss, notes.take(0.1).noted) == (0.5, {})


def test_each_name_and_kind_is_said_once(capsys: pytest.CaptureFixture[str]) -> None:
    notes = LoopNotes()
    for _ in range(50):
        notes.note({"a": "x", "b": "x"})
        notes.note({"a": None, "test_accuracy": 97.3})
    assert capsys.readouterr().err.splitlines() == [
        "tuimove: not noted: a: a number is expected, not 'x'",
        "tuimove: not noted: b: a number is expected, not 'x'",
        "tuimove: not noted: a: a number is expected, not None",
        "tuimove: not noted: test_accuracy: a share from 0 to 1 is expected, not 97.3",
    ]
