"""Runs from their presets to their ends: train, measure when it is due, diagnose, tell the sinks.

A session trains a group of networks, of one run or of many. A run that is trained alone can be steered, checkpointed
and resumed as well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

import numpy as np
import psutil

from tuimove.errors import OutputError, PresetError
from tuimove.recording.checkpoint import CheckpointKeeper
from tuimove.recording.folder.store import new_run_id
from tuimove.recording.record import ControlRecord, EndRecord, RunRecord, Status
from tuimove.recording.sinks.sink import Broadcast, Sink
from tuimove.runs.catch_up import CatchUp, WaitingKeeper
from tuimove.runs.past import Past, Recall, pass_over
from tuimove.runs.resumption import Resumption
from tuimove.runs.run_recorder import RunRecorder, describe_run
from tuimove.runs.steering.controls import Controls, StopReason
from tuimove.settings.preset import Preset
from tuimove.training.full_batch import FullBatch, ThreadPool
from tuimove.training.image_layout import SLICES
from tuimove.training.image_set import Digits
from tuimove.training.network import Networks, padded, start_networks
from tuimove.training.trainer import Step, training

BetweenEpochs = Callable[[Step, bool], StopReason | None]
"""Called after each epoch with the first network's step and whether it was measured; returns why to stop, if at all."""


@dataclass(frozen=True)
class Group:
    """Networks of one shape, and the images that they learn from and are tested on."""

    presets: Sequence[Preset]
    digits: Digits
    networks: Networks
    train: FullBatch
    test: FullBatch
    threads: int

    def describe(self, member: int, run: str) -> RunRecord:
        """Return the record of a member's run, whose id is given."""
        return describe_run(run, self.presets[member], self.digits, self.threads, self.train.form)


def start_group(
    presets: Sequence[Preset], digits: Digits, pool: ThreadPool, train_batch: Callable[..., FullBatch] = FullBatch
) -> Group:
    """Return the networks of presets at their start; `train_batch` makes the batch that they learn from."""
    seeds = [preset.training.seed for preset in presets]
    networks = start_networks([preset.network for preset in presets], seeds, digits.inputs, digits.classes)
    train = train_batch(digits.train_images, digits.train_labels, networks, pool, gradients=True)
    test = FullBatch(digits.test_images, digits.test_labels, networks, pool, gradients=False)
    return Group(presets, digits, networks, train, test, pool.threads)


class Session:
    """Trains a group; each of its runs is measured and told of as if it were alone.

    A run that has had its epochs is told to have ended, and its network goes along unmeasured until the last has.
    """

    def __init__(self, group: Group, records: Sequence[RunRecord], told: Sequence[Broadcast]) -> None:
        """Tell the sinks of each run, one broadcast for each, what the run is and its first weights."""
        self._group, self._told = group, told
        self.recorders = [
            RunRecorder(preset, group.networks, member, group.digits, records[member], told[member])
            for member, preset in enumerate(group.presets)
        ]
        self.rates = [preset.training.learning_rate for preset in group.presets]
        """Of the next update, one for each run; they may be changed between two epochs."""
        self._running = list(range(len(group.presets)))
        self._ends: dict[int, EndRecord] = {}

    def train(self, between_epochs: BetweenEpochs, measured: int = -1) -> Mapping[int, EndRecord]:
        """Train until every run has ended or is to stop, and return the ends; a detached run has none.

        `measured` is the epoch that the weights are of when its measurement has been told of already.
        """
        group, longest = self._group, max(preset.training.epochs for preset in self._group.presets)
        keys = [replace(preset.training, epochs=longest) for preset in group.presets]
        for steps in training(group.networks, group.train, keys, self.rates, max(measured, 0)):
            is_measured = steps[0].epoch > measured and self._measure(steps)
            reason = between_epochs(steps[0], is_measured)
            self._running = [member for member in self._running if not self._ends_at(member, steps[member], reason)]
            if reason or not self._running:
                break
        return self._ends

    def _measure(self, steps: Sequence[Step]) -> bool:
        """Measure the networks that are due; return whether any was."""
        presets = self._group.presets
        due = [m for m in self._running if is_due(steps[m].epoch, presets[m]) or not steps[m].is_finite]
        tests = self._group.test.evaluate(self._group.networks) if due else []
        for member in due:
            self.recorders[member].measure(steps[member], tests[member].accuracy)
        return bool(due)

    def _ends_at(self, member: int, step: Step, reason: StopReason | None) -> bool:
        """Tell of a run's end where this is its last step; return whether it is."""
        outcome = _outcome(step, self._group.presets[member], reason, self._told[member])
        if outcome:
            self._ends[member] = self.recorders[member].finish(step.epoch, *outcome)
        return outcome is not None


def _outcome(
    step: Step, preset: Preset, reason: StopReason | None, told: Broadcast
) -> tuple[Status, str | None] | None:
    """Return how a run ended with this step and, if it failed, why; None where it hasn't ended."""
    if told.failure:
        return "failed", str(told.failure)
    if reason == "detached":
        return None
    if not step.is_finite:
        return "failed", f"loss or weights not finite at epoch {step.epoch}"
    if step.epoch == preset.training.epochs:
        return "finished", None
    return (reason, None) if reason else None


@contextmanager
def closing(told: Sequence[Broadcast], threads: int) -> Iterator[ThreadPool]:
    """Provide the threads of a session, and close them and its sinks after it."""
    pool = ThreadPool(threads)
    try:
        yield pool
    finally:
        pool.close()
        for broadcast in told:
            broadcast.close()


def run_session(
    preset: Preset,
    digits: Digits,
    sinks: Sequence[Sink],
    controls: Controls,
    threads: int,
    *,
    keeper: CheckpointKeeper | None = None,
    run: str | None = None,
    resumption: Resumption | None = None,
    recall: Recall = pass_over,
) -> EndRecord | None:
    """Train the preset's network and return how it ended, or None where it was detached.

    The sinks are told everything, and closed. A sink that fails, or the keeper of checkpoints, ends the run as
    `failed`, with the other sinks told so. `run` is the id of a new run, `resumption` what another goes on from, whose
    records `recall` is called with.

    Raises
    ------
    OutputError
        When a sink can't take the end record itself.
    DataError
        When a run can't go on from a checkpoint: data or starting weights aren't those that it began with.
    """
    told, keeper = _listeners(sinks, keeper, resumption)
    with closing([told], threads) as pool:
        group = start_group([preset], digits, pool)
        record = resumption.record if resumption else None
        session = Session(group, [record or group.describe(0, run or new_run_id(preset.name))], [told])
        rates = _go_on(session, resumption, recall) if resumption else {}
        steering = _Steering(session, told, keeper, controls, rates)
        checkpoint = resumption.checkpoint if resumption else None
        end = session.train(steering.between_epochs, checkpoint.epoch if checkpoint else -1).get(0)
    if end and told.failure and not end.reason:
        raise told.failure
    return end


def _listeners(
    sinks: Sequence[Sink], keeper: CheckpointKeeper | None, resumption: Resumption | None
) -> tuple[Broadcast, CheckpointKeeper | None]:
    """Return who is told of a run and who keeps its checkpoints; a resumed run's wait until it has caught up."""
    if resumption is None:
        return Broadcast(sinks), keeper
    told = CatchUp(sinks, resumption)
    return told, WaitingKeeper(keeper, told) if keeper else None


def _go_on(session: Session, resumption: Resumption, recall: Recall) -> Mapping[int, Iterable[float]]:
    """Take up what a run of its own goes on from; return the learning rates that are to be set again, by epoch."""
    recorder, checkpoint = session.recorders[0], resumption.checkpoint
    if checkpoint:
        session.rates[0] = checkpoint.learning_rate
        recorder.go_on_from(checkpoint)
    past = Past(resumption, recorder.observe)
    recall(past)
    recorder.start_clock(checkpoint.seconds if checkpoint else 0.0)
    return past.rates


@dataclass(frozen=True)
class _Steering:
    """What happens to a run of its own between two epochs: checkpoints, and what the front end asks for."""

    session: Session
    told: Broadcast
    keeper: CheckpointKeeper | None
    controls: Controls
    rates_set: Mapping[int, Iterable[float]]
    """Learning rates that somebody set when the run was trained before, by the first epoch that they hold for."""

    def between_epochs(self, step: Step, is_measured: bool) -> StopReason | None:
        """Tell how far the run is, keep a checkpoint when it is time, and wait as long as the run is paused."""
        self.told.advance(step.epoch)
        if not step.is_finite or self.told.failure:
            return self.controls.stop_reason
        if self.keeper and self.keeper.wants_checkpoint(is_measured=is_measured):
            self._keep_checkpoint(step)
        reason = self._await_turn(step)
        if reason:
            self._keep_checkpoint(step)
        return reason

    def _keep_checkpoint(self, step: Step) -> None:
        if self.keeper and not self.told.failure:
            try:
                self.keeper.keep_checkpoint(self.session.recorders[0].checkpoint(step.epoch, self.session.rates[0]))
            except OutputError as error:
                self.told.note_failure(error)

    def _await_turn(self, step: Step) -> StopReason | None:
        """Answer what the front end asks for, as long as the run is paused; return why it should stop, if it should."""
        recorder, controls = self.session.recorders[0], self.controls
        may_begin = False
        for rate in self.rates_set.get(step.epoch + 1, ()):
            self._set_rate(rate, step)
        while not may_begin and not controls.stop_reason and not self.told.failure:
            if controls.take_look():
                self.told.look(step.epoch, recorder.copied_weights())
            if controls.take_snapshot():
                self.told.keep_weights(f"epoch-{step.epoch:06}", step.epoch, recorder.copied_weights())
            if (factor := controls.take_rate_factor()) != 1:
                self._set_rate(self.session.rates[0] * factor, step)
            may_begin = controls.allows_epoch()
        return controls.stop_reason

    def _set_rate(self, rate: float, step: Step) -> None:
        self.session.rates[0] = rate
        self.told.write(ControlRecord(self.session.recorders[0].run, step.epoch + 1, "learning_rate", rate))


def require_memory(preset: Preset, digits: Digits) -> None:
    """Raise a PresetError when the network can't fit into the memory that is free."""
    hidden, classes = padded(preset.network.hidden), padded(digits.classes)
    parameters = hidden * (digits.inputs + classes + 1) + classes
    copies = 1 + 3 + SLICES  # the parameters; the start, the last look and this one; each slice's gradients
    needed = parameters * copies * np.dtype(np.float32).itemsize
    available = psutil.virtual_memory().available
    if needed > available:
        words = (
            f"network.hidden = {preset.network.hidden}: needs about {needed / 2**30:,.1f} GiB of memory, "
            f"and {available / 2**30:.1f} GiB are free"
        )
        raise PresetError(words, {"network.hidden": words})


def is_due(epoch: int, preset: Preset) -> bool:
    """Return whether an epoch is measured: the first, every so many, and the last."""
    return epoch % preset.measure.every == 0 or epoch == preset.training.epochs
