"""A run from preset to end, seen through its records; watching it never changes it."""

from __future__ import annotations

import errno
import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tests.support.cut_runs import Asking
from tuimove.errors import OutputError
from tuimove.recording.checkpoint import Checkpoint, Weights
from tuimove.recording.record import EndRecord, MeasurementRecord, Record, RunRecord
from tuimove.recording.sinks.sink import Sink
from tuimove.runs.session import run_session
from tuimove.runs.steering.controls import Controls
from tuimove.settings.preset import DataKeys, MeasureKeys, NetworkKeys, Preset, TrainingKeys
from tuimove.training.image_set import Digits

PRESET = Preset(
    "test",
    "A test",
    NetworkKeys(hidden=5, activation="tanh"),
    TrainingKeys(learning_rate=0.3, epochs=25),
    DataKeys(),
    MeasureKeys(every=10),
)


class Collecting(Sink):
    """Keeps everything it is told."""

    def __init__(self) -> None:
        self.records: list[Record] = []
        self.epochs: list[int] = []
        self.weights: dict[str, tuple[int, Weights]] = {}
        self.closed = 0

    def write(self, record: Record) -> None:
        self.records.append(record)

    def advance(self, epoch: int) -> None:
        self.epochs.append(epoch)

    def keep_weights(self, name: str, epoch: int, weights: Weights) -> None:
        self.weights[name] = (epoch, weights)

    def close(self) -> None:
        self.closed += 1

    def measurements(self) -> list[MeasurementRecord]:
        return [record for record in self.records if isinstance(record, MeasurementRecord)]


def run(digits: Digits, preset: Preset = PRESET, threads: int = 1, sink: Collecting | None = None) -> Collecting:
    sink = sink or Collecting()
    run_session(preset, digits, [sink], Controls(), threads)
    return sink


def with_training(**keys: Any) -> Preset:
    return replace(PRESET, training=replace(PRESET.training, **keys))


def test_a_run_is_measured_at_its_start_when_due_and_at_its_end(digits: Digits) -> None:
    told = run(digits)
    assert isinstance(told.records[0], RunRecord)
    assert [record.epoch for record in told.measurements()] == [0, 10, 20, 25]
    assert isinstance(told.records[-1], EndRecord)
    assert (told.records[-1].status, told.records[-1].epochs) == ("finished", 25)
    assert told.epochs == list(range(26))
    assert {name: epoch for name, (epoch, _) in told.weights.items()} == {"first": 0, "last": 25}
    assert told.closed == 1


def test_numbers_can_be_checked_by_hand_in_numpy(digits: Digits) -> None:
    told = run(digits)
    first, last = told.weights["first"][1], told.weights["last"][1]
    for name, measured in told.measurements()[-1].matrices.items():
        now, start = last[name].astype(float), first[name].astype(float)
        assert measured.distance == pytest.approx(np.linalg.norm(now - start))
        assert measured.norm == pytest.approx(np.linalg.norm(now))
        assert measured.weighted_norm == pytest.approx(np.linalg.norm(now) / now.size)


def test_training_lowers_the_loss(digits: Digits) -> None:
    start, *_, end = run(digits, with_training(epochs=200)).measurements()
    assert end.loss < 0.7 * start.loss
    assert end.train_accuracy > start.train_accuracy


def test_a_step_is_the_movement_since_the_last_measurement(digits: Digits) -> None:
    every_epoch = replace(PRESET, measure=MeasureKeys(every=1))
    measured = [record.matrices["W1"] for record in run(digits, every_epoch).measurements()]
    assert measured[0].step == 0
    assert measured[1].step == measured[1].distance
    assert measured[-1].distance <= sum(matrix.step for matrix in measured)


@pytest.mark.parametrize("every", [1, 3, 1000])
@pytest.mark.parametrize("threads", [1, 2])
def test_watching_and_threads_never_change_training(digits: Digits, every: int, threads: int) -> None:
    expected = run(digits).weights["last"][1]
    got = run(digits, replace(PRESET, measure=MeasureKeys(every=every)), threads).weights["last"][1]
    assert all(np.array_equal(expected[name], got[name]) for name in expected)


def test_the_same_run_twice_measures_the_same(digits: Digits) -> None:
    once, again = run(digits).measurements(), run(digits).measurements()
    assert [repr(record.matrices) for record in once] == [repr(record.matrices) for record in again]  # NaN included


def test_a_record_once_sent_does_not_change(digits: Digits) -> None:
    told = run(digits)
    start = told.weights["first"][1]["W1"]
    assert told.measurements()[0].matrices["W1"].norm == pytest.approx(np.linalg.norm(start))
    assert sum(told.measurements()[0].matrices["W1"].histogram.counts) == start.size


@pytest.mark.parametrize("activation", ["relu", "tanh"])
def test_weights_that_blow_up_end_the_run_as_failed(digits: Digits, activation: str) -> None:
    preset = replace(with_training(learning_rate=1e38), network=NetworkKeys(hidden=5, activation=activation))
    told = run(digits, preset)
    end = told.records[-1]
    assert isinstance(end, EndRecord)
    assert end.status == "failed"
    assert f"epoch {end.epochs}" in (end.reason or "")
    last = told.measurements()[-1]
    assert last.epoch == end.epochs < 25
    assert not math.isfinite(last.loss) or any(matrix.non_finite for matrix in last.matrices.values())


class Stopping(Collecting):
    """Asks for an end at epoch 7."""

    def __init__(self, controls: Controls) -> None:
        super().__init__()
        self.controls = controls

    def advance(self, epoch: int) -> None:
        super().advance(epoch)
        if epoch == 7:
            self.controls.stop("interrupted")
            self.controls.stop("stopped")


def test_a_run_asked_to_stop_ends_after_its_epoch_and_keeps_its_weights(digits: Digits) -> None:
    controls = Controls()
    told = Stopping(controls)
    end = run_session(PRESET, digits, [told], controls, 1)
    assert end
    assert (end.status, end.epochs) == ("interrupted", 7)
    assert told.weights["last"][0] == 7
    expected = run(digits, with_training(epochs=7)).weights["last"][1]
    assert all(np.array_equal(expected[name], told.weights["last"][1][name]) for name in expected)


class Full(Collecting):
    """A disk that is full from some record on."""

    def __init__(self, room: int) -> None:
        super().__init__()
        self.room = room

    def write(self, record: Record) -> None:
        if len(self.records) == self.room:
            raise OutputError(f"records: [Errno {errno.ENOSPC}]")
        super().write(record)


@pytest.mark.parametrize("room", [0, 1, 2, 3])
def test_a_sink_that_fails_ends_the_run_and_the_others_are_told(digits: Digits, room: int) -> None:
    full, other = Full(room), Collecting()
    end = run_session(PRESET, digits, [full, other], Controls(), 1)
    assert end
    assert end.status == "failed"
    assert other.records[-1] == end
    assert "records" in (end.reason or "")
    assert "last" in other.weights
    assert full.closed == 0


class FullFolder(Collecting):
    """A sink that keeps checkpoints as well, and has no room for the one of epoch 3."""

    def wants_checkpoint(self, *, is_measured: bool) -> bool:  # noqa: ARG002
        return self.epochs[-1] == 3

    def keep_checkpoint(self, checkpoint: Checkpoint) -> None:
        raise OutputError(f"no room for the checkpoint of epoch {checkpoint.epoch}")


def test_a_checkpoint_that_cannot_be_kept_ends_the_run_even_where_it_is_paused(digits: Digits) -> None:
    told, controls = FullFolder(), Controls()
    pausing = Asking(lambda epoch: controls.pause() if epoch == 3 else None)
    end = run_session(PRESET, digits, [told, pausing], controls, 1, keeper=told)
    assert end
    assert (end.status, end.epochs, end.reason) == ("failed", 3, "no room for the checkpoint of epoch 3")
    assert told.records[-1] == end


def test_an_end_that_cannot_be_recorded_is_an_error(digits: Digits) -> None:
    told = Collecting()
    with pytest.raises(OutputError):
        run_session(PRESET, digits, [Full(room=5), told], Controls(), 1)
    assert told.closed == 1
