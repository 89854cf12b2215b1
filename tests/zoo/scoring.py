"""What the rules, ours and the rivals', say about recorded specimens; they see the records, and no verdict."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.zoo.judging import FAULTY_DECLINE, Verdict
from tests.zoo.specimens import HEALTHY

SEVERITIES = ("notice", "warning", "alarm")

HINT = "stop_here"
"""The hint to stop. As a notice it is neither a false alarm nor a catch; it is counted beside them."""

STOP_TOLERANCE = 0.25
"""How far `stop_here` may be from the best epoch, as a share of that."""

RIGHT_CAUSES: dict[str, frozenset[str]] = {
    "learning_rate_too_high": frozenset({"learning_rate_too_high"}),
    "learning_rate_too_low": frozenset({"learning_rate_too_low"}),
    "start_too_large": frozenset({"unfit_start"}),
    "start_too_small": frozenset({"unfit_start"}),
    "start_constant": frozenset({"unfit_start"}),
    "label_noise": frozenset({"label_noise"}),
    "overtraining": frozenset({"overtraining", "label_noise"}),
    "unscaled_inputs": frozenset({"unscaled_inputs"}),
    "flipped_gradient": frozenset({"flipped_gradient"}),
    "dead_relu": frozenset({"dead_units"}),
    "saturation": frozenset({"saturation", "unfit_start"}),
    "weight_decay": frozenset({"weight_decay"}),
    "restart": frozenset({"restart"}),
    "frozen_layer": frozenset({"frozen_layer"}),
}
"""Which causes are the right kind for each kind of fault of our own networks.

Overtraining counts only where a fifth of the labels is wrong, so either is true. Units are saturated here by first
weights that are far too large.
"""

Rule = tuple[str, str]
"""A package and the name of one of its rules."""


@dataclass(frozen=True)
class Found:
    """One finding of the tool's own rules."""

    epoch: int
    rule: str
    severity: str
    causes: tuple[str, ...]
    """Every kind of cause that its advice names."""
    matrix: str = ""
    """The one that it is about."""

    @property
    def is_serious(self) -> bool:
        """Whether it is a warning or worse."""
        return SEVERITIES.index(self.severity) >= SEVERITIES.index("warning")


@dataclass(frozen=True)
class Scored:
    """One specimen, what it turned out to be, and what the rules said."""

    name: str
    kind: str
    planned_epochs: int
    verdict: Verdict
    found: tuple[Found, ...]
    rival_alarms: frozenset[Rule]
    """Every rival's rule that ever warned or worse."""
    judged_by: frozenset[str] = frozenset()
    """The rivals that can judge it."""
    right_causes: frozenset[str] = frozenset()
    """Those of which a warning must name one."""
    traits: Mapping[str, str] = field(default_factory=dict)
    """What it is told apart by in tables, such as its optimizer."""

    @property
    def counts(self) -> bool:
        """Whether the specimen turned out to be what it was meant to be."""
        return self.verdict.is_what_it_was_meant(self.kind)

    @property
    def is_healthy(self) -> bool:
        """Whether it is a healthy one that counts."""
        return self.counts and self.kind == HEALTHY

    @property
    def is_faulty(self) -> bool:
        """Whether it is a faulty one that counts."""
        return self.counts and self.kind != HEALTHY

    def has(self, severity: str) -> bool:
        """Return whether any finding is that severe or worse."""
        return any(SEVERITIES.index(found.severity) >= SEVERITIES.index(severity) for found in self.found)

    @property
    def has_hint(self) -> bool:
        """Whether there is a hint to stop, however severe."""
        return any(found.rule == HINT for found in self.found)

    @property
    def serious(self) -> tuple[Found, ...]:
        """The findings that are warnings or worse, in their order."""
        return tuple(found for found in self.found if found.is_serious)

    @property
    def names_right_cause(self) -> bool:
        """Whether any warning or worse names the right kind of cause."""
        return any(self.right_causes & set(found.causes) for found in self.serious)

    @property
    def names_right_cause_first(self) -> bool:
        """Whether the first warning or worse already does."""
        return bool(self.serious) and bool(self.right_causes & set(self.serious[0].causes))

    @property
    def warned_at(self) -> float:
        """Epoch of the first warning or worse as a share of the planned ones; NaN without."""
        return self.serious[0].epoch / self.planned_epochs if self.serious else math.nan

    @property
    def best_epoch(self) -> int:
        """Where to stop: at the highest accuracy, or at the least loss where accuracy doesn't decline."""
        verdict = self.verdict
        declines = verdict.best_accuracy - verdict.final_accuracy >= FAULTY_DECLINE
        of_least_loss: int | None = getattr(verdict, "best_loss_step", verdict.best_loss_epoch)
        return verdict.best_epoch if declines or of_least_loss is None else of_least_loss

    @property
    def stop_error(self) -> float:
        """How far the first `stop_here` is from the best epoch, as a share of that; NaN without."""
        stops = [found.epoch for found in self.found if found.rule == HINT]
        return stops[0] / max(1, self.best_epoch) - 1 if stops else math.nan

    def warned_by(self, rival: str) -> bool:
        """Return whether a rival warned or worse."""
        return any(name == rival for name, _ in self.rival_alarms)


def wilson_interval(hits: int, total: int) -> tuple[float, float]:
    """Return the 95 % interval of a share (Wilson 1927), from 0 to 1."""
    if not total:
        return 0.0, 1.0
    z, share = 1.959964, hits / total
    middle = (share + z**2 / (2 * total)) / (1 + z**2 / total)
    half = z / (1 + z**2 / total) * math.sqrt(share * (1 - share) / total + z**2 / (4 * total**2))
    return max(0.0, middle - half), min(1.0, middle + half)
