"""The fold: each thing told once, whatever is missing, and the same however often it is asked."""

from __future__ import annotations

import math
from dataclasses import fields, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.courses import EPOCHS, FACTS, HEALTHY, Numbers, Shape, bend, course, diagnose, told
from tuimove.diagnosis.diagnosis import Diagnosis
from tuimove.diagnosis.finding import REMEDIES
from tuimove.diagnosis.past import JUDGED_COLUMNS, MatrixPast, RunFacts, RunPast
from tuimove.settings.limits import DiagnosisKeys
from tuimove.settings.matrix_role import OWN_NAMES
from tuimove.settings.preset import diagnosis_keys


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
    past = MatrixPast("W1")
    cosine, distance, start = -0.3, 10.0, 25.0
    norm = math.sqrt(start**2 + distance**2 + 2 * cosine * start * distance)
    past.note(100, {"W1.distance": distance, "W1.norm": norm, "W1.cosine": cosine})
    assert math.isclose(past.start_norm, start)


def test_a_gap_changes_nothing_that_lasts() -> None:
    rows = [row for row in faulty_course() if not 100 <= row["epoch"] <= 400]
    assert set(told(diagnose(rows))) == set(told(diagnose(faulty_course())))


numbers = st.dictionaries(
    st.sampled_from([f"{matrix}.{column}" for matrix in OWN_NAMES for column in JUDGED_COLUMNS]),
    st.floats() | st.sampled_from([0.0, 1.0, -1.0]),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(st.floats(), numbers), max_size=12))
def test_no_numbers_whatever_raise(rows: list[tuple[float, Numbers]]) -> None:
    diagnosis = Diagnosis(DiagnosisKeys(), FACTS)
    for epoch, row in rows:
        for finding in diagnosis.observe({"epoch": epoch, **row}):
            assert finding.verdict.message.endswith(".")
            assert finding.verdict.advice.endswith(".")


def test_memory_stays_bounded_over_a_hundred_thousand_measurements() -> None:
    run, limits, rows = RunPast(FACTS, OWN_NAMES), DiagnosisKeys(), course(range(2))
    for epoch in range(100_000):
        run.note({**rows[-1], "epoch": float(epoch), "W1.distance": HEALTHY["W1"](epoch)}, limits)
    assert len(run.matrices["W1"]._times) < 1000


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
    assert RunFacts.of_preset(recorded) == RunFacts("he", "shared")
    assert RunFacts.of_preset(None) == RunFacts.of_preset({"network": 3}) == RunFacts()


def test_every_cause_has_a_remedy_in_words() -> None:
    assert all(remedy and remedy[0].islower() and not remedy.endswith(".") for remedy in REMEDIES.values())
