"""The distance: what is healthy, what falls, jumps, leaps, stands still, or goes nowhere."""

from __future__ import annotations

import math

from tests.support.courses import HEALTHY, bend, course, diagnose, told
from tuimove.diagnosis.run_facts import RunFacts


def test_a_distance_that_grows_like_the_logarithm_of_the_epochs_is_healthy() -> None:
    assert diagnose(course()) == []


def test_one_point_out_of_order_is_not_a_fall() -> None:
    rows = course(W1=lambda t: HEALTHY["W1"](t) - 3.0 * (t == 500))
    assert "distance_falling" not in [finding.rule for finding in diagnose(rows)]


def test_a_distance_that_falls_consistently_is_warned_about_and_later_an_alarm() -> None:
    findings = diagnose(course(W1=lambda t: HEALTHY["W1"](min(t, 400)) - max(0, t - 400) / 100))
    falls = [finding for finding in findings if finding.rule == "distance_falling"]
    assert [finding.verdict.severity for finding in falls] == ["warning", "alarm"]
    assert 420 <= falls[0].epoch <= 440
    assert falls[0].verdict.limit == 0.01
    assert falls[0].verdict.value > 0.01


def test_a_sudden_long_step_is_an_alarm() -> None:
    (finding, *_) = diagnose(course(W1=lambda t: HEALTHY["W1"](t) + 6.0 * (t >= 300)))
    assert told([finding]) == [("distance_jumping", "W1", "alarm")]
    assert finding.epoch == 300
    assert 0.4 < finding.verdict.value < 0.5


def test_the_initial_iterations_may_jump() -> None:
    """The first steps of W1 are much longer than those just after."""
    assert diagnose(course(W1=lambda t: 3.0 * (t > 0) + HEALTHY["W1"](t))) == []


def test_a_long_gap_between_measurements_is_no_jump() -> None:
    assert diagnose(course([*range(0, 60, 2), *range(60, 6000, 600)])) == []


def test_new_weights_midway_are_a_restart() -> None:
    rows = course()
    for row in rows:
        if row["epoch"] >= 500:
            later = HEALTHY["W1"](row["epoch"] - 500)
            row |= {
                "W1.distance": 25.0 * math.sqrt(2) + later,
                "W1.cosine": -math.sqrt(0.5),
                "W1.norm": 25.0 + later / 9,
            }
            row["W1.step"] = 36.0 if row["epoch"] == 500 else 0.1
    (finding, *_) = diagnose(rows)
    assert told([finding]) == [("distance_jumping", "W1", "alarm")]
    assert finding.verdict.causes == ("restart",)


def test_a_leap_beyond_its_own_length_is_too_high_a_learning_rate() -> None:
    rows = bend(course(W2=lambda t: 40.0 + (t % 4) if t else 0.0), W2_step=lambda t: 40.0 * (t > 0))
    findings = diagnose(rows)
    assert told(findings)[0] == ("distance_jumping", "W2", "alarm")
    assert findings[0].epoch == 4, "the second measurement tells a leap from a run-away"
    assert findings[0].verdict.causes == ("learning_rate_too_high",)
    assert findings[0].verdict.limit == 1.25


def test_a_distance_that_stands_still_is_noticed() -> None:
    findings = diagnose(course(W1=lambda t: HEALTHY["W1"](min(t, 300)) + t * 1e-9))
    assert told(findings) == [("distance_plateau", "W1", "notice")]
    assert findings[0].verdict.causes == ("converged", "dead_units")


def test_weights_that_do_not_move_at_all_are_an_alarm() -> None:
    findings = diagnose(course(W1=lambda t: HEALTHY["W1"](min(t, 300))))
    assert ("distance_plateau", "W1", "alarm") in told(findings)
    assert findings[-1].verdict.causes == ("dead_units",)


def test_stillness_after_a_leap_is_not_called_convergence() -> None:
    rows = course(W1=lambda t: 60.0 + t * 1e-9 if t else 0.0, b1=lambda t: 5.0 * (t > 0))
    rows = bend(rows, W1_step=lambda t: 60.0 if t < 20 else 1e-3)
    plateau = next(finding for finding in diagnose(rows) if finding.rule == "distance_plateau")
    assert plateau.verdict.severity == "alarm"
    assert plateau.verdict.causes[0] == "learning_rate_too_high"


def test_a_straight_line_that_leads_nowhere_is_lazy() -> None:
    findings = diagnose(course(W1=lambda t: 1e-4 * t, W2=lambda t: 1e-5 * t, b1=lambda t: 1e-5 * t))
    lazy = [finding for finding in findings if finding.rule == "distance_plateau"]
    assert told(lazy) == [("distance_plateau", "W1", "warning")]
    assert lazy[0].verdict.causes == ("learning_rate_too_low",)
    assert 40 <= lazy[0].epoch <= 50


def test_inputs_far_above_one_show_in_the_first_steps() -> None:
    findings = diagnose(course(b1=lambda t: HEALTHY["W1"](t) / 1500))
    assert told(findings) == [("distance_jumping", "W1", "alarm")]
    assert findings[0].epoch == 2
    assert findings[0].verdict.causes == ("unscaled_inputs",)


def test_a_shared_bias_gradient_says_nothing_about_the_inputs() -> None:
    assert diagnose(course(b1=lambda t: HEALTHY["W1"](t) / 1500), RunFacts("uniform", "shared")) == []
