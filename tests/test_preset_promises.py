"""Every shipped preset gives exactly the findings that its opening comment promises; on MNIST, three minutes.

Of the hundred networks of `different-networks` only the first ten are trained. One thread each: other tests run beside.
"""

from __future__ import annotations

import re

import pytest

from tests.conftest import Tuimove, parse_records
from tuimove.preset import shipped_presets
from tuimove.record import SEVERITIES

PROMISE = re.compile(r"^# Findings: (.+)\.$", re.MULTILINE)
FIRST_TEN = (
    "--set",
    f"sweep.training.epochs={[*range(10, 101, 10)]}",
    "--set",
    f"sweep.training.seed={[*range(1, 11)]}",
)
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


@pytest.mark.parametrize("name", shipped_presets())
def test_a_shipped_preset_gives_the_findings_that_it_promises(name: str, tuimove: Tuimove) -> None:
    shortened = FIRST_TEN if name == "different-networks" else ()
    done = tuimove("run", name, "--no-ui", "--threads", 1, *shortened, timeout=600)
    assert done.returncode == 0, done.stderr
    findings = [record for record in parse_records(done.stdout) if record["record"] == "finding"]
    assert worst_of(findings) == promised(shipped_presets()[name])
    checked = tuimove("check", "-", input=done.stdout)
    assert parse_records(checked.stdout) == findings
