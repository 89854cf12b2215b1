"""Trains specimens with the tool's own trainer and keeps what it would have recorded, one file each.

Networks of a shape that learn from the same images are trained side by side, in passes that depend on the list of
specimens alone. Files appear whole or not at all, and a pass whose files are all there is skipped.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import sys
import time
from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from tests.zoo.faults import FaultyBatch, scaled_pixels, spoil_start
from tests.zoo.images import load_images
from tests.zoo.packing import SUFFIX, write_packed
from tests.zoo.reading import TEST_LOSS, kept_bytes, parse_recording
from tests.zoo.specimens import Specimen
from tuimove.recording.record import FindingRecord, MeasurementRecord, Record, to_json
from tuimove.recording.sinks.sink import Broadcast, Sink
from tuimove.runs.session import Session, closing, start_group
from tuimove.training.full_batch import FullBatch, Score
from tuimove.training.image_set import Digits
from tuimove.training.network import Networks

WIDEST_PASS = 256
"""Hidden neurons side by side; more gain nothing and take memory."""

NICENESS = 10
"""Other work on the machine comes first."""

Pass = tuple[Specimen, ...]


def recording_passes(specimens: Iterable[Specimen]) -> list[Pass]:
    """Return the specimens in groups that can be trained side by side, in their order."""
    groups: dict[Hashable, list[Specimen]] = defaultdict(list)
    for specimen in specimens:
        groups[_shared_traits(specimen)].append(specimen)
    passes = []
    for group in groups.values():
        count = max(1, WIDEST_PASS // group[0].preset.network.hidden)
        passes += [tuple(group[start : start + count]) for start in range(0, len(group), count)]
    return passes


def _shared_traits(specimen: Specimen) -> Hashable:
    """Return what the networks of a pass have in common."""
    preset = specimen.preset
    return (
        preset.network.hidden,
        preset.network.activation,
        preset.training.epochs,
        preset.data,
        preset.measure,
        specimen.is_healthy,
        specimen.fault.kind == "unscaled_inputs",
    )


def record_zoo(specimens: Iterable[Specimen], folder: Path, workers: int, only: str = "") -> None:
    """Record every pass that isn't complete, a few at once, telling stderr how it goes.

    Passes without a specimen that has `only` in its name are left out.
    """
    passes = [
        batch for batch in recording_passes(specimens)
        if any(only in s.name for s in batch) and not all(recorded_path(s, folder).exists() for s in batch)
    ]  # fmt: skip
    folder.mkdir(parents=True, exist_ok=True)
    if passes:
        _record_passes(passes, folder, workers)


def _record_passes(passes: Sequence[Pass], folder: Path, workers: int) -> None:
    began = time.monotonic()
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, context, initializer=os.nice, initargs=(NICENESS,)) as pool:
        recorded = as_completed([pool.submit(record_pass, batch, folder) for batch in passes])
        for done, batch in enumerate((future.result() for future in recorded), 1):
            elapsed = time.monotonic() - began
            print(
                f"{done}/{len(passes)} passes, {elapsed:.0f} s: {len(batch)} x {batch[0].name}",
                file=sys.stderr,
                flush=True,
            )


def record_pass(batch: Pass, folder: Path) -> Pass:
    """Train the specimens of a pass side by side, write their files and return them."""
    for tape in train_pass(batch, load_images(batch[0].preset.data, batch[0].preset.training.seed)):
        recording = parse_recording([json.loads(line) for line in tape.lines])
        write_packed(recorded_path(tape.specimen, folder), kept_bytes(recording))
    return batch


def recorded_path(specimen: Specimen, folder: Path) -> Path:
    """Return where a specimen's records are kept."""
    return folder / f"{specimen.name}{SUFFIX}"


class TestBatch(FullBatch):
    """The test images, which remember how the networks did when they were last evaluated."""

    __test__ = False
    scores: Sequence[Score] = ()

    def evaluate(self, networks: Networks) -> list[Score]:
        """Return each network's loss and accuracy."""
        self.scores = scores = super().evaluate(networks)
        return scores


@dataclass(frozen=True)
class Tape(Sink):
    """What is recorded of one specimen, line by line: all but the findings, which depend on the rules.

    The loss on the test images, which the program doesn't record, is noted beside each measurement.
    """

    specimen: Specimen
    member: int
    """Its place in the pass."""
    tests: TestBatch
    lines: list[str] = field(default_factory=list)

    def write(self, record: Record) -> None:
        """Add a line for the record."""
        if isinstance(record, MeasurementRecord):
            record = replace(record, noted={TEST_LOSS: self.tests.scores[self.member].loss})
        if not isinstance(record, FindingRecord):
            self.lines.append(to_json(record, histograms=False))


def train_pass(batch: Pass, digits: Digits) -> list[Tape]:
    """Train specimens side by side and return their tapes."""
    presets = [specimen.preset for specimen in batch]
    told: list[Broadcast] = []
    with closing(told, threads=1) as pool:
        group = start_group(presets, digits, pool, partial(FaultyBatch, specimens=batch))
        tests = TestBatch(digits.test_images, digits.test_labels, group.networks, pool, gradients=False)
        tapes = [Tape(specimen, member, tests, [_first_line(specimen)]) for member, specimen in enumerate(batch)]
        told += [Broadcast([tape]) for tape in tapes]
        spoil_start(group.networks, batch)
        records = [group.describe(member, preset.name) for member, preset in enumerate(presets)]
        with scaled_pixels(batch):
            Session(replace(group, test=tests), records, told).train(lambda *_: None)
    return tapes


def _first_line(specimen: Specimen) -> str:
    return json.dumps(described_specimen(specimen))


def described_specimen(specimen: Specimen) -> dict[str, Any]:
    """Return what a file says of its specimen; its verdict depends on the others it is compared with."""
    return {
        "record": "specimen",
        "name": specimen.name,
        "part": specimen.part,
        **vars(specimen.fault),
        "configuration": specimen.configuration,
    }
