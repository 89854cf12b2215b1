"""Rules for mini-batches that judge a loss together with the weights."""

from __future__ import annotations

import math

import pytest

from tests.support.loops import bend, findings, healthy_loss, loop, told

GUESSING = math.log(10)


def test_a_loss_that_stays_where_it_began_has_noise_for_labels() -> None:
    found = findings(loop(loss=lambda _: GUESSING))
    assert told(found) == [("loss_not_falling", "warning", ("label_noise",))]
    assert found[0].verdict.evidence == ("weights", "loss")


def test_a_loss_that_stays_where_it_began_while_weights_hardly_move_has_no_gradient() -> None:
    """They move too much for a learning rate that is far too low, and too little for noise: saturated layers."""
    found = findings(loop(loss=lambda _: GUESSING, all=lambda step: 0.1 * (1 - math.exp(-step / 50))))
    assert told(found) == [("loss_not_falling", "warning", ("dead_units", "learning_rate_too_low"))]
    assert "farther than 10% of their usual length" in found[0].verdict.message


def test_a_loss_that_stands_still_for_want_of_a_learning_rate_is_not_blamed_on_the_labels() -> None:
    rows = bend(loop(loss=lambda _: 0.9 * GUESSING), learning_rate=lambda step: 0.1 * 0.9**step)
    found = [one for one in findings(rows) if one.rule == "loss_not_falling"]
    assert [one.verdict.causes for one in found] == [("learning_rate_too_low",)]
    assert "the learning rate has fallen to" in found[0].verdict.message


@pytest.mark.parametrize("first", [0.1 * GUESSING, 10 * GUESSING, -GUESSING])
def test_a_loss_that_is_no_cross_entropy_of_guessing_is_not_judged(first: float) -> None:
    assert findings(loop(loss=lambda _: first)) == []


def test_a_loss_that_has_learnt_and_rises_is_an_alarm() -> None:
    rows = loop(loss=lambda step: healthy_loss(step) if step < 700 else GUESSING)
    assert ("loss_rising", "alarm", ("label_noise", "learning_rate_too_high")) in told(findings(rows))


def test_a_single_high_loss_is_noise() -> None:
    assert findings(loop(loss=lambda step: healthy_loss(step) if not 700 < step < 800 else 5.0)) == []


def test_a_loss_that_vanishes_soon_means_few_samples() -> None:
    rows = loop(loss=lambda step: GUESSING * math.exp(-step / 30))
    assert ("loss_vanished", "warning", ("overtraining",)) in told(findings(rows))


def test_a_loss_that_vanishes_late_is_customary() -> None:
    rows = loop(loss=lambda step: GUESSING * math.exp(-step / 900), steps=range(0, 8000, 100))
    assert findings(rows) == []


def test_a_validation_loss_that_rises_far_above_the_loss_says_stop() -> None:
    rows = loop(loss=lambda step: GUESSING / (1 + step / 10))
    bend(rows, validation_loss=lambda step: max(GUESSING - step / 60, 0.6 + step / 500))
    (found,) = (one for one in findings(rows) if one.rule == "stop_here")
    assert found.verdict.severity == "warning"
    assert found.verdict.evidence == ("weights", "loss", "validation_loss")
    assert 92 < found.epoch < 130
    assert "at step 92" in found.verdict.message


def test_a_validation_loss_that_rises_with_the_loss_is_not_overtraining() -> None:
    rows = bend(loop(loss=lambda step: 2.0 - min(step, 200) / 1000 + max(step - 200, 0) / 2000),
                validation_loss=lambda step: 2.0 + max(step - 200, 0) / 2000)  # fmt: skip
    assert "stop_here" not in {rule for rule, _, _ in told(findings(rows))}
