"""Trains runs from their presets to their ends: measures when due, asks the rules, writes to the sinks.

A session trains a group of networks, of one run or of many. A run that is trained alone can be steered, checkpointed
and resumed as well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from tuimove.errors import OutputError
from tuimove.recording.checkpoint import CheckpointKeeper
from tuimove.recording.folder.store import new_run_id
from tuimove.recording.record import ControlRecord, EndRecord, RunRecord, Status
from tuimove.recording.sinks.sink import Broadcast, Sink
from tuimove.runs.catch_up import CatchUp, WaitingKeeper
from tuimove.runs.past import Past, Recall, consume_all
from tuimove.runs.resumption import Resumption
from tuimove.runs.run_recorder import RunRecorder, describe_run
from tuimove.runs.steering.controls import Controls, StopReason
from tuimove.settings.preset import Preset
from tuimove.training.full_batch import FullBatch, ThreadPool
from tuimove.training.image_set import Digits
from tuimove.training.network import Networks, start_networks
from tuimove.training.trainer import Step, training

BetweenEpochs = Callable[[Step, bool], StopReason | None]
"""Called after each epoch with the first network's step and whether it was measured; returns why to stop, or None."""


@dataclass(frozen=True)
class Group:
    """Networks of one shape that are trained on the same images."""

    presets: Sequence[Preset]
    digits: Digits
    networks: Networks
    train: FullBatch
    test: FullBatch
    threads: int

    def describe(self, member: int, run: str) -> RunRecord:
        """Return the run record of a member."""
        return describe_run(run, self.presets[member], self.digits, self.threads, self.train.form)


def start_group(
    presets: Sequence[Preset], digits: Digits, pool: ThreadPool, train_batch: Callable[..., FullBatch] = FullBatch
) -> Group:
    """Return a group with the starting weights of presets; `train_batch` makes the training batch."""
    seeds = [preset.training.seed for preset in presets]
    networks = start_networks([preset.network for preset in presets], seeds, digits.inputs, digits.classes)
    train = train_batch(digits.train_images, digits.train_labels, networks, pool, gradients=True)
    test = FullBatch(digits.test_images, digits.test_labels, networks, pool, gradients=False)
    return Group(presets, digits, networks, train, test, pool.threads)


class Session:
    """Trains a group; each run is measured and recorded as if it were alone.

    A run whose epochs are over gets its end record; its network is trained on, unmeasured, until the last run ends.
    """

    def __init__(self, group: Group, records: Sequence[RunRecord], sinks: Sequence[Broadcast]) -> None:
        """Write each run's record and starting weights to its sinks, one broadcast for each run."""
        self._group, self._sinks = group, sinks
        self.recorders = [
            RunRecorder(preset, group.networks, member, group.digits, records[member], sinks[member])
            for member, preset in enumerate(group.presets)
        ]
        self.rates = [preset.training.learning_rate for preset in group.presets]
        """Learning rates of the next update, one for each run; they may be changed between two epochs."""
        self.running = list(range(len(group.presets)))
        """Members that haven't ended."""
        self._ends: dict[int, EndRecord] = {}

    def train(self, between_epochs: BetweenEpochs, measured: int = -1) -> Mapping[int, EndRecord]:
        """Train until every run has ended or is stopped, and return the ends; a detached run has none.

        `measured` is the epoch of the current weights where its measurement is recorded already, else -1.
        """
        group, longest = self._group, max(preset.training.epochs for preset in self._group.presets)
        keys = [replace(preset.training, epochs=longest) for preset in group.presets]
        for steps in training(group.networks, group.train, keys, self.rates, max(measured, 0)):
            is_measured = steps[0].epoch > measured and self._measure(steps)
            reason = between_epochs(steps[0], is_measured)
            self.running = [member for member in self.running if not self._ends_at(member, steps[member], reason)]
            if reason or not self.running:
                break
        return self._ends

    def _measure(self, steps: Sequence[Step]) -> bool:
        """Measure the networks that are due; return whether any was."""
        presets = self._group.presets
        due = [m for m in self.running if is_due(steps[m].epoch, presets[m]) or not steps[m].is_finite]
        tests = self._group.test.evaluate(self._group.networks) if due else []
        for member in due:
            self.recorders[member].measure(steps[member], tests[member].accuracy)
        return bool(due)

    def _ends_at(self, member: int, step: Step, reason: StopReason | None) -> bool:
        """Write a run's end record where this is its last step; return whether it is."""
        outcome = _outcome(step, self._group.presets[member], reason, self._sinks[member])
        if outcome:
            self._ends[member] = self.recorders[member].finish(step.epoch, *outcome)
        return outcome is not None


def _outcome(
    step: Step, preset: Preset, reason: StopReason | None, sinks: Broadcast
) -> tuple[Status, str | None] | None:
    """Return a run's status after its last step, with the reason of a failure; None where it goes on."""
    if sinks.failure:
        return "failed", str(sinks.failure)
    if reason == "detached":
        return None
    if not step.is_finite:
        return "failed", f"loss or weights not finite at epoch {step.epoch}"
    if step.epoch == preset.training.epochs:
        return "finished", None
    return (reason, None) if reason else None


@contextmanager
def closing(sinks: Sequence[Broadcast], threads: int) -> Iterator[ThreadPool]:
    """Provide the threads of a session; close them and its sinks at the end."""
    pool = ThreadPool(threads)
    try:
        yield pool
    finally:
        pool.close()
        for broadcast in sinks:
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
    recall: Recall = consume_all,
) -> EndRecord | None:
    """Train the preset's network and return how it ended, or None where it was detached.

    The sinks receive every record, and are closed. When a sink or the checkpoint keeper fails, the run ends as
    `failed`, which the other sinks record. `run` is the id of a new run; `resumption` is what a resumed one continues
    from, and `recall` is called with its past records.

    Raises
    ------
    OutputError
        When a sink can't store the end record itself.
    DataError
        When a run can't continue from a checkpoint: its data or starting weights have changed.
    """
    broadcast, keeper = _listeners(sinks, keeper, resumption)
    with closing([broadcast], threads) as pool:
        group = start_group([preset], digits, pool)
        record = resumption.record if resumption else None
        session = Session(group, [record or group.describe(0, run or new_run_id(preset.name))], [broadcast])
        rates = go_on(session, 0, broadcast, resumption, recall) if resumption else {}
        steering = _Steering(session, broadcast, keeper, controls, rates)
        checkpoint = resumption.checkpoint if resumption else None
        end = session.train(steering.between_epochs, checkpoint.epoch if checkpoint else -1).get(0)
    if end and broadcast.failure and not end.reason:
        raise broadcast.failure
    return end


def _listeners(
    sinks: Sequence[Sink], keeper: CheckpointKeeper | None, resumption: Resumption | None
) -> tuple[Broadcast, CheckpointKeeper | None]:
    """Return a run's sinks and its checkpoint keeper; those of a resumed run skip what is recorded already."""
    if resumption is None:
        return Broadcast(sinks), keeper
    broadcast = CatchUp(sinks, resumption)
    return broadcast, WaitingKeeper(keeper, broadcast) if keeper else None


def go_on(
    session: Session, member: int, broadcast: Broadcast, resumption: Resumption, recall: Recall
) -> Mapping[int, Iterable[float]]:
    """Restore a resumed run of a session; return the learning rates that a user set after the checkpoint, by epoch.

    Where `recall` can't write the past records, the run ends as if a sink had failed.
    """
    recorder, checkpoint = session.recorders[member], resumption.checkpoint
    if checkpoint:
        session.rates[member] = checkpoint.learning_rate
        recorder.go_on_from(checkpoint)
    past = Past(resumption, recorder.observe)
    try:
        recall(past)
    except OutputError as error:
        broadcast.note_failure(error)
    recorder.start_clock(checkpoint.seconds if checkpoint else 0.0)
    return past.rates


@dataclass(frozen=True)
class _Steering:
    """Stores checkpoints of a run that is trained alone and handles the front end's requests, between two epochs."""

    session: Session
    sinks: Broadcast
    keeper: CheckpointKeeper | None
    controls: Controls
    rates_set: Mapping[int, Iterable[float]]
    """Learning rates that a user set before the run was resumed, by the first epoch that they hold for."""

    def between_epochs(self, step: Step, is_measured: bool) -> StopReason | None:
        """Report the epoch, store a checkpoint when due, and wait while the run is paused."""
        self.sinks.advance(step.epoch)
        if not step.is_finite or self.sinks.failure:
            return self.controls.stop_reason
        if self.keeper and self.keeper.wants_checkpoint(is_measured=is_measured):
            self._keep_checkpoint(step)
        reason = self._await_turn(step)
        if reason:
            self._keep_checkpoint(step)
        return reason

    def _keep_checkpoint(self, step: Step) -> None:
        if self.keeper and not self.sinks.failure:
            try:
                self.keeper.keep_checkpoint(self.session.recorders[0].checkpoint(step.epoch, self.session.rates[0]))
            except OutputError as error:
                self.sinks.note_failure(error)

    def _await_turn(self, step: Step) -> StopReason | None:
        """Handle the front end's requests until the next epoch may begin; return a reason to stop, or None."""
        recorder, controls = self.session.recorders[0], self.controls
        may_begin = False
        for rate in self.rates_set.get(step.epoch + 1, ()):
            self._set_rate(rate, step)
        while not may_begin and not controls.stop_reason and not self.sinks.failure:
            if controls.take_weights_request():
                self.sinks.show_weights(step.epoch, recorder.copied_weights())
            if controls.take_snapshot():
                self.sinks.keep_weights(f"epoch-{step.epoch:06}", step.epoch, recorder.copied_weights())
            if (factor := controls.take_rate_factor()) != 1:
                self._set_rate(self.session.rates[0] * factor, step)
            may_begin = controls.allows_epoch()
        return controls.stop_reason

    def _set_rate(self, rate: float, step: Step) -> None:
        self.session.rates[0] = rate
        self.sinks.write(ControlRecord(self.session.recorders[0].run, step.epoch + 1, "learning_rate", rate))


def is_due(epoch: int, preset: Preset) -> bool:
    """Return whether an epoch is measured: the first, the last, and every n-th by the preset's `every`."""
    return epoch % preset.measure.every == 0 or epoch == preset.training.epochs
