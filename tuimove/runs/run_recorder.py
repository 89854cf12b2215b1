"""Writes the records of one network of a session to its sinks: run, measurements, findings, checkpoints and end."""

from __future__ import annotations

import platform
import time
from collections.abc import Mapping
from datetime import datetime
from importlib.metadata import version

from tuimove.diagnosis.diagnosis import Diagnosis
from tuimove.diagnosis.measurement import Observer
from tuimove.diagnosis.run_facts import RunFacts
from tuimove.errors import DataError
from tuimove.recording.checkpoint import Checkpoint, Weights
from tuimove.recording.folder.checkpoint_files import data_sum, weights_sum
from tuimove.recording.history import measured_numbers
from tuimove.recording.record import EndRecord, FindingRecord, MeasurementRecord, RunRecord, Status
from tuimove.recording.sinks.sink import Sink
from tuimove.settings.matrix_role import own_roles
from tuimove.settings.preset import Preset
from tuimove.settings.version import __version__
from tuimove.training.image_set import Digits, describe_data
from tuimove.training.network import Networks
from tuimove.training.trainer import Step


class RunRecorder:
    """Measures one network of a session and writes its records, with what the rules find."""

    def __init__(
        self, preset: Preset, networks: Networks, member: int, digits: Digits, record: RunRecord, sinks: Sink
    ) -> None:
        """Write the run record and the starting weights."""
        live_inputs = digits.live_inputs()
        self.run = record.run
        self._networks, self._member, self._sinks, self._digits = networks, member, sinks, digits
        self._seed = preset.training.seed
        self._observer = Observer(networks.matrices(member), networks.roles[member], live_inputs)
        self._diagnosis = Diagnosis(
            preset.diagnosis, RunFacts.of_own_run(record.preset, record.data), networks.roles[member]
        )
        self._start_sum = weights_sum(networks.copied_matrices(member))
        self._data_sum: int | None = None
        sinks.write(record)
        sinks.keep_weights("first", 0, networks.copied_matrices(member))
        self.start_clock()

    def start_clock(self, seconds: float = 0.0) -> None:
        """Start counting the run's seconds, from `seconds` that it took before it was resumed."""
        self._began = time.perf_counter() - seconds

    def go_on_from(self, checkpoint: Checkpoint) -> None:
        """Load a checkpoint's weights into the network; the caller must pass the measurements before it to `observe`.

        Raises
        ------
        DataError
            When the run's data or starting weights differ from those it began with.
        """
        if checkpoint.data_sum != data_sum(self._digits):
            raise DataError(f"{self._digits.name}: not the training images and labels that the run began with")
        if checkpoint.start_sum != self._start_sum:
            raise DataError(
                f"the starting weights of seed {self._seed} come out differently with this version of numpy"
            )
        for name, view in self._networks.matrices(self._member).items():
            view[...] = checkpoint.weights[name]
        self._observer.remember(checkpoint.last_measured)

    def observe(self, numbers: Mapping[str, float]) -> None:
        """Show the rules a recorded measurement, by column of the history; its findings are recorded already."""
        self._diagnosis.observe(numbers)

    def checkpoint(self, epoch: int, rate: float) -> Checkpoint:
        """Return the checkpoint of the run after this epoch."""
        self._data_sum = data_sum(self._digits) if self._data_sum is None else self._data_sum
        return Checkpoint(
            run=self.run,
            epoch=epoch,
            learning_rate=rate,
            seconds=time.perf_counter() - self._began,
            start_sum=self._start_sum,
            data_sum=self._data_sum,
            weights=self.copied_weights(),
            last_measured=self._observer.last_measured(),
        )

    def copied_weights(self) -> Weights:
        """Return copies of the current weights."""
        return self._networks.copied_matrices(self._member)

    def measure(self, step: Step, test_accuracy: float) -> None:
        """Measure the current weights, and write the measurement and its findings."""
        measurement = MeasurementRecord(
            run=self.run,
            epoch=step.epoch,
            seconds=time.perf_counter() - self._began,
            learning_rate=step.learning_rate,
            loss=step.loss,
            train_accuracy=step.train_accuracy,
            test_accuracy=test_accuracy,
            matrices=self._observer.measure(),
        )
        self._sinks.write(measurement)
        for finding in self._diagnosis.observe(measured_numbers(measurement)):
            self._sinks.write(FindingRecord.of(self.run, finding))

    def finish(self, epoch: int, status: Status, reason: str | None) -> EndRecord:
        """Write the last weights and the end record, and return that."""
        self._sinks.keep_weights("last", epoch, self.copied_weights())
        end = EndRecord(self.run, status, epoch, time.perf_counter() - self._began, reason)
        self._sinks.write(end)
        return end


def describe_run(run: str, preset: Preset, digits: Digits, threads: int, form: str) -> RunRecord:
    """Return the run record of a run before its first epoch."""
    packages = ("numpy", "numba")
    return RunRecord(
        run=run,
        preset={"name": preset.name, **preset.as_dict()},
        data={"name": digits.name, **describe_data(digits)},
        started=datetime.now().astimezone().isoformat(timespec="seconds"),
        threads=threads,
        form=form,
        versions={"tuimove": __version__, "python": platform.python_version()}
        | {package: version(package) for package in packages},
        matrices=own_roles(preset.network.init, digits.inputs, preset.network.hidden, digits.classes),
    )
