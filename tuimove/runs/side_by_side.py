"""Trains several runs of one shape side by side, each recorded as if it were alone.

They may differ in seed, start, learning rate, bias rule, measuring, limits and epochs.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass

from tuimove.errors import DataError, OutputError
from tuimove.recording.checkpoint import CheckpointKeeper
from tuimove.recording.folder.store import new_run_id
from tuimove.recording.record import EndRecord, RunRecord
from tuimove.recording.sinks.sink import Broadcast, Sink
from tuimove.runs.catch_up import CatchUp, WaitingKeeper
from tuimove.runs.past import consume_all
from tuimove.runs.resumption import Resumption
from tuimove.runs.session import Group, Session, closing, go_on, start_group
from tuimove.runs.steering.controls import Controls, StopReason
from tuimove.settings.preset import Preset
from tuimove.training.image_set import Digits
from tuimove.training.trainer import Step

WIDEST_GROUP = 192
"""Hidden neurons of a group, in all; wider groups gain no speed."""


def group_runs(presets: Iterable[Preset]) -> list[list[Preset]]:
    """Return presets in groups that can be trained side by side, with runs of similar length together."""
    shapes: dict[Hashable, list[Preset]] = defaultdict(list)
    for preset in presets:
        shapes[_shape(preset)].append(preset)
    groups = []
    for alike in shapes.values():
        ordered = sorted(alike, key=lambda preset: preset.training.epochs)
        most = max(1, WIDEST_GROUP // ordered[0].network.hidden)
        groups += [ordered[start : start + most] for start in range(0, len(ordered), most)]
    return groups


def _shape(preset: Preset) -> Hashable:
    """Return what the runs of a group must have in common, as a dictionary key."""
    noise_seed = preset.training.seed if preset.data.label_noise else None
    return preset.network.hidden, preset.network.activation, preset.data, noise_seed


@dataclass(frozen=True)
class GroupRun:
    """A run of a group: what records it, and what it goes on from."""

    preset: Preset
    sinks: Broadcast
    keeper: CheckpointKeeper | None = None
    """Stores a checkpoint when the run is stopped; None for no checkpoint."""
    resumption: Resumption | None = None
    """What the run goes on from, which is of the same epoch for all runs of a group; None for a new run."""


def group_run(
    preset: Preset, sinks: Iterable[Sink], keeper: CheckpointKeeper | None, resumption: Resumption | None
) -> GroupRun:
    """Return a run of a group; one that goes on skips what is recorded already."""
    if resumption is None:
        return GroupRun(preset, Broadcast(sinks), keeper)
    caught_up = CatchUp(sinks, resumption)
    return GroupRun(preset, caught_up, keeper and WaitingKeeper(keeper, caught_up), resumption)


def run_group(runs: Sequence[GroupRun], digits: Digits, controls: Controls, threads: int) -> list[EndRecord]:
    """Train a group and return how each run ended; its sinks are closed at the end.

    Raises
    ------
    DataError
        When a run can't go on: its data or starting weights have changed, or the runs were stopped at other epochs.
    """
    sinks, presets = [run.sinks for run in runs], [run.preset for run in runs]
    with closing(sinks, threads) as pool:
        group = start_group(presets, digits, pool)
        records = [_record(group, member, run) for member, run in enumerate(runs)]
        session = Session(group, records, sinks)
        measured = _go_on(session, runs)

        def between_epochs(step: Step, _is_measured: bool) -> StopReason | None:
            reason = controls.stop_reason
            if reason:
                _keep_checkpoints(session, runs, step.epoch)
            return reason

        ends = session.train(between_epochs, measured)
    return [end for _, end in sorted(ends.items())]


def _record(group: Group, member: int, run: GroupRun) -> RunRecord:
    began = run.resumption.record if run.resumption else None
    return began or group.describe(member, new_run_id(run.preset.name))


def _go_on(session: Session, runs: Sequence[GroupRun]) -> int:
    """Restore the runs that go on; return the epoch that they were stopped at, -1 for new runs."""
    checkpoints = [run.resumption.checkpoint if run.resumption else None for run in runs]
    epochs = {checkpoint.epoch if checkpoint else -1 for checkpoint in checkpoints}
    if len(epochs) > 1:
        raise DataError("the runs of a group were stopped at different epochs")
    for member, run in enumerate(runs):
        if run.resumption:
            go_on(session, member, run.sinks, run.resumption, consume_all)
    return epochs.pop()


def _keep_checkpoints(session: Session, runs: Sequence[GroupRun], epoch: int) -> None:
    """Store a checkpoint of every run that hasn't ended; where that fails, the run ends as if a sink had failed."""
    for member in session.running:
        run = runs[member]
        if run.keeper and not run.sinks.failure:
            try:
                run.keeper.keep_checkpoint(session.recorders[member].checkpoint(epoch, session.rates[member]))
            except OutputError as error:
                run.sinks.note_failure(error)
