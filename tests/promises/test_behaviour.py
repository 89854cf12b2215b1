"""The behaviour that recordings depend on: today's is the recorded one, and a change of it never passes unnoticed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pytest
from tuimove.kernels.epoch import descend

from tests.promises import behaviour as behaviour_module
from tests.promises.behaviour import behaviour, differences, judged, kept_behaviour
from tests.promises.graded_courses import graded_courses
from tests.promises.recording import ANEW
from tuimove.diagnosis.full_batch import distance, rules
from tuimove.diagnosis.full_batch.rules import RULES
from tuimove.settings.limits import DiagnosisKeys
from tuimove.training import trainer


def test_the_program_does_what_it_did_when_the_recordings_were_made() -> None:
    changed = differences(kept_behaviour(), behaviour())
    assert not changed, f"{len(changed)} changes, such as {'; '.join(changed[:3])}: {ANEW}"


def changes(*sections: str) -> list[str]:
    """Return how these sections differ from the recorded ones."""
    return differences({section: kept_behaviour()[section] for section in sections}, behaviour(sections))


COURSES = tuple(graded_courses())


def are_judged_otherwise(word: str = "") -> bool:
    """Return whether the rules say something else of any course of which they said this word."""
    kept = kept_behaviour()["findings"]
    return any(
        judged(course, facts) != kept[name]
        for name, facts, course in COURSES
        if not word or any(word in found for found in kept[name])
    )


def test_a_changed_limit_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(behaviour_module, "DiagnosisKeys", partial(DiagnosisKeys, jump=0.27))
    assert changes("limits") == ["limits, jump: 0.27 and not 0.25"]


@pytest.mark.parametrize("place", range(len(RULES)))
def test_a_rule_that_says_nothing_more_is_noticed(monkeypatch: pytest.MonkeyPatch, place: int) -> None:
    silent = replace(RULES[place], judge=lambda *_: None)
    monkeypatch.setattr(rules, "RULES", (*RULES[:place], silent, *RULES[place + 1 :]))
    assert are_judged_otherwise(silent.name)


@pytest.mark.parametrize("needed", [1, 3])
def test_a_rule_that_waits_longer_or_less_is_noticed(monkeypatch: pytest.MonkeyPatch, needed: int) -> None:
    monkeypatch.setattr(rules, "RULES", tuple(replace(rule, needed=needed) for rule in RULES))
    assert are_judged_otherwise()


def test_a_limit_within_a_rule_s_code_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(distance, "DEEP_FALL", 0.12)
    assert are_judged_otherwise("distance_falling")


Descend = Callable[..., None]


def stepping(change: Callable[[Any], Any]) -> Descend:
    """Return the trainer's step with its gradients changed."""

    def changed(gradients: Any, *others: Any) -> None:
        descend(change(gradients).astype(np.float32), *others)

    return changed


def test_a_learning_step_longer_by_a_hundredth_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trainer, "descend", stepping(lambda gradients: 1.01 * gradients))
    assert len(changes("training")) == len(kept_behaviour()["training"])


def test_another_processor_s_rounding_is_no_change(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every gradient is off by up to sixteen units in the last place, up or down, in every step."""
    random = np.random.default_rng(1)
    off = 16 * np.finfo(np.float32).epsneg
    monkeypatch.setattr(
        trainer, "descend", stepping(lambda gradients: gradients * (1 + random.uniform(-off, off, gradients.shape)))
    )
    assert changes("training", "faults") == []


def test_no_grade_of_a_made_up_course_is_so_near_a_limit_that_rounding_could_decide() -> None:
    """Every number a little greater or less gives the same findings."""
    random, kept = np.random.default_rng(1), kept_behaviour()["findings"]
    for name, facts, course in COURSES:
        nudged = [
            {column: value if column == "epoch" else value * (1 + random.uniform(-1e-9, 1e-9))
             for column, value in row.items()}
            for row in course
        ]  # fmt: skip
        assert judged(nudged, facts) == kept[name], name


def test_every_rule_speaks_up_in_some_grade_and_keeps_quiet_in_another() -> None:
    kept = kept_behaviour()["findings"]
    assert {found.split()[1] for words in kept.values() for found in words} == {rule.name for rule in RULES}
    assert sum(not words for words in kept.values()) > len(kept) // 5
