"""The hint to stop."""

from __future__ import annotations

import math

import pytest

from tests.support.courses import bend, course, diagnose, second_rise, told
from tuimove.diagnosis.diagnosis import Diagnosis
from tuimove.diagnosis.run_facts import RunFacts
from tuimove.settings.limits import DiagnosisKeys
from tuimove.settings.matrix_role import MatrixRole


def learnt(epoch: float) -> float:
    """Return a loss of ten classes that is low by epoch 100."""
    return math.log(10) / (1 + epoch / 20)


def test_a_second_rise_of_the_distance_is_where_to_stop() -> None:
    findings = diagnose(bend(course(W1=second_rise, W2=second_rise), loss=learnt))
    assert told(findings) == [("stop_here", "W1", "warning")]
    assert 200 <= findings[0].epoch <= 300
    assert findings[0].verdict.causes == ("overtraining", "label_noise")
    assert findings[0].verdict.evidence == ("weights", "loss")


def test_without_a_loss_a_slow_beginning_looks_the_same_and_nothing_is_told() -> None:
    assert diagnose(course(W1=second_rise, W2=second_rise)) == []


def test_a_loss_that_is_still_high_is_a_slow_beginning() -> None:
    rows = course(W1=second_rise, W2=second_rise)
    assert diagnose(bend(rows, loss=lambda t: max(learnt(t), 1.2))) == []


def test_weights_that_have_leapt_memorise_nothing() -> None:
    rows = course(W1=second_rise, W2=lambda t: 40.0 + (t % 4) if t else 0.0)
    rows = bend(rows, W2_step=lambda t: 40.0 * (t > 0), loss=learnt)
    rules = {rule for rule, _, _ in told(diagnose(rows))}
    assert "distance_jumping" in rules
    assert "stop_here" not in rules


def test_the_layer_that_answers_must_go_along() -> None:
    assert diagnose(bend(course(W1=second_rise), loss=learnt)) == []


def test_a_distance_that_never_slows_down_has_no_second_rise() -> None:
    assert diagnose(bend(course(W1=lambda t: 0.3 * t**0.6, W2=lambda t: 0.1 * t**0.6), loss=learnt)) == []


@pytest.mark.parametrize(("images", "speaks"), [(1000, True), (10_000, False), (None, True)])
def test_a_network_with_fewer_weights_than_images_has_no_room_to_memorise_them(
    images: int | None, speaks: bool
) -> None:
    rows = bend(course(W1=second_rise, W2=second_rise), loss=learnt)
    network = (MatrixRole("W1", "weights", "first", (6, 784), None), MatrixRole("W2", "weights", "last", (10, 6), None))
    diagnosis = Diagnosis(DiagnosisKeys(), RunFacts("uniform", "per_neuron", images=images), network)
    assert any(finding.rule == "stop_here" for row in rows for finding in diagnosis.observe(row)) == speaks
