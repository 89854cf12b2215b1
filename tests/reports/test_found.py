"""Findings of several runs are told together where they say the same, and named by the worst of them."""

from __future__ import annotations

from tuimove.recording.reading.course import Course
from tuimove.recording.record import FindingRecord
from tuimove.reports.found import found_in
from tuimove.reports.page.coloring import coloring_of
from tuimove.reports.page.verdict import verdict_of
from tuimove.reports.study import Study

LESS = "Divide the learning rate by 4 to 10 and start again."
NONE = "Nothing to do: healthy runs come here too."


def run_with(label: str, value: float, advice: str, epoch: int = 10) -> Course:
    finding = FindingRecord("r", epoch, "distance_jump", "warning", "W1", value, 2.0, f"It leapt {value}-fold.", advice)
    course = Course(label, {"training": {"seed": 1}})
    course.findings.append(finding)
    course.take({"record": "measurement", "epoch": 20})
    return course


def test_no_run_is_given_the_advice_for_another() -> None:
    found = found_in([run_with("a", 3.0, LESS), run_with("b", 4.0, NONE), run_with("c", 5.0, LESS)])
    told = [(one.first.advice, [course.label for course, _ in one.seen]) for one in found]
    assert told == [(LESS, ["a", "c"]), (NONE, ["b"])]
    assert [one.number for one in found] == [1, 2]


def test_the_headline_names_the_worst_whenever_it_came() -> None:
    courses = [run_with("a", 3.63, LESS), run_with("b", 26.4, LESS, epoch=90), run_with("c", 8.0, NONE)]
    found = found_in(courses)
    assert (found[0].first.epoch, found[0].worst.value) == (10, 26.4)
    verdict = verdict_of(Study("x", courses), coloring_of(courses), found)
    assert verdict.headline == "Warning: It leapt 26.4-fold."
    assert "in 2 of 3 runs, first at epoch 10." in " ".join(verdict.lines)


def test_a_number_that_is_not_finite_hides_no_other() -> None:
    found = found_in([run_with("a", float("nan"), LESS), run_with("b", 3.0, LESS)])
    assert found[0].worst.value == 3.0
