"""A run can be steered while it goes, and what was done is recorded."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from tests.runs.test_session import PRESET, Collecting, run, with_training
from tests.support.waiting import join, wait_until
from tuimove.recording.record import ControlRecord, EndRecord
from tuimove.runs.session import run_session
from tuimove.runs.steering.controls import Controls
from tuimove.training.image_set import Digits

LONG = with_training(epochs=10_000_000)


class Steered(Collecting):
    """Does something with the controls at given epochs, as a person would between two looks."""

    def __init__(self, controls: Controls, deeds: dict[int, Callable[[], None]]) -> None:
        super().__init__()
        self.controls, self.deeds = controls, deeds
        self.looks: list[tuple[int, np.ndarray]] = []

    def advance(self, epoch: int) -> None:
        super().advance(epoch)
        self.deeds.get(epoch, lambda: None)()

    def show_weights(self, epoch: int, weights: object) -> None:
        self.looks.append((epoch, weights["W1"]))  # type: ignore[index]


def steered(digits: Digits, controls: Controls, deeds: dict[int, Callable[[], None]], **keys: object) -> Steered:
    sink = Steered(controls, deeds)
    run_session(with_training(**keys), digits, [sink], controls, 1)
    return sink


class Counted(Controls):
    """Counts how often the run was told to wait."""

    refusals = 0

    def allows_epoch(self) -> bool:
        allowed = super().allows_epoch()
        self.refusals += not allowed
        return allowed


def wait_for_waiting(controls: Counted) -> None:
    """Wait until the run has asked for its next epoch a few times, and was refused."""
    before = controls.refusals
    wait_until(lambda: controls.refusals > before + 3, "a run that waits")


def test_a_paused_run_waits_goes_one_epoch_and_resumes(digits: Digits) -> None:
    controls = Counted()
    sink = Collecting()
    thread = threading.Thread(target=run_session, args=(LONG, digits, [sink], controls, 1))
    thread.start()
    wait_until(lambda: len(sink.epochs) > 5, "a few epochs")
    controls.pause()
    wait_for_waiting(controls)
    waiting_at = sink.epochs[-1]
    wait_for_waiting(controls)
    assert sink.epochs[-1] == waiting_at
    for further in (1, 2):
        controls.step()
        wait_until(lambda: sink.epochs[-1] == waiting_at + further, "one epoch")  # noqa: B023
    wait_for_waiting(controls)
    assert sink.epochs[-1] == waiting_at + 2
    controls.resume()
    wait_until(lambda: sink.epochs[-1] > waiting_at + 10, "more epochs")
    controls.stop()
    join(thread)


def test_a_paused_run_can_be_stopped(digits: Digits) -> None:
    controls = Controls()
    controls.pause()
    sink = Collecting()
    thread = threading.Thread(target=run_session, args=(LONG, digits, [sink], controls, 1))
    thread.start()
    wait_until(lambda: sink.epochs == [0], "the first measurement")
    controls.stop("interrupted")
    join(thread)
    assert isinstance(sink.records[-1], EndRecord)
    assert sink.records[-1].status == "interrupted"


def test_a_new_learning_rate_holds_from_the_next_epoch_and_is_recorded(digits: Digits) -> None:
    """The record of epoch 10 still says the rate of the update that follows it."""
    controls = Controls()
    sink = steered(digits, controls, {10: lambda: controls.scale_rate(0.5)})
    assert [record for record in sink.records if isinstance(record, ControlRecord)] == [
        ControlRecord(sink.records[0].run, 11, "learning_rate", 0.15)
    ]
    assert {m.epoch: m.learning_rate for m in sink.measurements()} == {0: 0.3, 10: 0.3, 20: 0.15, 25: 0.15}


def test_factors_asked_for_between_two_epochs_multiply(digits: Digits) -> None:
    """Doubled and halved is as it was, and nothing to record."""
    controls = Controls()

    def double_and_halve() -> None:
        controls.scale_rate(2)
        controls.scale_rate(0.5)

    sink = steered(digits, controls, {3: double_and_halve})
    assert not [record for record in sink.records if isinstance(record, ControlRecord)]
    np.testing.assert_array_equal(sink.weights["last"][1]["W1"], run(digits).weights["last"][1]["W1"])


def test_weights_are_shown_and_kept_when_asked_for(digits: Digits) -> None:
    """As they are after that epoch; looking changes nothing."""
    controls = Controls()
    sink = steered(digits, controls, {5: controls.ask_for_weights, 7: controls.ask_for_snapshot})
    (epoch, W1), *_ = sink.looks
    five = run(digits, replace(PRESET, training=replace(PRESET.training, epochs=5)))
    assert epoch == 5
    np.testing.assert_array_equal(W1, five.weights["last"][1]["W1"])
    assert sink.weights["epoch-000007"][0] == 7
    np.testing.assert_array_equal(sink.weights["last"][1]["W1"], run(digits).weights["last"][1]["W1"])


@pytest.mark.parametrize("reason", ["stopped", "interrupted"])
def test_the_first_reason_to_stop_stands(reason: str) -> None:
    controls = Controls()
    controls.stop(reason)  # type: ignore[arg-type]
    controls.stop("stopped")
    assert controls.stop_reason == reason
