"""Rules for mini-batches about how weights move, each on a healthy loop and on one that is bent."""

from __future__ import annotations

import math

import pytest

from tests.support.loops import bend, findings, healthy_loss, healthy_movement, looks, loop, told
from tuimove.diagnosis.run_facts import RunFacts


@pytest.mark.parametrize("loss", [healthy_loss, None], ids=["with its loss", "weights alone"])
def test_a_healthy_loop_is_told_nothing(loss: object) -> None:
    assert findings(loop(loss=loss)) == []  # type: ignore[arg-type]


def test_weights_far_from_their_start_have_leapt() -> None:
    rows = loop(loss=None, all=lambda step: 3.0 * math.sqrt(step))
    assert told(findings(rows)) == [("distance_jumping", "alarm", ("learning_rate_too_high",))]


def test_weights_that_go_far_in_many_steps_have_not_leapt() -> None:
    assert findings(loop(all=lambda step: 0.6 * math.sqrt(step), loss=None)) == []


def test_a_loss_that_has_fallen_excuses_a_leap() -> None:
    rows = loop(all=lambda step: healthy_movement(step) if step < 150 else 1.0 * math.sqrt(step))
    assert findings(rows) == []
    assert findings(bend(rows, loss=lambda _: 2.3))


def test_weights_that_run_away_from_ordinary_steps_have_a_flipped_gradient() -> None:
    rows = loop(loss=lambda step: 2.3 + 0.1 * step, all=lambda step: 0.05 * step)
    causes = {cause for _, _, causes in told(findings(rows)) for cause in causes}
    assert causes == {"flipped_gradient"}


def test_what_is_not_finite_after_calm_steps_is_a_bad_batch() -> None:
    rows = bend(loop(), fc2_weight_non_finite=lambda step: 10.0 if step > 500 else 0.0)
    assert ("not_finite", "alarm", ("bad_batch",)) in told(findings(rows))


def test_what_is_not_finite_soon_after_the_loss_was_learnt_is_a_bad_batch_too() -> None:
    """Though there were few looks before, as in a short run that was looked at seldom."""
    rows = loop(steps=[0, 1, 2, 4, 80, 160, 320, 500])
    rows = bend(rows, fc2_weight_non_finite=lambda step: 10.0 if step > 320 else 0.0)
    assert ("not_finite", "alarm", ("bad_batch",)) in told(findings(rows))


def test_what_is_not_finite_at_once_has_too_high_a_learning_rate() -> None:
    rows = bend(loop(loss=None), fc2_weight_non_finite=lambda step: 10.0 if step > 2 else 0.0)
    assert told(findings(rows)) == [("not_finite", "alarm", ("learning_rate_too_high",))]


def test_new_weights_are_a_restart() -> None:
    """After it, W is as long as at the start and at right angles to W_0 and to what it was."""
    rows = loop(loss=None)
    for row in rows:
        if row["epoch"] < 500:
            continue
        for layer, outputs in (("fc1.weight", 64), ("fc2.weight", 64)):
            length = math.sqrt(outputs / 3)
            before = math.hypot(length, healthy_movement(looks()[looks().index(int(row["epoch"])) - 1]) * length)
            row |= {f"{layer}.norm": length, f"{layer}.distance": math.sqrt(2) * length,
                    f"{layer}.cosine": -math.sqrt(0.5), f"{layer}.step": math.hypot(length, before)}  # fmt: skip
    assert ("restarted", "alarm", ("restart",)) in told(findings(rows))


def test_weights_that_shrink_and_forget_their_start_are_decayed() -> None:
    rows = loop(loss=None)
    for row in rows:
        left = math.exp(-row["epoch"] / 30)
        for layer in ("fc1.weight", "fc2.weight"):
            length = math.sqrt(64 / 3)
            row |= {f"{layer}.norm": left * length, f"{layer}.distance": (1 - left) * length, f"{layer}.cosine": -1.0}
    assert told(findings(rows))[0] == ("start_forgotten", "warning", ("weight_decay",))


def test_slow_decay_is_customary() -> None:
    rows = loop(loss=None)
    for row in rows:
        left = math.exp(-row["epoch"] / 3000)
        for layer in ("fc1.weight", "fc2.weight"):
            length = math.sqrt(64 / 3)
            row |= {f"{layer}.norm": left * length, f"{layer}.distance": (1 - left) * length, f"{layer}.cosine": -1.0}
    assert "start_forgotten" not in {rule for rule, _, _ in told(findings(rows))}


def test_last_weights_that_come_back_unlearn() -> None:
    fallen = loop(fc3=lambda step: healthy_movement(step) * (1 if step < 700 else 0.5), loss=None)
    assert told(findings(fallen)) == [("distance_falling", "warning", ("label_noise", "learning_rate_too_high"))]
    assert findings(bend(fallen, loss=healthy_loss)) == []


def test_weights_that_hardly_move_straight_on_are_lazy() -> None:
    rows = loop(all=lambda step: 1e-5 * step, loss=lambda _: 2.3)
    assert ("distance_plateau", "warning", ("learning_rate_too_low",)) in told(findings(rows))
    assert findings(bend(rows, loss=healthy_loss)) == []


def test_a_warm_up_is_no_straight_line() -> None:
    """Distance grows with the square of the steps, and with the learning rates that were spent."""
    rows = loop(loss=None, all=lambda step: 1e-7 * step**2 if step < 400 else 1e-4 * step**0.84)
    assert findings(bend(rows, learning_rate=lambda step: min(step, 400) * 1e-5)) != []
    assert findings(bend(rows, learning_rate=lambda step: min(step, 400) ** 3 * 1e-9)) == []


def test_weights_that_stand_still_soon_know_their_samples() -> None:
    rows = loop(loss=None, all=lambda step: healthy_movement(min(step, 120)))
    assert ("distance_plateau", "warning", ("overtraining",)) in told(findings(rows))
    assert findings(bend(rows, loss=lambda step: max(healthy_loss(step), 0.5))) == []


def test_a_layer_that_stops_is_a_notice() -> None:
    rows = loop(fc2=lambda step: healthy_movement(min(step, 120)))
    assert ("distance_plateau", "notice", ()) in told(findings(rows))


def test_checkpoints_that_are_numbered_in_any_way_are_not_judged_by_their_steps() -> None:
    facts = RunFacts.of_loop({"clock": "step", "source": "checkpoints"})
    assert findings(loop(range(9), loss=None, all=lambda number: 20.0 * number), facts) == []
    rows = bend(loop(range(9), loss=None), fc2_weight_non_finite=lambda number: 1.0 if number > 4 else 0.0)
    assert [rule for rule, _, _ in told(findings(rows, facts))] == ["not_finite"]
