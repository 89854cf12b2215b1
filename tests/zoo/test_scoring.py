"""What rules say is scored by severity, time and cause, and by what they were shown."""

from __future__ import annotations

import math

import pytest

from tests.promises.sample import recorded_sample
from tests.zoo.diagnosing import JUDGED_BY, LOSS, VALIDATION, WEIGHTS, shown_numbers
from tests.zoo.loops.reading import LoopRecording
from tests.zoo.loops.scoring import RIGHT_CAUSES
from tests.zoo.loops.specimens import loop_specimens
from tests.zoo.reading import Recording, kept_bytes
from tests.zoo.scored_samples import scored
from tests.zoo.scoring import Found, wilson_interval
from tests.zoo.specimens import HEALTHY
from tests.zoo.zoos import ZOOS, score_files, score_recordings


def test_a_first_warning_is_timed_and_its_cause_checked() -> None:
    quiet, loud = Found(3, "lazy", "notice", ()), Found(10, "distance_jumping", "warning", ("learning_rate_too_high",))
    right = scored("learning_rate_too_high", quiet, loud)
    assert right.is_faulty
    assert right.warned_at == 0.05
    assert right.names_right_cause
    assert right.names_right_cause_first
    assert not scored("restart", quiet, loud).names_right_cause
    assert not scored("restart", quiet).has("warning")


def test_a_stop_hint_is_measured_from_the_best_accuracy_or_from_the_least_loss_where_accuracy_stays() -> None:
    hint = Found(150, "stop_here", "notice", ())
    assert scored("overtraining", hint).stop_error == pytest.approx(-0.25)
    assert scored("overtraining", hint, drop=0.0).stop_error == pytest.approx(0.25)
    assert math.isnan(scored("overtraining").stop_error)


def test_intervals_are_wilson_s() -> None:
    assert wilson_interval(0, 10) == pytest.approx((0, 0.2775), abs=1e-4)
    assert wilson_interval(81, 263) == pytest.approx((0.2553, 0.3662), abs=1e-4)
    assert wilson_interval(0, 0) == (0, 1)


def test_every_fault_of_the_second_zoo_has_right_causes() -> None:
    kinds = {one.fault.kind for part in ("calibration", "report") for one in loop_specimens(part)}
    assert {*RIGHT_CAUSES} == kinds - {HEALTHY}


def test_rules_are_shown_what_the_evidence_says_and_never_what_runs_are_judged_by() -> None:
    row = {"epoch": 1.0, "loss": 2.0, "mean_loss": 2.0, "validation_loss": 3.0, "W1.distance": 1.0}
    recording = Recording({}, {}, ({**row, **dict.fromkeys(JUDGED_BY, 0.5)},), "finished")
    shown = {evidence: {*next(shown_numbers(recording, evidence))} for evidence in (WEIGHTS, LOSS, VALIDATION)}
    assert shown[WEIGHTS] == {"epoch", "W1.distance"}
    assert shown[LOSS] == {"epoch", "W1.distance", "loss", "mean_loss"}
    assert shown[VALIDATION] == {*row}


def test_a_loop_s_rules_see_what_its_reading_says() -> None:
    row = {"epoch": 1.0, "loss": 2.0, "mean_loss": 2.0, "validation_loss": 3.0, "W1.distance": 1.0}
    loop = LoopRecording({}, {}, (row,), "finished")
    assert [*shown_numbers(loop, LOSS)] == [*loop.numbers_for_rules(without=["validation_loss"])]


def test_kept_runs_are_scored_as_they_were_recorded_and_the_same_in_other_processes() -> None:
    recordings = recorded_sample()
    files = {f"{one.name}.run.xz": kept_bytes(one) for one in recordings}
    found = score_files(ZOOS["own"], files, workers=1)
    assert {evidence: [one.name for one in runs] for evidence, runs in found.items()} == {
        evidence: sorted(one.name for one in recordings) for evidence in (WEIGHTS, LOSS)
    }
    assert [one.has("warning") for one in found[LOSS]] == [
        one.has("warning") for one in score_recordings(ZOOS["own"], recordings)[LOSS]
    ]
