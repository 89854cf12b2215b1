"""The hint to stop."""

from __future__ import annotations

import math

from tests.support.courses import bend, course, diagnose, second_rise, told


def test_a_second_rise_of_the_distance_is_where_to_stop() -> None:
    findings = diagnose(course(W1=second_rise, W2=second_rise))
    assert told(findings) == [("stop_here", "W1", "notice")]
    assert 200 <= findings[0].epoch <= 250
    assert findings[0].verdict.causes == ("overtraining", "label_noise")


def test_weights_that_have_leapt_memorise_nothing() -> None:
    rows = course(W1=second_rise, W2=lambda t: 40.0 + (t % 4) if t else 0.0)
    rules = {rule for rule, _, _ in told(diagnose(bend(rows, W2_step=lambda t: 40.0 * (t > 0))))}
    assert "distance_jumping" in rules
    assert "stop_here" not in rules


def test_the_layer_that_answers_must_go_along() -> None:
    assert (
        diagnose(course(W1=lambda t: second_rise(t) if t < 200 else second_rise(200) * math.pow(t / 200, 0.39))) == []
    )


def test_a_distance_that_never_slows_down_has_no_second_rise() -> None:
    assert diagnose(course(W1=lambda t: 0.3 * t**0.6)) == []
