"""Trains specimens with the tool's own trainer and keeps what it would have recorded, one file each.

Networks of a shape that learn from the same images are trained side by side, in passes that depend on the list of
specimens alone. Files appear whole or not at all, and a pass whose files are all there is skipped.
"""

from __future__ import annotations

import gzip
import json
import multiprocessing
import os
import sys
import time
from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.zoo.faults import FaultyBatch, scaled_pixels, spoil_start
from tests.zoo.specimens import Specimen
from tuimove.diagnosis.measurement import Observer
from tuimove.recording.record import EndRecord, MeasurementRecord, to_json
from tuimove.runs.run_recorder import describe_run
from tuimove.runs.session import is_due
from tuimove.training.full_batch import FullBatch, ThreadPool, Verdict
from tuimove.training.image_set import Digits, load_digits
from tuimove.training.network import Networks, start_networks
from tuimove.training.trainer import Step, training

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


def record_zoo(specimens: Iterable[Specimen], folder: Path, workers: int) -> None:
    """Record every pass that isn't complete, a few at once, telling stderr how it goes."""
    passes = [
        batch for batch in recording_passes(specimens) if not all(recorded_path(s, folder).exists() for s in batch)
    ]
    folder.mkdir(parents=True, exist_ok=True)
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
    for tape in train_pass(batch, load_digits(batch[0].preset.data, batch[0].preset.training.seed)):
        write_lines(recorded_path(tape.specimen, folder), tape.lines)
    return batch


def recorded_path(specimen: Specimen, folder: Path) -> Path:
    """Return where a specimen's records are kept."""
    return folder / f"{specimen.name}.jsonl.gz"


def write_lines(path: Path, lines: Sequence[str]) -> None:
    """Write a gzipped file that is there as a whole or not at all."""
    unfinished = path.with_suffix(f".{os.getpid()}")
    unfinished.write_bytes(gzip.compress("".join(f"{line}\n" for line in lines).encode(), mtime=0))
    unfinished.replace(path)


@dataclass
class Tape:
    """What is recorded of one specimen, line by line."""

    specimen: Specimen
    observer: Observer
    """Of the specimen's network, made at its start."""
    lines: list[str] = field(default_factory=list)
    has_ended: bool = False

    def record_step(self, step: Step, seconds: float, test: Verdict) -> None:
        """Add the measurement that is due, and the end where this is the last one."""
        name = self.specimen.preset.name
        measured = self.observer.measure()
        record = MeasurementRecord(
            name, step.epoch, seconds, step.learning_rate, step.loss, step.train_accuracy, test.accuracy, measured
        )
        self.lines.append(to_json(record, histograms=False))
        self.has_ended = not step.is_finite or step.epoch == self.specimen.preset.training.epochs
        if self.has_ended:
            end = EndRecord(name, "finished" if step.is_finite else "failed", step.epoch, seconds)
            self.lines.append(to_json(end, histograms=False))


def train_pass(batch: Pass, digits: Digits) -> list[Tape]:
    """Train specimens side by side and return their tapes."""
    presets, pool = [specimen.preset for specimen in batch], ThreadPool(1)
    networks = start_networks(
        [preset.network for preset in presets],
        [preset.training.seed for preset in presets],
        digits.inputs,
        digits.classes,
    )
    spoil_start(networks, batch)
    train = FaultyBatch(digits.train_images, digits.train_labels, networks, pool, gradients=True, specimens=batch)
    test = FullBatch(digits.test_images, digits.test_labels, networks, pool, gradients=False)
    tapes = _started_tapes(batch, networks, digits, train.form)
    began = time.perf_counter()
    with scaled_pixels(batch):
        for steps in training(networks, train, [preset.training for preset in presets]):
            is_measured = is_due(steps[0].epoch, presets[0])
            due = [member for member, step in enumerate(steps) if is_measured or not step.is_finite]
            due = [member for member in due if not tapes[member].has_ended]
            tests = test.evaluate(networks) if due else []
            for member in due:
                tapes[member].record_step(steps[member], time.perf_counter() - began, tests[member])
            if all(tape.has_ended for tape in tapes):
                break
    return tapes


def _started_tapes(batch: Pass, networks: Networks, digits: Digits, form: str) -> list[Tape]:
    live_inputs = digits.live_inputs()
    tapes = []
    for member, specimen in enumerate(batch):
        tape = Tape(specimen, Observer(networks.matrices(member), networks.roles[member], live_inputs))
        run = describe_run(specimen.preset.name, specimen.preset, digits, 1, form)
        tape.lines.append(json.dumps(described_specimen(specimen)))
        tape.lines.append(to_json(run, histograms=False))
        tapes.append(tape)
    return tapes


def described_specimen(specimen: Specimen) -> dict[str, Any]:
    """Return the first line of a specimen's file; its verdict waits for the others it is compared with."""
    return {
        "record": "specimen",
        "name": specimen.name,
        "part": specimen.part,
        **vars(specimen.fault),
        "configuration": specimen.configuration,
        "verdict": None,
    }
