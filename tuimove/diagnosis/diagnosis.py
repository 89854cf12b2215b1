"""Evaluates the rules on a run's measurements, one by one, and reports each finding once.

The same numbers give the same findings, live or recorded; the only state is the run's past and what has been reported.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Hashable
from dataclasses import dataclass

from tuimove.diagnosis.finding import SEVERITIES, Finding, Judged
from tuimove.diagnosis.full_batch.rules import FullBatchRules
from tuimove.diagnosis.mini_batch.rules import MiniBatchRules
from tuimove.diagnosis.run_facts import Numbers, RunFacts
from tuimove.settings.limits import DiagnosisKeys
from tuimove.settings.matrix_role import Roles

QUIET_LOOKS = 20
"""Measurements without a finding after which it may be reported again."""


@dataclass
class RuleState:
    """How long a rule has held, for a matrix or for the run, and the severity that was reported last."""

    streak: int = 0
    """Consecutive measurements at which the rule has held."""
    quiet: int = 0
    """Consecutive measurements at which it hasn't."""
    severity: int = -1
    """Index in SEVERITIES; -1 where nothing has been reported."""


class Diagnosis:
    """Evaluates the rules for a run's kind of training on each of its measurements."""

    def __init__(self, limits: DiagnosisKeys, facts: RunFacts, roles: Roles | None = None) -> None:
        """Judge a run's matrices by their roles; the default is our own networks' roles."""
        self._rules = (MiniBatchRules if facts.noise == "batches" else FullBatchRules)(limits, facts, roles)
        self._states: defaultdict[Hashable, RuleState] = defaultdict(RuleState)

    def add_matrices(self, names: Collection[str]) -> None:
        """Add matrices that were measured although the run's record doesn't list them."""
        self._rules.add_matrices(names)

    def observe(self, numbers: Numbers) -> list[Finding]:
        """Return the findings on a measurement, by column of the history; none where it has no epoch."""
        epoch = numbers.get("epoch", -1.0)
        if not 0 <= epoch < math.inf:
            return []
        return [
            Finding(int(epoch), judged.rule, judged.matrix, self._rules.explained(judged.verdict))
            for judged in self._rules.judge(numbers)
            if self._is_new(judged) and judged.verdict is not None
        ]

    def _is_new(self, judged: Judged) -> bool:
        """Return whether a rule has held long enough to be reported, and is more severe than when last reported."""
        state = self._states[judged.key]
        if judged.verdict is None:
            state.streak, state.quiet = 0, state.quiet + 1
            if state.quiet >= QUIET_LOOKS:
                state.severity = -1
            return False
        state.streak, state.quiet = state.streak + 1, 0
        severity = SEVERITIES.index(judged.verdict.severity)
        if state.streak < judged.needed or severity <= state.severity:
            return False
        state.severity = severity
        return True
