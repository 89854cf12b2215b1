"""Rules for mini-batches about starts, inputs and layers that never move."""

from __future__ import annotations

import pytest

from tests.support.loops import FACTS, bend, findings, healthy_movement, loop, roles, told
from tuimove.diagnosis.diagnosis import Diagnosis
from tuimove.settings.limits import DiagnosisKeys
from tuimove.settings.matrix_role import MatrixRole


@pytest.mark.parametrize(("norm", "spread"), [(5.0, 0.0), (5.0, 1e-6)], ids=["alike", "alike but for rounding"])
def test_weights_that_are_all_alike_are_unfit(norm: float, spread: float) -> None:
    rows = bend(loop(), fc2_weight_norm=lambda _: norm, fc2_weight_sd=lambda _: spread)
    assert told(findings(rows[:2])) == [("start_unfit", "alarm", ("unfit_start",))]


def test_a_layer_of_zeros_is_a_customary_start_but_not_in_every_layer() -> None:
    zeros = bend(loop()[:1], fc3_weight_norm=lambda _: 0.0, fc3_weight_sd=lambda _: 0.0)
    assert findings(zeros) == []
    all_zeros = bend(zeros, fc1_weight_norm=lambda _: 0.0, fc1_weight_sd=lambda _: 0.0, fc2_weight_norm=lambda _: 0.0,
                     fc2_weight_sd=lambda _: 0.0)  # fmt: skip
    assert told(findings(all_zeros)) == [("start_unfit", "alarm", ("unfit_start",))]


def test_weights_far_larger_than_usual_are_unfit() -> None:
    rows = bend(loop()[:1], fc1_weight_norm=lambda _: 7 * (64 / 3) ** 0.5)
    assert told(findings(rows)) == [("start_unfit", "alarm", ("unfit_start",))]
    assert findings(bend(loop()[:1], fc1_weight_norm=lambda _: 2.5 * (64 / 3) ** 0.5)) == []


def test_a_bias_far_from_zero_is_unfit() -> None:
    rows = bend(loop()[:1], fc1_bias_norm=lambda _: 30 * 8.0)
    assert told(findings(rows)) == [("start_unfit", "alarm", ("unfit_start", "dead_units"))]


def test_large_inputs_move_the_first_weights_farther_than_their_bias() -> None:
    rows = bend(loop(), fc1_bias_distance=lambda step: 1e-4 * step)
    assert told(findings(rows))[:1] == [("distance_jumping", "alarm", ("unscaled_inputs",))]


def test_a_layer_that_never_moves_while_others_do_is_frozen() -> None:
    found = findings(loop(fc2=lambda _: 0.0))
    assert told(found) == [("frozen_entries", "alarm", ("frozen_layer",))]
    assert (found[0].matrix, found[0].epoch) == ("fc2.weight", 9)


def test_a_layer_that_moves_late_in_the_first_steps_is_not_frozen() -> None:
    assert findings(loop(fc2=lambda step: healthy_movement(step) if step > 6 else 0.0)) == []


def test_nothing_that_moves_is_told_once() -> None:
    assert told(findings(loop(all=lambda _: 0.0, loss=None))) == [
        ("frozen_entries", "alarm", ("frozen_layer", "dead_units"))
    ]


def test_a_scale_for_each_channel_starts_alike_and_may() -> None:
    role = MatrixRole("gamma", "weights", "inner", (1, 64), None)
    row = {"epoch": 0.0, "gamma.distance": 0.0, "gamma.norm": 8.0, "gamma.sd": 0.0, "gamma.entries": 64.0}
    assert Diagnosis(DiagnosisKeys(), FACTS, [*roles(), role]).observe(loop()[0] | row) == []
