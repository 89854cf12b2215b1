"""The rules for mini-batches, in the order of evaluation, and what they make of each measurement."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass

from tuimove.diagnosis.finding import Judged, Verdict
from tuimove.diagnosis.mini_batch import loss, movement, readings, start
from tuimove.diagnosis.mini_batch.judgement import Judgement
from tuimove.diagnosis.mini_batch.run_past import RunPast
from tuimove.diagnosis.run_facts import Numbers, RunFacts
from tuimove.settings.limits import DiagnosisKeys
from tuimove.settings.matrix_role import MOST_MATRICES, Roles, with_measured


@dataclass(frozen=True)
class Rule:
    """A rule with its name, and how long it must hold."""

    name: str
    judge: Callable[[RunPast, DiagnosisKeys], Judgement | None]
    needed: int = 1
    """Measurements in a row at which it must hold before it is reported."""
    needs_steps: bool = False
    """Whether it depends on the number of steps, or on looks at the first ones."""


RULES = (
    Rule("start_unfit", start.start_unfit, needs_steps=True),
    Rule("not_finite", movement.not_finite),
    Rule("restarted", movement.restarted),
    Rule("distance_jumping", start.inputs_unscaled, needed=2, needs_steps=True),
    Rule("distance_jumping", movement.distance_leaping, needs_steps=True),
    Rule("frozen_entries", start.frozen_entries, needed=2),
    Rule("start_forgotten", movement.start_forgotten, needed=2, needs_steps=True),
    Rule("distance_plateau", movement.distance_lazy, needed=2, needs_steps=True),
    Rule("distance_falling", movement.distance_falling, needed=2, needs_steps=True),
    Rule("distance_plateau", movement.distance_plateau, needed=2, needs_steps=True),
    Rule("distance_plateau", readings.layer_stopped, needed=2),
    Rule("norm_growing", readings.norm_growing, needed=2),
    Rule("distribution_lost", readings.distribution_lost, needed=2),
    Rule("loss_rising", loss.loss_rising, needed=2, needs_steps=True),
    Rule("loss_not_falling", loss.loss_not_falling, needed=3, needs_steps=True),
    Rule("loss_vanished", loss.loss_vanished, needed=2, needs_steps=True),
    Rule("stop_here", loss.stop_here, needed=2),
)
"""All rules, in the order of evaluation."""


class MiniBatchRules:
    """Judges one run, its layers together."""

    def __init__(self, limits: DiagnosisKeys, facts: RunFacts, roles: Roles | None) -> None:
        """Judge matrices by their roles."""
        self._limits = limits
        self._run = RunPast(roles or ())
        self._rules = tuple(rule for rule in RULES if facts.counts_steps or not rule.needs_steps)

    def add_matrices(self, names: Collection[str]) -> None:
        """Add matrices that were measured although the run's record doesn't list them."""
        run = self._run
        if not run.matrices.keys() >= set(names):
            roles = [past.role for past in run.matrices.values()]
            for role in with_measured(roles, names)[len(roles) : MOST_MATRICES]:
                run.add(role)

    def judge(self, numbers: Numbers) -> Iterator[Judged]:
        """Add a measurement, and yield what each rule says."""
        self._run.note(numbers)
        for place, rule in enumerate(self._rules):
            found = rule.judge(self._run, self._limits)
            matrix, verdict = (found.matrix, found.verdict) if found else (None, None)
            yield Judged(place, rule.name, rule.needed, matrix, verdict)

    def explained(self, verdict: Verdict) -> Verdict:
        """Take note of a verdict that is reported, since it explains later ones."""
        known = self._run.found
        self._run.found = (*known, *(cause for cause in verdict.causes if cause not in known))
        return verdict
