"""Entries that aren't numbers, or never move."""

from __future__ import annotations

from tests.support.courses import HEALTHY, bend, course, diagnose, told


def test_one_entry_that_is_not_a_number_is_an_alarm() -> None:
    findings = diagnose(bend(course(), b1_non_finite=lambda t: float(t >= 200)))
    assert told(findings) == [("not_finite", "b1", "alarm")]
    assert findings[0].epoch == 200
    assert "1 of 10 entries" in findings[0].verdict.message


def test_pixels_that_are_always_zero_are_no_frozen_entries() -> None:
    """A tenth of W1 belongs to them, and is frozen in every healthy course."""
    assert course()[-1]["W1.frozen"] > 0.09
    assert diagnose(course()) == []


def test_a_third_of_the_live_entries_frozen_is_dead_units() -> None:
    findings = diagnose(bend(course(), W1_frozen=lambda _: 0.4))
    assert told(findings) == [("frozen_entries", "W1", "warning")]
    assert abs(findings[0].verdict.value - 1 / 3) < 0.001


def test_a_layer_that_never_moves_while_the_other_learns_is_frozen() -> None:
    findings = diagnose(course(W1=lambda _: 0.0, b1=lambda _: 0.0))
    assert told(findings) == [("frozen_entries", "W1", "alarm")]
    assert findings[0].verdict.causes == ("frozen_layer",)
    assert findings[0].epoch == 4


def test_both_layers_frozen_while_the_last_bias_learns_are_dead_units() -> None:
    findings = diagnose(course(W1=lambda _: 0.0, b1=lambda _: 0.0, W2=lambda _: 0.0, b2=HEALTHY["b2"]))
    assert [finding.verdict.causes for finding in findings] == [("dead_units",), ("dead_units",)]
