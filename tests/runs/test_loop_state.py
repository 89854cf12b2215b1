"""What a loop says between two looks: its newest loss, the mean of those since the last look, and what it notes."""

from __future__ import annotations

import math

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
