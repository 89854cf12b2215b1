"""Rules about single entries: those that aren't finite, and those that never move."""

from __future__ import annotations

from tuimove.diagnosis.finding import Cause, Verdict
from tuimove.diagnosis.full_batch.past import MatrixPast, RunPast
from tuimove.settings.limits import DiagnosisKeys


def not_finite(past: MatrixPast, run: RunPast, limits: DiagnosisKeys) -> Verdict | None:
    """Judge whether every entry is finite, and the norm too, which overflows before the entries do."""
    has_overflown = past.norm != past.norm and past.start_norm == past.start_norm and past.entries > 0
    if not past.non_finite > 0 and not has_overflown:
        return None
    message = f"{past.non_finite:.0f} of {past.entries:.0f} entries of {past.name} are NaN or infinite."
    if not past.non_finite > 0:
        message = f"The norm of {past.name} is beyond what a number can hold."
    ran_away = any(other.turn >= limits.straight for other in run.matrices.values())
    causes: tuple[Cause, ...] = ("flipped_gradient",) if ran_away else ("learning_rate_too_high",)
    return Verdict("alarm", past.non_finite, 0.0, message, causes)


def frozen_entries(past: MatrixPast, run: RunPast, limits: DiagnosisKeys) -> Verdict | None:
    """Judge whether more entries have never moved than always-zero inputs explain."""
    frozen = frozen_share(past)
    if not past.epoch or not frozen > limits.frozen:
        return None
    if frozen < limits.frozen_layer:
        message = f"{frozen:.0%} of the entries of {past.name} that could move never have: units are dead."
        return Verdict("warning", frozen, limits.frozen, message, ("dead_units", "learning_rate_too_low"))
    other = run.other_end(past)
    if other is None:
        return None
    if not frozen_share(other) < limits.frozen_layer:
        message = f"{past.name} has never moved, nor has the other layer: no unit answers to any input."
        return Verdict("alarm", frozen, limits.frozen_layer, message, ("dead_units",))
    message = f"{past.name} has never moved though the other layer learns."
    return Verdict("alarm", frozen, limits.frozen_layer, message, ("frozen_layer",))


def frozen_share(past: MatrixPast) -> float:
    """Return the share of live entries that have never moved; NaN where unknown."""
    live = past.live_entries / past.entries if past.entries else float("nan")
    return (past.frozen - (1 - live)) / live if live else float("nan")
