"""The fold: takes a run's measurements one by one and tells what the rules have found, each thing once.

The same numbers give the same findings, live or read back; nothing is kept but `RunPast` and what has been told.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from tuimove.diagnosis.finding import SEVERITIES, Finding, Verdict
from tuimove.diagnosis.past import MatrixPast, Numbers, RunFacts, RunPast
from tuimove.diagnosis.rules import distance, distribution, entries, norm, overtraining
from tuimove.settings.limits import DiagnosisKeys
from tuimove.settings.matrix_role import OWN_NAMES, OWN_ROLES

WEIGHTS = tuple(role.name for role in OWN_ROLES if role.kind == "weights")
QUIET_LOOKS = 20
"""A finding that hasn't held for so many looks may be told again."""

Judge = Callable[[MatrixPast, RunPast, DiagnosisKeys], Verdict | None]


@dataclass(frozen=True)
class Rule:
    """When a judgement is asked for, and what it is called."""

    name: str
    judge: Judge
    matrices: tuple[str, ...] = WEIGHTS
    is_sudden: bool = False
    """Whether every measurement is judged; else only looks, a hundredth of the epochs apart."""
    needed: int | None = 1
    """Times in a row that it must hold; the preset's `looks` when None."""


RULES = (
    Rule("not_finite", entries.not_finite, OWN_NAMES, is_sudden=True),
    Rule("distribution_lost", distribution.start_unfit, OWN_NAMES, is_sudden=True),
    Rule("distance_jumping", distance.inputs_unscaled, ("W1",), is_sudden=True),
    Rule("norm_growing", norm.norm_running_away, ("W2",), is_sudden=True, needed=2),
    Rule("distance_jumping", distance.distance_leaping, is_sudden=True),
    Rule("distance_jumping", distance.distance_jumping, is_sudden=True),
    Rule("frozen_entries", entries.frozen_entries, needed=None),
    Rule("distance_plateau", distance.distance_plateau, ("W1",), needed=None),
    Rule("distance_plateau", distance.distance_lazy, ("W1",), needed=None),
    Rule("distance_falling", distance.distance_falling, needed=None),
    Rule("norm_jumping_in_range", norm.norm_jumping_in_range, needed=None),
    Rule("norm_jumping_out_of_range", norm.norm_jumping_out_of_range, needed=None),
    Rule("norm_growing", norm.norm_growing, needed=None),
    Rule("distribution_lost", distribution.distribution_lost, needed=None),
    Rule("stop_here", overtraining.stop_here, ("W1",), needed=None),
)
"""In the order in which they are asked."""


@dataclass
class Told:
    """What is remembered about a rule and a matrix."""

    streak: int = 0
    """Times in a row that the rule has held."""
    quiet: int = 0
    """Times in a row that it hasn't."""
    severity: int = -1
    """Of what was told last, as a place in SEVERITIES; -1 for nothing."""


class Diagnosis:
    """Asks the rules about each measurement of one run."""

    def __init__(self, limits: DiagnosisKeys, facts: RunFacts) -> None:
        self._limits = limits
        self._run = RunPast(facts, OWN_NAMES)
        self._told = [{matrix: Told() for matrix in rule.matrices} for rule in RULES]

    def observe(self, numbers: Numbers) -> list[Finding]:
        """Return what a measurement, by column of the history, gives cause to tell; without an epoch, nothing."""
        epoch = numbers.get("epoch", -1.0)
        if not 0 <= epoch < math.inf:
            return []
        is_look = self._run.note(numbers, self._limits)
        found = []
        for rule, matrix, verdict in self._judge_all(is_look=is_look):
            if self._is_news(rule, matrix, verdict) and verdict is not None:
                found.append(Finding(int(epoch), RULES[rule].name, matrix, self._explained(verdict)))
        return found

    def _judge_all(self, *, is_look: bool) -> Iterator[tuple[int, str, Verdict | None]]:
        run, limits = self._run, self._limits
        for place, rule in enumerate(RULES):
            if is_look or rule.is_sudden:
                for matrix in rule.matrices:
                    yield place, matrix, rule.judge(run.matrices[matrix], run, limits)

    def _is_news(self, rule: int, matrix: str, verdict: Verdict | None) -> bool:
        """Return whether a rule has held for long enough to be told, and hasn't been told lately."""
        told = self._told[rule][matrix]
        if verdict is None:
            told.streak, told.quiet = 0, told.quiet + 1
            if told.quiet >= QUIET_LOOKS:
                told.severity = -1
            return False
        told.streak, told.quiet = told.streak + 1, 0
        severity = SEVERITIES.index(verdict.severity)
        needed = RULES[rule].needed or self._limits.looks
        if told.streak < needed or severity <= told.severity:
            return False
        told.severity = severity
        return True

    def _explained(self, verdict: Verdict) -> Verdict:
        """Return a verdict with the cause behind its cause, where an earlier finding has told it."""
        run = self._run
        run.has_unfit_start = run.has_unfit_start or "unfit_start" in verdict.causes
        run.has_leapt = run.has_leapt or (verdict.severity == "alarm" and "learning_rate_too_high" in verdict.causes)
        run.has_unscaled_inputs = run.has_unscaled_inputs or "unscaled_inputs" in verdict.causes
        return replace(verdict, causes=("unscaled_inputs",)) if run.has_unscaled_inputs else verdict
