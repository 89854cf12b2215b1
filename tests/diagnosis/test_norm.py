"""The norm: jumping in its range and out of it, growing by scale, running away."""

from __future__ import annotations

import math

from tests.support.courses import HEALTHY, bend, course, diagnose, told


def test_a_norm_that_grows_by_sideways_movement_alone_is_healthy() -> None:
    """It leaves the range between seeds, +-0.5 % for W1, as every norm does that its matrix moves."""
    rows = course(W1=lambda t: 3 * HEALTHY["W1"](t))
    assert rows[-1]["W1.norm"] > 1.3 * 25
    assert diagnose(rows) == []


def zigzag(epoch: float, height: float) -> float:
    """Return up and down from one measurement to the next, after the initial iterations."""
    return height * math.cos(math.pi * epoch / 2) if 60 <= epoch < 100 else 0.0


def test_a_norm_that_jumps_within_its_range_hints_at_overtraining() -> None:
    rows = bend(course(), W1_norm=lambda t: 25.0 + zigzag(t, 0.05))
    findings = diagnose(rows)
    assert told(findings) == [("norm_jumping_in_range", "W1", "warning")]
    assert findings[0].verdict.causes[0] == "overtraining"


def test_a_norm_that_jumps_out_of_its_range_says_whether_the_distance_agrees() -> None:
    findings = diagnose(bend(course(), W1_norm=lambda t: 26.5 + zigzag(t, 0.3) if t else 25.0))
    assert told(findings) == [("norm_jumping_out_of_range", "W1", "warning")]
    assert "though the distance doesn't" in findings[0].verdict.message
    assert findings[0].verdict.causes == ("learning_rate_too_high",)


def test_a_norm_scaled_up_beyond_what_the_distance_explains_is_warned_about() -> None:
    rows = bend(course(W1=lambda t: 6 * HEALTHY["W1"](t)), W1_norm=lambda t: 25.0 + 6 * HEALTHY["W1"](t))
    findings = diagnose(rows)
    assert told(findings) == [("norm_growing", "W1", "warning")]
    assert findings[0].verdict.value > 1.1
    assert "though its distribution doesn't show it" in findings[0].verdict.message


def test_weights_that_run_away_straight_ahead_climb_the_loss() -> None:
    findings = diagnose(course(W2=lambda t: 2.0 * t))
    assert told(findings)[0] == ("norm_growing", "W2", "alarm")
    assert findings[0].verdict.causes == ("flipped_gradient",)
    assert findings[0].epoch <= 10
