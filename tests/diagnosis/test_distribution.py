"""The distribution of the entries: at the start, and lost on the way."""

from __future__ import annotations

import pytest

from tests.support.courses import HEALTHY, bend, course, diagnose, told
from tuimove.diagnosis.run_facts import RunFacts


def test_starting_weights_beyond_their_law_s_edges_are_an_alarm_at_once() -> None:
    findings = diagnose(bend(course(), W1_escaped=lambda _: 0.95))
    assert told(findings)[0] == ("distribution_lost", "W1", "alarm")
    assert findings[0].epoch == 0
    assert findings[0].verdict.causes == ("unfit_start",)


def test_a_start_that_misses_its_law_by_effect_and_not_by_chance_is_an_alarm() -> None:
    shapes = {"W2_effect": lambda _: 0.4, "W2_p_value": lambda _: 1e-9}
    assert told(diagnose(bend(course(), **shapes))) == [("distribution_lost", "W2", "alarm")]


def test_a_small_p_value_alone_condemns_nothing() -> None:
    assert diagnose(bend(course(), W1_p_value=lambda _: 1e-300, W1_effect=lambda _: 0.05)) == []


def test_a_large_effect_in_few_entries_may_be_chance() -> None:
    assert diagnose(bend(course(), b2_p_value=lambda _: 0.01, b2_effect=lambda _: 0.5)) == []


@pytest.mark.parametrize(("init", "expected"), [("he", [("distribution_lost", "b1", "alarm")]), ("uniform", [])])
def test_biases_of_he_and_glorot_starts_are_zero(init: str, expected: list[tuple[str, str, str]]) -> None:
    rows = bend(course(), b2_norm=lambda t: 0.1 * bool(t))
    assert told(diagnose(rows, RunFacts(init=init)))[:1] == expected


def test_a_changed_distribution_is_noticed_and_a_lost_one_warned_about() -> None:
    rows = bend(course(), W1_effect=lambda t: t / 2000, W1_escaped=lambda t: t / 1e4)
    findings = diagnose(rows)
    assert told(findings) == [("distribution_lost", "W1", "notice"), ("distribution_lost", "W1", "warning")]
    notice, warning = findings
    assert notice.epoch == 210
    assert notice.verdict.advice == "Nothing to do: healthy runs come here too."
    assert "more bell-like" in notice.verdict.message
    assert warning.verdict.limit == 0.35


def test_a_finding_says_what_changed_and_when_the_norm_does_not_show_it() -> None:
    shapes = {"W1_effect": lambda t: 0.2 * (t > 100), "W1_mean": lambda t: 0.1 * (t > 100),
              "W1_kurtosis": lambda t: 2.0 * (t > 100), "W1_norm": lambda _: 25.1}  # fmt: skip
    (finding,) = diagnose(bend(course(), **shapes))
    assert "shifted, longer in the tails" in finding.verdict.message
    assert "though its norm hardly shows it" in finding.verdict.message


def test_weights_pulled_to_zero_are_decaying() -> None:
    rows = bend(
        course(W1=lambda t: 25 * (1 - 0.99**t)),
        W1_cosine=lambda t: -0.99 if t else float("nan"),
        W1_norm=lambda t: 25 * 0.99**t,
        W1_sd=lambda t: 0.29 * 0.99**t,
    )
    findings = diagnose(rows)
    assert told(findings)[0] == ("distribution_lost", "W1", "warning")
    assert {cause for finding in findings for cause in finding.verdict.causes} == {"weight_decay"}


def test_nothing_relative_to_an_unfit_start_is_judged() -> None:
    """A matrix that starts a thousand times too small leaps as soon as it learns."""
    rows = bend(course(W2=lambda t: HEALTHY["W2"](t) * 1000), W2_effect=lambda _: 3.0, W2_p_value=lambda _: 0.0)
    assert [finding.rule for finding in diagnose(rows)] == ["distribution_lost"]
