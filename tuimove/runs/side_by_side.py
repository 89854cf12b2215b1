"""Several runs of one shape trained side by side, each told of as if it were alone.

They may differ in seed, start, learning rate, bias rule, measuring, limits and epochs; a run that has had its epochs is
told to have ended, and its network goes along unmeasured until the last has.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import replace

from tuimove.recording.folder.store import new_run_id
from tuimove.recording.record import EndRecord, RunRecord, Status
from tuimove.recording.sinks.sink import Broadcast
from tuimove.runs.run_recorder import RunRecorder, describe_run
from tuimove.runs.session import is_due
from tuimove.runs.steering.controls import Controls
from tuimove.settings.preset import Preset
from tuimove.training.full_batch import FullBatch, ThreadPool
from tuimove.training.image_set import Digits
from tuimove.training.network import start_networks
from tuimove.training.trainer import Step, training

WIDEST_GROUP = 192
"""Hidden neurons side by side; more gain nothing."""


def group_runs(presets: Iterable[Preset]) -> list[list[Preset]]:
    """Return presets in groups that can be trained side by side, those of similar length together."""
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
    """Return what the runs of a group have in common."""
    noise_seed = preset.training.seed if preset.data.label_noise else None
    return preset.network.hidden, preset.network.activation, preset.data, noise_seed


def run_group(
    presets: Sequence[Preset], digits: Digits, told: Sequence[Broadcast], controls: Controls, threads: int
) -> list[EndRecord]:
    """Train a group and return how each run ended; the sinks, one broadcast for each run, are told, and closed."""
    pool = ThreadPool(threads)
    try:
        return _Group(presets, digits, told, pool).train(controls)
    finally:
        pool.close()
        for broadcast in told:
            broadcast.close()


class _Group:
    def __init__(self, presets: Sequence[Preset], digits: Digits, told: Sequence[Broadcast], pool: ThreadPool) -> None:
        seeds = [preset.training.seed for preset in presets]
        keys = [preset.network for preset in presets]
        self._presets, self._told = presets, told
        self._networks = start_networks(keys, seeds, digits.inputs, digits.classes)
        self._train = FullBatch(digits.train_images, digits.train_labels, self._networks, pool, gradients=True)
        self._test = FullBatch(digits.test_images, digits.test_labels, self._networks, pool, gradients=False)
        self._recorders = [
            RunRecorder(preset, self._networks, member, digits, self._describe(preset, digits, pool), told[member])
            for member, preset in enumerate(presets)
        ]
        self._ends: dict[int, EndRecord] = {}

    def _describe(self, preset: Preset, digits: Digits, pool: ThreadPool) -> RunRecord:
        return describe_run(new_run_id(preset.name), preset, digits, pool.threads, self._train.form)

    def train(self, controls: Controls) -> list[EndRecord]:
        """Train until every run has ended, or somebody asks for an end."""
        longest = max(preset.training.epochs for preset in self._presets)
        keys = [replace(preset.training, epochs=longest) for preset in self._presets]
        for steps in training(self._networks, self._train, keys):
            self._measure(steps)
            if controls.stop_reason:
                self._stop(steps[0].epoch, controls)
            if len(self._ends) == len(self._presets):
                break
        return [self._ends[member] for member in range(len(self._presets))]

    def _measure(self, steps: Sequence[Step]) -> None:
        due = [
            member
            for member, step in enumerate(steps)
            if member not in self._ends and (is_due(step.epoch, self._presets[member]) or not step.is_finite)
        ]
        tests = self._test.evaluate(self._networks) if due else []
        for member in due:
            self._recorders[member].measure(steps[member], tests[member].accuracy)
            self._end_if_over(member, steps[member])

    def _end_if_over(self, member: int, step: Step) -> None:
        """Tell of a run's end after its last epoch, or where it can't go on."""
        recorder, failure = self._recorders[member], self._told[member].failure
        if failure:
            self._ends[member] = recorder.finish(step.epoch, "failed", str(failure))
        elif not step.is_finite:
            reason = f"loss or weights not finite at epoch {step.epoch}"
            self._ends[member] = recorder.finish(step.epoch, "failed", reason)
        elif step.epoch == self._presets[member].training.epochs:
            self._ends[member] = recorder.finish(step.epoch, "finished", None)

    def _stop(self, epoch: int, controls: Controls) -> None:
        status: Status = "interrupted" if controls.stop_reason == "interrupted" else "stopped"
        for member, recorder in enumerate(self._recorders):
            if member not in self._ends:
                self._ends[member] = recorder.finish(epoch, status, None)
