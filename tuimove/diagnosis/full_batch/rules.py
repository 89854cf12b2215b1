"""The rules for full-batch training, in the order of evaluation, and what they make of each measurement."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from typing import Literal

from tuimove.diagnosis.finding import Judged, Verdict
from tuimove.diagnosis.full_batch import distance, distribution, entries, label_noise, norm, overtraining
from tuimove.diagnosis.full_batch.past import MatrixPast, RunPast
from tuimove.diagnosis.run_facts import Numbers, RunFacts
from tuimove.settings.limits import DiagnosisKeys
from tuimove.settings.matrix_role import MOST_MATRICES, MatrixRole, Roles, own_roles, with_measured

Chosen = Literal["all matrices", "weights", "first weights", "last weights"]
Judge = Callable[[MatrixPast, RunPast, DiagnosisKeys], Verdict | None]


@dataclass(frozen=True)
class Rule:
    """A rule with its name and when it is evaluated."""

    name: str
    judge: Judge
    matrices: Chosen = "weights"
    is_sudden: bool = False
    """Whether to judge every measurement; else only those a hundredth of the epochs apart."""
    needed: int | None = 1
    """Times in a row that it must hold before it is reported; the preset's `looks` when None."""
    is_excused: bool = False
    """Whether it gives a notice while the loss falls steadily."""
    has_limits: bool = True
    """Whether its limits are calibrated, on first and last layers; on an inner one it then gives a notice."""

    def concerns(self, role: MatrixRole) -> bool:
        """Return whether the rule applies to a matrix."""
        if self.matrices == "all matrices":
            return True
        return role.kind == "weights" and self.matrices in ("weights", f"{role.place} weights")


RULES = (
    Rule("not_finite", entries.not_finite, "all matrices", is_sudden=True, has_limits=False),
    Rule("distribution_lost", distribution.start_unfit, "all matrices", is_sudden=True, has_limits=False),
    Rule("distance_jumping", distance.inputs_unscaled, "first weights", is_sudden=True),
    Rule("norm_growing", norm.norm_running_away, "last weights", is_sudden=True, needed=2, is_excused=True),
    Rule("distance_jumping", distance.distance_leaping, is_sudden=True),
    Rule("distance_jumping", distance.distance_jumping, is_sudden=True),
    Rule("frozen_entries", entries.frozen_entries, needed=None),
    Rule("distance_plateau", distance.distance_plateau, "first weights", needed=None),
    Rule("distance_plateau", distance.distance_lazy, "first weights", needed=None),
    Rule("distance_falling", distance.distance_falling, needed=None, is_excused=True),
    Rule("norm_jumping_in_range", norm.norm_jumping_in_range, needed=None, is_excused=True),
    Rule("norm_jumping_out_of_range", norm.norm_jumping_out_of_range, needed=None, is_excused=True),
    Rule("norm_growing", norm.norm_growing, needed=None, is_excused=True),
    Rule("distribution_lost", distribution.distribution_lost, needed=None),
    Rule("loss_not_falling", label_noise.loss_not_falling, "first weights", needed=3),
    Rule("stop_here", overtraining.stop_here, "first weights", needed=None),
)
"""All rules, in the order of evaluation."""


class FullBatchRules:
    """Judges the matrices of one run, each by its own past."""

    def __init__(self, limits: DiagnosisKeys, facts: RunFacts, roles: Roles | None) -> None:
        """Judge matrices by their roles; the default is our own networks' roles."""
        self._limits = limits
        self._run = RunPast(facts, own_roles(facts.init) if roles is None else roles)

    def add_matrices(self, names: Collection[str]) -> None:
        """Add matrices that were measured although the run's record doesn't list them."""
        run = self._run
        if not run.matrices.keys() >= set(names):
            for role in with_measured(run.roles, names)[len(run.roles) : MOST_MATRICES]:
                run.add(role)

    def judge(self, numbers: Numbers) -> Iterator[Judged]:
        """Add a measurement, and yield what each rule says about each matrix that it concerns."""
        run, limits = self._run, self._limits
        is_look = run.note(numbers, limits)
        for place, rule in enumerate(RULES):
            if is_look or rule.is_sudden:
                for role in filter(rule.concerns, run.roles):
                    verdict = rule.judge(run.matrices[role.name], run, limits)
                    is_notice = (role.place == "inner" and rule.has_limits) or (rule.is_excused and run.is_learning)
                    said = as_notice(verdict) if verdict and is_notice else verdict
                    yield Judged((place, role.name), rule.name, rule.needed or limits.looks, role.name, said)

    def explained(self, verdict: Verdict) -> Verdict:
        """Return a verdict that is reported with the cause of an earlier one, where that explains it."""
        run = self._run
        run.has_warned = run.has_warned or verdict.severity != "notice"
        run.has_unfit_start = run.has_unfit_start or "unfit_start" in verdict.causes
        run.has_leapt = run.has_leapt or (verdict.severity == "alarm" and "learning_rate_too_high" in verdict.causes)
        run.has_unscaled_inputs = run.has_unscaled_inputs or "unscaled_inputs" in verdict.causes
        return replace(verdict, causes=("unscaled_inputs",)) if run.has_unscaled_inputs else verdict


def as_notice(verdict: Verdict) -> Verdict:
    """Return a verdict with its severity lowered to a notice."""
    return replace(verdict, severity="notice")
