"""One run from its preset to its end: train, measure when it is due, diagnose, tell the sinks."""

from __future__ import annotations

import platform
import secrets
import time
from collections.abc import Sequence
from datetime import datetime
from importlib.metadata import version

import numpy as np
import psutil

from tuimove import __version__
from tuimove.controls import Controls
from tuimove.diagnosis.diagnosis import Diagnosis
from tuimove.diagnosis.past import RunFacts
from tuimove.digits import Digits
from tuimove.errors import PresetError
from tuimove.full_batch import FullBatch, ThreadPool
from tuimove.history import measured_numbers
from tuimove.images import SLICES
from tuimove.measurement import Observer
from tuimove.network import Networks, padded, start_networks
from tuimove.preset import Preset
from tuimove.record import ControlRecord, EndRecord, FindingRecord, MeasurementRecord, RunRecord, Status
from tuimove.sinks import Broadcast, Sink
from tuimove.trainer import Step, training


def run_session(preset: Preset, digits: Digits, sinks: Sequence[Sink], controls: Controls, threads: int) -> EndRecord:
    """Train the preset's network and return how it ended; the sinks are told everything, and closed.

    A sink that fails ends the run as `failed`, with the others told so.

    Raises
    ------
    OutputError
        When a sink can't take the end record itself.
    """
    told, pool = Broadcast(sinks), ThreadPool(threads)
    try:
        return _run(preset, digits, told, controls, pool)
    finally:
        pool.close()
        told.close()


def _run(preset: Preset, digits: Digits, told: Broadcast, controls: Controls, pool: ThreadPool) -> EndRecord:
    network = start_networks([preset.network], [preset.training.seed], digits.inputs, digits.classes)
    train_batch = FullBatch(digits.train_images, digits.train_labels, network, pool, gradients=True)
    test_batch = FullBatch(digits.test_images, digits.test_labels, network, pool, gradients=False)
    recorder = RunRecorder(preset, network, 0, digits, pool.threads, train_batch.form, told)
    rates = [preset.training.learning_rate]
    for (step,) in training(network, train_batch, [preset.training], rates):
        if is_due(step.epoch, preset) or not step.is_finite:
            recorder.measure(step, test_batch.evaluate(network)[0].accuracy)
        told.advance(step.epoch)
        if not step.is_finite or told.failure or not _await_turn(step, recorder.run, network, rates, controls, told):
            break

    status, reason = _outcome(step, preset, controls, told)
    end = recorder.finish(step.epoch, status, reason)
    if told.failure and not reason:
        raise told.failure
    return end


class RunRecorder:
    """Tells of one network of a session: what it is, its measurements with their findings, and its end."""

    def __init__(
        self, preset: Preset, networks: Networks, member: int, digits: Digits, threads: int, form: str, told: Sink
    ) -> None:
        """Tell of the run and of its first weights."""
        live_inputs = digits.live_inputs()
        record = _describe_run(preset, digits, int(live_inputs.sum()), threads, form)
        self.run = record.run
        self._networks, self._member, self._told = networks, member, told
        self._observer = Observer(networks.matrices(member), networks.laws[member], live_inputs)
        self._diagnosis = Diagnosis(preset.diagnosis, RunFacts.of_preset(record.preset))
        told.write(record)
        told.keep_weights("first", 0, networks.copied_matrices(member))
        self._began = time.perf_counter()

    def measure(self, step: Step, test_accuracy: float) -> None:
        """Tell of the weights as they are, and of what is found."""
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
        self._told.write(measurement)
        for finding in self._diagnosis.observe(measured_numbers(measurement)):
            self._told.write(FindingRecord.of(self.run, finding))

    def finish(self, epoch: int, status: Status, reason: str | None) -> EndRecord:
        """Tell of the last weights and of the end, and return it."""
        self._told.keep_weights("last", epoch, self._networks.copied_matrices(self._member))
        end = EndRecord(self.run, status, epoch, time.perf_counter() - self._began, reason)
        self._told.write(end)
        return end


def _await_turn(
    step: Step, run: str, network: Networks, rates: list[float], controls: Controls, told: Broadcast
) -> bool:
    """Answer what the front end asks for, as long as the run is paused; return whether it should go on."""
    may_begin = False
    while not may_begin and not controls.stop_reason:
        if controls.take_look():
            told.look(step.epoch, network.copied_matrices())
        if controls.take_snapshot():
            told.keep_weights(f"epoch-{step.epoch:06}", step.epoch, network.copied_matrices())
        if (factor := controls.take_rate_factor()) != 1:
            rates[0] *= factor
            told.write(ControlRecord(run, step.epoch + 1, "learning_rate", rates[0]))
        may_begin = controls.allows_epoch()
    return not controls.stop_reason


def _outcome(step: Step, preset: Preset, controls: Controls, told: Broadcast) -> tuple[Status, str | None]:
    """Return how the run ended after its last step and, if it failed, why."""
    if told.failure:
        return "failed", str(told.failure)
    if not step.is_finite:
        return "failed", f"loss or weights not finite at epoch {step.epoch}"
    if step.epoch == preset.training.epochs:
        return "finished", None
    return controls.stop_reason or "stopped", None


def require_memory(preset: Preset, digits: Digits) -> None:
    """Raise a PresetError when the network can't fit into the memory that is free."""
    hidden, classes = padded(preset.network.hidden), padded(digits.classes)
    parameters = hidden * (digits.inputs + classes + 1) + classes
    copies = 1 + 3 + SLICES  # the parameters; the start, the last look and this one; each slice's gradients
    needed = parameters * copies * np.dtype(np.float32).itemsize
    available = psutil.virtual_memory().available
    if needed > available:
        raise PresetError(
            f"network.hidden = {preset.network.hidden}: needs about {needed / 2**30:,.1f} GiB of memory, "
            f"and {available / 2**30:.1f} GiB are free"
        )


def is_due(epoch: int, preset: Preset) -> bool:
    """Return whether an epoch is measured: the first, every so many, and the last."""
    return epoch % preset.measure.every == 0 or epoch == preset.training.epochs


def _describe_run(preset: Preset, digits: Digits, live_inputs: int, threads: int, form: str) -> RunRecord:
    started = datetime.now().astimezone()
    packages = ("numpy", "numba", "scipy")
    return RunRecord(
        run=f"{preset.name}-{started:%Y%m%dT%H%M%S}-{secrets.token_hex(3)}",
        preset={"name": preset.name, **preset.as_dict()},
        data={
            "name": digits.name,
            "train": len(digits.train_images),
            "test": len(digits.test_images),
            "inputs": digits.inputs,
            "live_inputs": live_inputs,
            "classes": digits.classes,
        },
        started=started.isoformat(timespec="seconds"),
        threads=threads,
        form=form,
        versions={"tuimove": __version__, "python": platform.python_version()}
        | {package: version(package) for package in packages},
    )
