"""One run from its preset to its end: train, measure when it is due, diagnose, tell the sinks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import psutil

from tuimove.errors import PresetError
from tuimove.recording.folder.store import new_run_id
from tuimove.recording.record import ControlRecord, EndRecord, Status
from tuimove.recording.sinks.sink import Broadcast, Sink
from tuimove.runs.catch_up import CatchUp
from tuimove.runs.resumption import Resumption
from tuimove.runs.run_recorder import RunRecorder, describe_run
from tuimove.runs.steering.controls import Controls
from tuimove.settings.preset import Preset
from tuimove.training.full_batch import FullBatch, ThreadPool
from tuimove.training.image_layout import SLICES
from tuimove.training.image_set import Digits
from tuimove.training.network import padded, start_networks
from tuimove.training.trainer import Step, training


def run_session(
    preset: Preset,
    digits: Digits,
    sinks: Sequence[Sink],
    controls: Controls,
    threads: int,
    *,
    run: str | None = None,
    resumption: Resumption | None = None,
) -> EndRecord | None:
    """Train the preset's network and return how it ended, or None where it was detached.

    The sinks are told everything, and closed. A sink that fails ends the run as `failed`, with the others told so.
    `run` is the id of a new run, `resumption` what another goes on from.

    Raises
    ------
    OutputError
        When a sink can't take the end record itself.
    DataError
        When a run can't go on from a checkpoint: data or starting weights aren't those that it began with.
    """
    told = Broadcast(sinks) if resumption is None else CatchUp(sinks, resumption)
    pool = ThreadPool(threads)
    try:
        return _run(preset, digits, told, controls, pool, run or new_run_id(preset.name), resumption)
    finally:
        pool.close()
        told.close()


def _run(
    preset: Preset,
    digits: Digits,
    told: Broadcast,
    controls: Controls,
    pool: ThreadPool,
    run: str,
    resumption: Resumption | None,
) -> EndRecord | None:
    network = start_networks([preset.network], [preset.training.seed], digits.inputs, digits.classes)
    train_batch = FullBatch(digits.train_images, digits.train_labels, network, pool, gradients=True)
    test_batch = FullBatch(digits.test_images, digits.test_labels, network, pool, gradients=False)
    record = resumption.record if resumption else None
    record = record or describe_run(run, preset, digits, pool.threads, train_batch.form)
    recorder = RunRecorder(preset, network, 0, digits, record, told)
    first, rates, rates_set = -1, [preset.training.learning_rate], resumption.rates if resumption else {}
    if resumption and (checkpoint := resumption.checkpoint):
        first, rates = checkpoint.epoch, [checkpoint.learning_rate]
        recorder.go_on_from(checkpoint, resumption.past())
    for (step,) in training(network, train_batch, [preset.training], rates, max(first, 0)):
        is_measured = step.epoch > first and (is_due(step.epoch, preset) or not step.is_finite)
        if is_measured:
            recorder.measure(step, test_batch.evaluate(network)[0].accuracy)
        told.advance(step.epoch)
        if not step.is_finite or told.failure:
            break
        if told.wants_checkpoint(is_measured=is_measured):
            told.keep_checkpoint(recorder.checkpoint(step.epoch, rates[0]))
        if not _await_turn(step, recorder, rates, rates_set.get(step.epoch + 1, ()), controls, told):
            told.keep_checkpoint(recorder.checkpoint(step.epoch, rates[0]))
            break

    if controls.stop_reason == "detached" and not told.failure:
        return None
    status, reason = _outcome(step, preset, controls, told)
    end = recorder.finish(step.epoch, status, reason)
    if told.failure and not reason:
        raise told.failure
    return end


def _await_turn(
    step: Step,
    recorder: RunRecorder,
    rates: list[float],
    rates_set: Iterable[float],
    controls: Controls,
    told: Broadcast,
) -> bool:
    """Answer what the front end asks for, as long as the run is paused; return whether it should go on.

    `rates_set` are learning rates that somebody set after this epoch when it was trained before.
    """
    may_begin = False
    for rate in rates_set:
        _set_rate(rate, step, recorder, rates, told)
    while not may_begin and not controls.stop_reason:
        if controls.take_look():
            told.look(step.epoch, recorder.copied_weights())
        if controls.take_snapshot():
            told.keep_weights(f"epoch-{step.epoch:06}", step.epoch, recorder.copied_weights())
        if (factor := controls.take_rate_factor()) != 1:
            _set_rate(rates[0] * factor, step, recorder, rates, told)
        may_begin = controls.allows_epoch()
    return not controls.stop_reason


def _set_rate(rate: float, step: Step, recorder: RunRecorder, rates: list[float], told: Sink) -> None:
    rates[0] = rate
    told.write(ControlRecord(recorder.run, step.epoch + 1, "learning_rate", rate))


def _outcome(step: Step, preset: Preset, controls: Controls, told: Broadcast) -> tuple[Status, str | None]:
    """Return how the run ended after its last step and, if it failed, why."""
    if told.failure:
        return "failed", str(told.failure)
    if not step.is_finite:
        return "failed", f"loss or weights not finite at epoch {step.epoch}"
    if step.epoch == preset.training.epochs:
        return "finished", None
    return "interrupted" if controls.stop_reason == "interrupted" else "stopped", None


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
