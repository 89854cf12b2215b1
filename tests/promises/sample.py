"""The zoo's sample: a few kinds of one configuration, trained on MNIST, recorded as the presets are."""

from __future__ import annotations

import json
from typing import Any

from tests.promises.behaviour import behaviour_sum
from tests.promises.recording import (
    LOSS_DIGITS,
    read_recording,
    recorded_path,
    rounded,
    with_limits_renamed,
    write_lines,
)
from tests.zoo.images import load_images
from tests.zoo.reading import Recording, parse_recording
from tests.zoo.recording import recording_passes, train_pass
from tests.zoo.specimens import Specimen, zoo_specimens
from tuimove.diagnosis.run_facts import JUDGED_COLUMNS

SAMPLE = "zoo-sample"
"""What its recording is called."""
CONFIGURATION = "relu-he-20-mnist-14x14-12000-350"
KINDS = ("learning_rate_too_high", "flipped_gradient", "frozen_layer", "weight_decay", "restart")
RUN_COLUMNS = ("loss", "train_accuracy", "test_accuracy")
RIVAL_COLUMNS = ("rms",)
"""Of a matrix: what the rivals' rules read beside what ours do."""


def sampled_specimens() -> list[Specimen]:
    """Return the healthy specimens of the configuration and a few kinds of faulty ones."""
    specimens = [s for s in zoo_specimens("calibration") if s.configuration == CONFIGURATION]
    return [s for s in specimens if s.is_healthy or s.fault.kind in KINDS]


def train_sample() -> list[list[dict[str, Any]]]:
    """Train the sample and return every specimen's records."""
    tapes = [
        tape
        for batch in recording_passes(sampled_specimens())
        for tape in train_pass(batch, load_images(batch[0].preset.data, batch[0].preset.training.seed))
    ]
    return [[json.loads(line) for line in tape.lines] for tape in tapes]


def record_sample() -> None:
    """Train the sample and keep what the rules, the rivals' rules and the judge read of it."""
    lines = [json.dumps(_kept(record), separators=(",", ":")) for records in train_sample() for record in records]
    write_lines(recorded_path(SAMPLE), lines)


def _kept(record: dict[str, Any]) -> dict[str, Any]:
    match record["record"]:
        case "specimen":
            return {**record, "behaviour": behaviour_sum()}
        case "run":
            return {name: record[name] for name in ("record", "schema", "run", "preset", "data")}
        case "measurement":
            matrices = {
                name: {column: rounded(matrix[column]) for column in (*JUDGED_COLUMNS, *RIVAL_COLUMNS)}
                for name, matrix in record["matrices"].items()
            }
            del record["noted"]
            return {**record, "seconds": 0.0, **{name: rounded(record[name], LOSS_DIGITS) for name in RUN_COLUMNS},
                    "matrices": matrices}  # fmt: skip
        case _:
            return {**record, "seconds": 0.0}


def recorded_sample() -> list[Recording]:
    """Return the recorded specimens."""
    specimens: list[list[dict[str, Any]]] = []
    for record in read_recording(SAMPLE):
        if record["record"] == "specimen":
            specimens.append([])
        specimens[-1].append(record)
    return [parse_recording(records) for records in specimens]


def stale_specimens() -> list[str]:
    """Return the names of the specimens that the zoo doesn't hold as they are recorded, or that aren't recorded."""
    recorded = {recording.name: recording for recording in recorded_sample()}
    made = {specimen.name: specimen for specimen in sampled_specimens()}
    current = [
        name for name in made.keys() & recorded.keys()
        if recorded[name].specimen["behaviour"] == behaviour_sum()
        and with_limits_renamed(recorded[name].run["preset"])
        == {"name": made[name].preset.name, **made[name].preset.as_dict()}
        and recorded[name].specimen["strength"] == made[name].fault.strength
    ]  # fmt: skip
    return sorted((made.keys() | recorded.keys()) - set(current))
