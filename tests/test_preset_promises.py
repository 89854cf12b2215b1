"""Every shipped preset gives exactly the findings that its opening comment promises; on MNIST, with one thread each.

What takes longest is recorded: the recordings are diagnosed anew and the first epochs held beside them. Of the hundred
networks of `different-networks` only the first ten are trained.
"""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.conftest import Tuimove, parse_records
from tests.recorded_promises import RECORDED, read_recording, recorded_path
from tuimove.preset import shipped_presets
from tuimove.record import SEVERITIES
from tuimove.sweep import load_experiment

PROMISE = re.compile(r"^# Findings: (.+)\.$", re.MULTILINE)
FIRST_TEN = (
    "--set",
    f"sweep.training.epochs={[*range(10, 101, 10)]}",
    "--set",
    f"sweep.training.seed={[*range(1, 11)]}",
)
FIRST_EPOCHS = 40
CLAUSE = re.compile(r"(?:an? )?(notice|warning|alarm)s? on ([a-z_]+(?: and [a-z_]+)*)")


def promised(text: str) -> set[tuple[str, str]]:
    """Return the rules in a preset's comment, each with its worst severity."""
    (promise,) = PROMISE.findall(text)
    clauses = CLAUSE.findall(promise)
    assert clauses or promise == "none"
    return {(rule, severity) for severity, rules in clauses for rule in rules.split(" and ")}


def worst_of(findings: list[dict[str, str]]) -> set[tuple[str, str]]:
    """Return the rules that spoke up, each with its worst severity."""
    worst: dict[str, str] = {}
    for finding in findings:
        rule, severity = finding["rule"], finding["severity"]
        worst[rule] = max(severity, worst.get(rule, severity), key=[*SEVERITIES].index)  # type: ignore[arg-type]
    return set(worst.items())


def findings_in(records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [record for record in records if record["record"] == "finding"]


def measured(records: list[dict[str, Any]]) -> dict[tuple[str, int, str, str], float]:
    """Return distances, norms and losses by the run's name, epoch, matrix and quantity."""
    names = {record["run"]: record["preset"]["name"] for record in records if record["record"] == "run"}
    return {
        (names[record["run"]], record["epoch"], matrix, quantity): numbers[quantity]
        for record in records
        if record["record"] == "measurement"
        for matrix, numbers in {**record["matrices"], "network": record}.items()
        for quantity in ("distance", "norm", "loss")
        if quantity in numbers
    }


def train(tuimove: Tuimove, name: str, *changes: str) -> list[dict[str, Any]]:
    """Return the records of a preset's run, in which `check` finds what the run itself found."""
    done = tuimove("run", name, "--no-ui", "--threads", 1, *changes, timeout=600)
    assert done.returncode == 0, done.stderr
    records = parse_records(done.stdout)
    checked = tuimove("check", "-", input=done.stdout)
    assert parse_records(checked.stdout) == findings_in(records)
    return records


@pytest.mark.parametrize("name", RECORDED)
def test_a_recorded_preset_gives_the_findings_that_it_promises(name: str, tuimove: Tuimove) -> None:
    recording = read_recording(name)
    members = [{"name": member.preset.name, **member.preset.as_dict()} for member in load_experiment(name).members]
    recorded = [record["preset"] for record in recording if record["record"] == "run"]
    assert sorted(recorded, key=str) == sorted(members, key=str), "record it anew: python -m tests.recorded_promises"
    assert [record["status"] for record in recording if record["record"] == "end"] == ["finished"] * len(members)
    checked = tuimove("check", recorded_path(name))
    assert worst_of(parse_records(checked.stdout)) == promised(shipped_presets()[name])

    whole = measured(recording)
    first = measured(train(tuimove, name, "--set", f"training.epochs={FIRST_EPOCHS}"))
    assert max(epoch for _, epoch, _, _ in first) == FIRST_EPOCHS
    assert first == pytest.approx({key: whole[key] for key in first}, rel=1e-3, abs=1e-5)


@pytest.mark.parametrize("name", [name for name in shipped_presets() if name not in RECORDED])
def test_a_shipped_preset_gives_the_findings_that_it_promises(name: str, tuimove: Tuimove) -> None:
    records = train(tuimove, name, *(FIRST_TEN if name == "different-networks" else ()))
    assert worst_of(findings_in(records)) == promised(shipped_presets()[name])
