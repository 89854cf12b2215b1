"""The fold: each thing told once, whatever is missing, and the same however often it is asked."""

from __future__ import annotations

import math
from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.courses import EPOCHS, FACTS, HEALTHY, Numbers, Shape, bend, course, diagnose, told
from tuimove.diagnosis.diagnosis import Diagnosis
from tuimove.diagnosis.finding import REMEDIES, Finding
from tuimove.diagnosis.full_batch.past import MatrixPast, RunPast
from tuimove.diagnosis.run_facts import JUDGED_COLUMNS, RunFacts
from tuimove.settings.limits import REMOVED, RENAMED, DiagnosisKeys
from tuimove.settings.matrix_role import OWN_NAMES, OWN_ROLES, MatrixRole, Roles, own_roles
from tuimove.settings.preset import Preset
from tuimove.settings.preset_reading import Override, diagnosis_keys, load_preset, preset_from_table
from tuimove.settings.starting_law import StartingLaw


def faulty_course() -> list[Numbers]:
    return bend(course(W1=lambda t: 60.0 + t * 1e-9 if t else 0.0), W1_step=lambda t: 60.0 if t < 20 else 1e-3)


def test_a_finding_is_told_once_while_it_lasts() -> None:
    findings = told(diagnose(faulty_course()))
    assert len(findings) == len(set(findings))


def test_a_finding_that_has_been_gone_for_long_is_told_again() -> None:
    rows = bend(course(), W1_frozen=lambda t: 0.1 if 200 <= t < 600 else 0.4)
    assert told(diagnose(rows)) == [("frozen_entries", "W1", "warning")] * 2


def test_numbers_that_are_missing_are_not_judged() -> None:
    rows = [{name: value for name, value in row.items() if "distance" not in name} for row in faulty_course()]
    assert diagnose(rows) == []


@pytest.mark.parametrize("matrix", ["W1", "W2"])
def test_one_matrix_alone_can_be_diagnosed(matrix: str) -> None:
    leaping: dict[str, Shape] = {matrix: lambda t: 500.0 + 1e-9 * t if t else 0.0}
    rows = course(EPOCHS, **leaping)
    rows = [{name: value for name, value in row.items() if name == "epoch" or name.startswith(matrix)} for row in rows]
    assert ("distance_jumping", matrix, "alarm") in told(diagnose(bend(rows, **{f"{matrix}_step": lambda _: 400.0})))


def test_a_run_whose_first_measurements_are_gone_is_judged_by_the_start_that_the_geometry_tells() -> None:
    past = MatrixPast(OWN_ROLES[0])
    cosine, distance, start = -0.3, 10.0, 25.0
    norm = math.sqrt(start**2 + distance**2 + 2 * cosine * start * distance)
    past.note(100, {"W1.distance": distance, "W1.norm": norm, "W1.cosine": cosine})
    assert math.isclose(past.start_norm, start)


def test_a_gap_changes_nothing_that_lasts() -> None:
    rows = [row for row in faulty_course() if not 100 <= row["epoch"] <= 400]
    assert set(told(diagnose(rows))) == set(told(diagnose(faulty_course())))


numbers = st.dictionaries(
    st.sampled_from(
        [
            *(f"{matrix}.{column}" for matrix in OWN_NAMES for column in JUDGED_COLUMNS),
            *("loss", "mean_loss", "validation_loss", "learning_rate"),
        ]
    ),
    st.floats() | st.sampled_from([0.0, 1.0, -1.0, 2.3]),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(st.floats(), numbers), max_size=12), st.sampled_from([FACTS, RunFacts(noise="batches")]))
def test_no_numbers_whatever_raise(rows: list[tuple[float, Numbers]], facts: RunFacts) -> None:
    diagnosis = Diagnosis(DiagnosisKeys(), facts, own_roles("uniform", 784, 10, 10))
    for epoch, row in rows:
        for finding in diagnosis.observe({"epoch": epoch, **row}):
            assert finding.verdict.message.endswith(".")
            assert finding.verdict.advice.endswith(".")


def test_memory_stays_bounded_over_a_hundred_thousand_measurements() -> None:
    run, limits, rows = RunPast(FACTS, OWN_ROLES), DiagnosisKeys(), course(range(2))
    for epoch in range(100_000):
        run.note({**rows[-1], "epoch": float(epoch), "W1.distance": HEALTHY["W1"](epoch)}, limits)
    assert len(run.matrices["W1"]._curve) < 1000


def test_every_limit_is_used_and_changes_with_the_preset() -> None:
    keys = diagnosis_keys({"diagnosis": {"jump": 0.5, "gone": 1}})
    assert keys == replace(DiagnosisKeys(), jump=0.5)
    stepped = course(W1=lambda t: HEALTHY["W1"](t) + 3.5 * (t >= 300))
    assert "distance_jumping" in [finding.rule for finding in diagnose(stepped)]
    assert "distance_jumping" not in [finding.rule for finding in diagnose(stepped, limits=keys)]


def test_every_limit_says_where_it_comes_from() -> None:
    import inspect

    from tuimove.settings import limits

    source = inspect.getsource(limits)
    for item in fields(DiagnosisKeys):
        assert f"    {item.name}: " in source


def test_facts_are_read_from_a_recorded_preset_and_from_nothing() -> None:
    recorded = {"network": {"init": "he"}, "training": {"bias_gradient": "shared"}}
    assert RunFacts.of_own_run(recorded) == RunFacts("he", "shared")
    assert RunFacts.of_own_run(None) == RunFacts.of_own_run({"network": 3}) == RunFacts()


def test_every_cause_has_a_remedy_in_words() -> None:
    assert all(remedy and remedy[0].islower() and not remedy.endswith(".") for remedy in REMEDIES.values())


DEEP = (
    MatrixRole("conv.weight", "weights", "first", (8, 27), None),
    MatrixRole("fc1.weight", "weights", "inner", (20, 8), None),
    MatrixRole("fc1.bias", "bias", "inner", (20,), StartingLaw("zero", 0.5)),
    MatrixRole("fc2.weight", "weights", "last", (3, 20), None),
)
NAMES = {"W1": "conv.weight", "b1": "fc1.bias", "W2": "fc2.weight"}


def renamed(rows: list[Numbers], names: dict[str, str]) -> list[Numbers]:
    """Return a course of matrices that are called otherwise."""

    def called(column: str) -> str:
        matrix, dot, name = column.rpartition(".")
        return f"{names.get(matrix, matrix)}{dot}{name}"

    return [{called(column): value for column, value in row.items()} for row in rows]


def judged(rows: list[Numbers], roles: Roles, *, known: tuple[str, ...] = ()) -> list[Finding]:
    diagnosis = Diagnosis(DiagnosisKeys(), RunFacts(bias_gradient="per_neuron"), roles)
    diagnosis.add_matrices(known)
    return [finding for row in rows for finding in diagnosis.observe(row)]


def test_matrices_of_other_names_are_judged_by_their_roles() -> None:
    other = [replace(role, name=NAMES.get(role.name, "fc2.bias")) for role in OWN_ROLES]
    found = told(judged(renamed(faulty_course(), {**NAMES, "b2": "fc2.bias"}), other))
    assert found
    assert [(rule, matrix and {now: name for name, now in NAMES.items()}.get(matrix, "b2"), severity)
            for rule, matrix, severity in found] == told(diagnose(faulty_course()))  # fmt: skip


def test_a_rule_without_its_partner_is_silent() -> None:
    """The first layer has no bias to be compared with, and no other end to tell a frozen layer from a dead network."""
    unscaled = course(b1=lambda epoch: HEALTHY["W1"](epoch) / 1500)
    assert told(diagnose(unscaled)) == [("distance_jumping", "W1", "alarm")]
    assert judged(renamed(unscaled, {"W1": "conv.weight", "b1": "b"}), DEEP) == []
    frozen = bend(course(), W1_frozen=lambda _: 1.0)
    assert "frozen_entries" in [rule for rule, _, _ in told(diagnose(frozen))]
    assert judged(renamed(frozen, NAMES), DEEP[:2]) == []


def test_an_inner_layer_gets_no_more_than_a_notice_but_for_what_is_no_number() -> None:
    rows = renamed(faulty_course(), {"W1": "fc1.weight"})
    assert {finding.verdict.severity for finding in diagnose(faulty_course())} > {"alarm"}
    assert {(finding.matrix, finding.verdict.severity) for finding in judged(rows, DEEP)} == {("fc1.weight", "notice")}
    broken = renamed(bend(course(), W1_non_finite=lambda t: float(t > 100)), {"W1": "fc1.weight"})
    assert told(judged(broken, DEEP)) == [("not_finite", "fc1.weight", "alarm")]


def test_a_bias_that_its_law_has_at_zero_starts_there() -> None:
    found = told(judged(renamed(course(), {"b1": "fc1.bias"}), DEEP))
    assert found == [("distribution_lost", "fc1.bias", "alarm")]


def test_a_matrix_that_the_run_does_not_list_is_judged_too() -> None:
    rows = [row | {"gamma.non_finite": 3.0, "gamma.entries": 8.0, "gamma.norm": 1.0} for row in course()]
    assert judged(rows, OWN_ROLES) == []
    assert told(judged(rows, OWN_ROLES, known=("W1", "gamma"))) == [("not_finite", "gamma", "alarm")]


@pytest.mark.parametrize(("before", "now"), RENAMED.items())
def test_limits_are_known_by_their_older_names_too(before: str, now: str) -> None:
    name, older = (key.rpartition(".")[2] for key in (now, before))
    changed: dict[str, Any] = {name: 0.125}
    expected = replace(DiagnosisKeys(), **changed)
    assert diagnosis_keys({"diagnosis": {older: 0.125}}) == expected
    assert diagnosis_keys({}, [Override("--set", before, 0.125)]) == expected
    assert load_preset("quick-look", [Override("--set", before, 0.125)]).diagnosis == expected
    table = Preset().as_dict()
    table["diagnosis"][older] = 0.125
    del table["diagnosis"][name]
    assert preset_from_table("r", table).diagnosis == expected


@pytest.mark.parametrize("removed", sorted(REMOVED))
def test_a_limit_that_no_rule_reads_any_more_is_passed_over(removed: str) -> None:
    name = removed.removeprefix("diagnosis.")
    assert preset_from_table("old", {"diagnosis": {name: 0.3}}).diagnosis == DiagnosisKeys()
    assert diagnosis_keys({"diagnosis": {name: 0.3}}) == DiagnosisKeys()
