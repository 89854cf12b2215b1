"""A run can be steered while it goes, and what was done is recorded."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from tuimove.controls import Controls
from tuimove.digits import Digits
from tuimove.record import ControlRecord, EndRecord
from tuimove.session import run_session

from .test_session import PRESET, Collecting, run, with_training

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

    def look(self, epoch: int, weights: object) -> None:
        self.looks.append((epoch, weights["W1"]))  # type: ignore[index]


def steered(digits: Digits, controls: Controls, deeds: dict[int, Callable[[], None]], **keys: object) -> Steered:
    sink = Steered(controls, deeds)
    run_session(with_training(**keys), digits, [sink], controls, 1)
    return sink


def wait_until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_a_paused_run_waits_goes_one_epoch_and_resumes(digits: Digits) -> None:
    controls = Controls()
    sink = Collecting()
    thread = threading.Thread(target=run_session, args=(LONG, digits, [sink], controls, 1))
    thread.start()
    wait_until(lambda: len(sink.epochs) > 5)
    controls.pause()
    time.sleep(0.2)
    waiting_at = sink.epochs[-1]
    time.sleep(0.2)
    assert sink.epochs[-1] == waiting_at
    for further in (1, 2):
        controls.step()
        wait_until(lambda: sink.epochs[-1] == waiting_at + further)  # noqa: B023
    time.sleep(0.1)
    assert sink.epochs[-1] == waiting_at + 2
    controls.resume()
    wait_until(lambda: sink.epochs[-1] > waiting_at + 10)
    controls.stop()
    thread.join(10)
    assert not thread.is_alive()


def test_a_paused_run_can_be_stopped(digits: Digits) -> None:
    controls = Controls()
    controls.pause()
    sink = Collecting()
    thread = threading.Thread(target=run_session, args=(LONG, digits, [sink], controls, 1))
    thread.start()
    wait_until(lambda: sink.epochs == [0])
    controls.stop("interrupted")
    thread.join(10)
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
    sink = steered(digits, controls, {5: controls.ask_for_look, 7: controls.ask_for_snapshot})
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
