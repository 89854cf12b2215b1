"""Labels that can't be learnt, in full batches."""

from __future__ import annotations

import math

from tests.support.courses import bend, course, diagnose, told

GUESSING = math.log(10)


def test_a_loss_that_stands_still_near_its_start_has_noise_for_labels() -> None:
    findings = diagnose(bend(course(), loss=lambda t: GUESSING * (0.75 + 0.25 / (1 + t / 10))))
    assert told(findings) == [("loss_not_falling", "W1", "warning")]
    assert findings[0].verdict.causes == ("label_noise",)
    assert findings[0].epoch >= 80


def test_a_loss_that_goes_on_falling_is_a_slow_beginning() -> None:
    assert diagnose(bend(course(), loss=lambda t: GUESSING / (1 + t / 500))) == []


def test_what_has_been_found_explains_a_loss_that_stands_still() -> None:
    rows = bend(course(), loss=lambda _: GUESSING, W1_frozen=lambda t: 0.9 if t else 1.0)
    assert "loss_not_falling" not in {rule for rule, _, _ in told(diagnose(rows))}


def test_a_steady_fall_makes_a_notice_of_distances_that_come_back() -> None:
    rows = course(W2=lambda t: 3.0 * math.log1p(min(t, 300) / 8) - 0.002 * max(t - 300, 0))
    assert ("distance_falling", "W2", "warning") in told(diagnose(rows))
    assert {severity for _, _, severity in told(diagnose(bend(rows, loss=lambda t: GUESSING / (1 + t / 20))))} == {
        "notice"
    }


def test_a_loss_that_stands_still_but_not_steadily_has_steps_that_are_too_long() -> None:
    rows = bend(course(), loss=lambda t: GUESSING * (0.8 + 0.02 * (t % 4) / 2 + 0.2 / (1 + t)))
    found = [one for one in diagnose(rows) if one.rule == "loss_not_falling"]
    assert [one.verdict.causes for one in found] == [("learning_rate_too_high", "label_noise")]
