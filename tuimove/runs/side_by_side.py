"""Trains several runs of one shape side by side, each recorded as if it were alone.

They may differ in seed, start, learning rate, bias rule, measuring, limits and epochs.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence

from tuimove.recording.folder.store import new_run_id
from tuimove.recording.record import EndRecord
from tuimove.recording.sinks.sink import Broadcast
from tuimove.runs.session import Session, closing, start_group
from tuimove.runs.steering.controls import Controls
from tuimove.settings.preset import Preset
from tuimove.training.image_set import Digits

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


def run_group(
    presets: Sequence[Preset], digits: Digits, sinks: Sequence[Broadcast], controls: Controls, threads: int
) -> list[EndRecord]:
    """Train a group and return how each run ended; `sinks` holds one broadcast for each run, closed at the end."""
    with closing(sinks, threads) as pool:
        group = start_group(presets, digits, pool)
        records = [group.describe(member, new_run_id(preset.name)) for member, preset in enumerate(presets)]
        ends = Session(group, records, sinks).train(lambda *_: controls.stop_reason)
    return [end for _, end in sorted(ends.items())]
