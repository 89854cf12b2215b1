"""Every shipped preset gives exactly the findings that its opening comment promises; on MNIST, with one thread each.

Presets are trained to their end behind `-m whole` alone. The quick tests hold that training's recording against the
comment, the preset and the program: it is diagnosed anew, the first epochs are trained beside it, and it must have been
made with the very values and the behaviour of today.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from tests.conftest import parse_records
from tests.promises.recording import (
    ANEW,
    Records,
    deciding_keys,
    findings_of,
    found_in,
    kept_records,
    read_recording,
    recorded_experiment,
    recorded_path,
    rounded,
    stale_runs,
    train_whole,
)
from tests.support.in_process import InProcess
from tuimove.diagnosis.finding import SEVERITIES
from tuimove.diagnosis.run_facts import JUDGED_COLUMNS
from tuimove.recording.record import Record, to_json
from tuimove.recording.sinks.sink import Broadcast, Sink
from tuimove.runs.side_by_side import GroupRun, run_group
from tuimove.runs.steering.controls import Controls
from tuimove.settings.preset import DataKeys, NetworkKeys, Preset, TrainingKeys
from tuimove.settings.preset_file import shipped_presets
from tuimove.training.image_set import Digits, choose_digits, read_digits

PROMISE = re.compile(r"^# Findings: (.+)\.$", re.MULTILINE)
CLAUSE = re.compile(r"(?:an? )?(notice|warning|alarm)s? on ([a-z_]+(?: and [a-z_]+)*)")

FIRST_EPOCHS = 10
"""That are trained beside a recording; every preset that measures between start and end measures there."""
NEAR, COARSE = 1e-3, 5e-2
"""How near lengths must be, in norms of their matrix: of healthy networks, and of those that are lost.

Ten epochs of W1 and W2 differ by at most 4e-7 between machine code for this processor's widest vectors with fused
multiply-adds and code for SSE2 without. A lost network's first epochs lie at the edge of chaos: at a rate of 8 it
becomes 1e-4 in the tenth epoch, and 4e-2 in the fortieth.
"""
END = 0.05
"""How near the last distance of W1 must be to that of a recording on any processor, as a share; healthy networks."""


def promised(text: str) -> set[tuple[str, str]]:
    """Return the rules in a preset's comment, each with its worst severity."""
    (promise,) = PROMISE.findall(text)
    clauses = CLAUSE.findall(promise)
    assert clauses or promise == "none"
    return {(rule, severity) for severity, rules in clauses for rule in rules.split(" and ")}


def worst_of(findings: Iterable[dict[str, Any]]) -> set[tuple[str, str]]:
    """Return the rules that spoke up, each with its worst severity."""
    worst: dict[str, str] = {}
    for finding in findings:
        rule, severity = finding["rule"], finding["severity"]
        worst[rule] = max(severity, worst.get(rule, severity), key=[*SEVERITIES].index)
    return set(worst.items())


def of_kind(records: Records, kind: str) -> Records:
    return [record for record in records if record["record"] == kind]


def presets_of(name: str) -> list[Preset]:
    return [member.preset for member in recorded_experiment(name).members]


@pytest.mark.parametrize("name", shipped_presets())
def test_a_recorded_preset_gives_the_findings_that_it_promises(name: str, in_process: InProcess) -> None:
    recording = read_recording(name)
    stale = stale_runs(recording, presets_of(name))
    assert not stale, f"{', '.join(stale)}: {ANEW} {name}"
    assert {record["status"] for record in of_kind(recording, "end")} == {"finished"}
    assert found_in(recording) == findings_of(recording), f"the rules find something else today: {ANEW} {name}"
    checked = in_process("check", recorded_path(name))
    assert worst_of(parse_records(checked.stdout)) == promised(shipped_presets()[name])


class Keeping(Sink):
    """Keeps records as the lines that they are written in."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def write(self, record: Record) -> None:
        self.lines.append(to_json(record, histograms=False))


@cache
def mnist() -> Digits:
    return read_digits("mnist")


def first_epochs(preset: Preset) -> list[str]:
    """Return the lines of a run's first epochs."""
    shortened = replace(preset, training=replace(preset.training, epochs=FIRST_EPOCHS))
    digits, kept = choose_digits(mnist(), preset.data, preset.training.seed), Keeping()
    run_group([GroupRun(shortened, Broadcast([kept]))], digits, Controls(), 1)
    return kept.lines


def compared(records: Records, run: str) -> dict[tuple[int, str, str], tuple[float, float]]:
    """Return what is well-conditioned in a run's first epochs, with its unit: the norm of its matrix, or one."""
    measurements = [record for record in of_kind(records, "measurement") if record["run"] == run]
    lengths = {
        (record["epoch"], matrix, column): (numbers[column], numbers["norm"])
        for record in measurements
        for matrix, numbers in record["matrices"].items()
        for column in ("distance", "norm")
        if matrix.startswith("W")
    }
    losses = {(record["epoch"], "network", "loss"): (record["loss"], 1.0) for record in measurements}
    return {key: pair for key, pair in (lengths | losses).items() if key[0] in (0, FIRST_EPOCHS)}


def is_lost(recording: Records, run: str) -> bool:
    return any(finding["severity"] == "alarm" for finding in of_kind(recording, "finding") if finding["run"] == run)


@pytest.mark.parametrize("name", shipped_presets())
def test_the_first_epochs_of_a_preset_are_as_recorded(name: str, in_process: InProcess) -> None:
    """Of its first run and of its last, which differ in everything that the preset varies."""
    recording, presets = read_recording(name), presets_of(name)
    for preset in {preset.name: preset for preset in (presets[0], presets[-1])}.values():
        lines = first_epochs(preset)
        records = parse_records("\n".join(lines))
        checked = in_process("check", "-", input="".join(f"{line}\n" for line in lines))
        assert parse_records(checked.stdout) == of_kind(records, "finding")
        lost = is_lost(recording, preset.name)
        trained, kept = compared(records, records[0]["run"]), compared(recording, preset.name)
        assert len(kept) >= 5
        for key, (recorded, unit) in kept.items():
            if key in trained and not (lost and key[1] == "network"):
                assert trained[key][0] == pytest.approx(recorded, abs=(COARSE if lost else NEAR) * unit), key


@pytest.mark.whole
@pytest.mark.parametrize("name", shipped_presets())
def test_a_preset_trained_to_its_end_gives_the_findings_that_it_promises(name: str, in_process: InProcess) -> None:
    """Ten seconds to some minutes each; what this proves is recorded, and holds until behaviour changes."""
    records = train_whole(name)
    found = of_kind(records, "finding")
    assert worst_of(found) == promised(shipped_presets()[name])
    checked = in_process("check", "-", input="".join(f"{json.dumps(record)}\n" for record in records))
    assert sorted(checked.stdout.splitlines()) == sorted(json.dumps(one, separators=(",", ":")) for one in found)
    assert found_in(kept_records(records)) == findings_of(records)
    recording, ends = read_recording(name), last_distances(kept_records(records))
    for run, distance in last_distances(recording).items():
        assert is_lost(recording, run) or ends[run] == pytest.approx(distance, rel=END), run


def last_distances(records: Records) -> dict[str, float]:
    """Return how far W1 has come in the end, by run."""
    return {record["run"]: record["matrices"]["W1"]["distance"] for record in of_kind(records, "measurement")}


CHANGED = {
    "activation": Preset("r", network=NetworkKeys(activation="tanh")),
    "rate": Preset("r", training=TrainingKeys(learning_rate=0.51)),
    "images": Preset("r", data=DataKeys(train=100)),
    "name": Preset("s"),
}


@pytest.mark.parametrize("what", CHANGED)
def test_a_preset_s_changed_value_is_noticed(what: str) -> None:
    recording = kept_records([run_record(Preset("r"))])
    assert stale_runs(recording, [Preset("r")]) == []
    assert stale_runs(recording, [CHANGED[what]])


def test_a_changed_title_changes_nothing() -> None:
    recording = kept_records([run_record(Preset("r"))])
    assert stale_runs(recording, [Preset("r", "Other words", picture="ends")]) == []


def test_a_recording_of_other_behaviour_is_noticed() -> None:
    recording = kept_records([run_record(Preset("r"))])
    recording[0]["behaviour"] = "another"
    assert stale_runs(recording, [Preset("r")]) == ["r"]


def run_record(preset: Preset) -> dict[str, Any]:
    return {"record": "run", "schema": 1, "run": "an-id", "matrices": [],
            "preset": {"name": preset.name, **preset.as_dict()}}  # fmt: skip


def test_what_is_kept_tells_of_no_machine_and_of_no_rounding() -> None:
    """The bias of the last layer moves by rounding alone where its gradient is shared."""
    shared = Preset("r", training=TrainingKeys(bias_gradient="shared"))
    numbers = dict.fromkeys((*JUDGED_COLUMNS, "rms"), 0.123456789)
    measurement = {"record": "measurement", "run": "an-id", "epoch": 10, "seconds": 1.5, "loss": 1.0,
                   "train_accuracy": 0.5, "test_accuracy": 0.5, "matrices": {"W1": numbers, "b2": numbers}}  # fmt: skip
    run, kept = kept_records([run_record(shared) | {"started": "today", "threads": 2}, measurement])
    assert set(run) == {"record", "schema", "run", "preset", "matrices", "behaviour"}
    assert run["run"] == kept["run"] == "r"
    assert "seconds" not in kept
    assert kept["matrices"]["W1"]["distance"] == 0.12346
    assert {"distance", "step", "cosine"} & set(kept["matrices"]["b2"]) == set()
    assert rounded(None) is None
    assert "title" not in deciding_keys(run["preset"])
