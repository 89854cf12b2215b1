"""Recordings of the shipped presets' whole trainings: what is kept of a run, made anew, read back and held against.

What is kept is what the rules read, to five digits, and how the run came out: nothing that tells of the machine or of
the day. Five digits are what a length is good for: float32 weights are rounded to 24 bits at every step, differently on
every processor. What is rounding alone is left out: with the `shared` bias gradient b2 moves by nothing else, since
the softmax errors of an image sum to zero.
"""

from __future__ import annotations

import gzip
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.conftest import parse_records
from tests.promises.behaviour import behaviour_sum
from tuimove.diagnosis.run_facts import JUDGED_COLUMNS
from tuimove.recording.record import line_of
from tuimove.reports.check import Checker
from tuimove.settings.limits import RENAMED
from tuimove.settings.preset import Preset
from tuimove.settings.preset_reading import Override
from tuimove.settings.sweep import Experiment, load_experiment

FOLDER = Path(__file__).parent
ANEW = "record anew: python -m tests.promises"
"""What to do when a recording no longer holds; preset names after it record only those."""

SHORTENED = {
    "different-networks": {"training.epochs": [*range(10, 101, 10)], "training.seed": [*range(1, 11)]},
}
"""Presets of which only the first runs are recorded: the lists of their sweep. The others differ in length alone."""

DIGITS, LOSS_DIGITS = 5, 9
"""Of numbers, and of losses, which rules look at for the least change."""
SUMMED_TO_ZERO = ("distance", "step", "cosine")
"""Of b2, where the rule for biases is `shared`: rounding errors."""
WORDS = ("title", "picture")
"""Keys of a preset that change nothing that is computed."""

Records = list[dict[str, Any]]


def recorded_path(name: str) -> Path:
    """Return the file of a recording."""
    return FOLDER / f"{name}.jsonl.gz"


def read_recording(name: str) -> Records:
    """Return the records of a preset's recording."""
    return parse_records(gzip.decompress(recorded_path(name).read_bytes()).decode())


def write_lines(path: Path, lines: Sequence[str]) -> None:
    """Write a gzipped file that is there as a whole or not at all."""
    unfinished = path.with_suffix(f".{os.getpid()}")
    unfinished.write_bytes(gzip.compress("".join(f"{line}\n" for line in lines).encode(), mtime=0))
    unfinished.replace(path)


def recorded_experiment(name: str, overrides: Iterable[Override] = ()) -> Experiment:
    """Return the runs of a preset that are recorded."""
    first = [Override("recorded", f"sweep.{key}", values) for key, values in SHORTENED.get(name, {}).items()]
    return load_experiment(name, [*first, *overrides])


def record_preset(name: str) -> None:
    """Train a preset to its end and keep what `kept_records` leaves of it.

    Raises
    ------
    ValueError
        When the rules find something else in what is kept than they did in the run.
    """
    records = train_whole(name)
    kept = kept_records(records)
    if found_in(kept) != findings_of(records):
        raise ValueError(f"{name}: what is kept of its records gives other findings than the run itself")
    write_lines(recorded_path(name), [line_of(record) for record in kept])


def train_whole(name: str) -> Records:
    """Return the records of a preset's runs as the command line gives them."""
    lists = [f"--set=sweep.{key}={values}" for key, values in SHORTENED.get(name, {}).items()]
    command = [sys.executable, "-m", "tuimove", "run", name, "--no-ui", "--no-store", "--threads", "1", *lists]
    return parse_records(subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout)


def kept_records(records: Records) -> Records:
    """Return what is kept of runs' records, run after run, each called after its preset."""
    names = {record["run"]: record["preset"]["name"] for record in records if record["record"] == "run"}
    rules = {record["run"]: record["preset"]["training"]["bias_gradient"] for record in records if "preset" in record}
    kept = [{**_kept(record, rules[record["run"]]), "run": names[record["run"]]} for record in records]
    return sorted(kept, key=lambda record: [*names.values()].index(record["run"]))


def _kept(record: Mapping[str, Any], bias_gradient: str) -> dict[str, Any]:
    match record["record"]:
        case "run":
            return {"record": "run", "schema": record["schema"], "run": "", "preset": deciding_keys(record["preset"]),
                    "matrices": record["matrices"], "behaviour": behaviour_sum()}  # fmt: skip
        case "measurement":
            matrices = {
                name: {column: rounded(matrix[column]) for column in JUDGED_COLUMNS
                       if not (name == "b2" and bias_gradient == "shared" and column in SUMMED_TO_ZERO)}
                for name, matrix in record["matrices"].items()
            }  # fmt: skip
            plain = {name: rounded(record[name]) for name in ("train_accuracy", "test_accuracy")}
            plain |= {"loss": rounded(record["loss"], LOSS_DIGITS)}
            return {"record": "measurement", "run": "", "epoch": record["epoch"], **plain, "matrices": matrices}
        case "finding":
            return {name: record[name] for name in ("record", "run", "epoch", "rule", "severity", "matrix", "causes")}
        case _:
            return {name: record[name] for name in ("record", "run", "status", "epochs")}


def rounded(number: float | None, digits: int = DIGITS) -> float | None:
    """Return a number to so many digits."""
    return number if number is None else float(f"{number:.{digits}g}")


def deciding_keys(preset: Mapping[str, Any]) -> dict[str, Any]:
    """Return a preset as it is recorded without its words, and with its limits as they are called now."""
    return {name: value for name, value in with_limits_renamed(preset).items() if name not in WORDS}


def with_limits_renamed(preset: Mapping[str, Any]) -> dict[str, Any]:
    """Return a preset as it is recorded, with its limits as they are called now."""
    limits = {RENAMED.get(f"diagnosis.{name}", name).rpartition(".")[2]: value
              for name, value in preset["diagnosis"].items()}  # fmt: skip
    return {**preset, "diagnosis": limits}


def stale_runs(recording: Records, presets: Sequence[Preset]) -> list[str]:
    """Return the names of the runs that the preset doesn't make as they are recorded, or that aren't recorded."""
    recorded = {record["run"]: {**record, "preset": deciding_keys(record["preset"])}
                for record in recording if record["record"] == "run"}  # fmt: skip
    made = {preset.name: {"name": preset.name, **deciding_keys(preset.as_dict())} for preset in presets}
    stale = {name for name, keys in made.items() if recorded.get(name, {}).get("preset") != keys}
    older = {name for name, record in recorded.items() if record.get("behaviour") != behaviour_sum()}
    return sorted(stale | older | (set(recorded) - set(made)))


def findings_of(records: Records) -> list[tuple[Any, ...]]:
    """Return what has been found: run by preset name, epoch, rule, severity, matrix and causes, in their order."""
    names = {record["run"]: record["preset"]["name"] for record in records if record["record"] == "run"}
    return sorted(_finding(record, names[record["run"]]) for record in records if record["record"] == "finding")


def found_in(records: Records) -> list[tuple[Any, ...]]:
    """Return what the rules find in records, as `findings_of` does."""
    return sorted(_finding(record, record["run"]) for record in diagnosed(records))


def diagnosed(records: Records) -> Iterator[dict[str, Any]]:
    """Yield the finding records that records give cause to."""
    checker = Checker()
    for record in records:
        yield from (finding.as_dict() for finding in checker.observe(record))


def _finding(record: Mapping[str, Any], run: str) -> tuple[Any, ...]:
    return (run, record["epoch"], record["rule"], record["severity"], record["matrix"] or "", *record["causes"])
