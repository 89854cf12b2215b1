"""Rules about the norm of a matrix: jumping within or beyond its initial range, or growing."""

from __future__ import annotations

import math

from tuimove.diagnosis.finding import Cause, Verdict
from tuimove.diagnosis.full_batch.distance import has_leapt, leap_limit
from tuimove.diagnosis.full_batch.past import MatrixPast, RunPast
from tuimove.settings.limits import DiagnosisKeys

RANGE_SIGMAS = 3.0
"""Half the width of the initial range, in standard deviations of the norm between seeds."""
RUNAWAY_EPOCHS = 20


def norm_jumping_in_range(past: MatrixPast, _run: RunPast, limits: DiagnosisKeys) -> Verdict | None:
    """Judge whether the norm goes up and down within its initial range."""
    turn = nth_reversal(past, limits)
    if not turn > reversal_limit(past, limits) or not is_in_range(past):
        return None
    message = f"The norm of {past.name} jumps up and down, within the range that chance gives it at the start."
    return Verdict("warning", turn, reversal_limit(past, limits), message, ("overtraining", "learning_rate_too_high"))


def norm_jumping_out_of_range(past: MatrixPast, _run: RunPast, limits: DiagnosisKeys) -> Verdict | None:
    """Judge whether the norm goes up and down beyond its initial range, and whether the distance does too."""
    turn = nth_reversal(past, limits)
    if not turn > reversal_limit(past, limits) or is_in_range(past):
        return None
    agrees = "and so does the distance" if past.turn < 0 or past.falls else "though the distance doesn't"
    message = f"The norm of {past.name} jumps up and down out of its initial range, {agrees}."
    return Verdict("warning", turn, reversal_limit(past, limits), message, ("learning_rate_too_high",))


def norm_growing(past: MatrixPast, run: RunPast, limits: DiagnosisKeys) -> Verdict | None:
    """Judge whether the norm grows by scaling, beyond what sideways movement explains."""
    explained = math.hypot(past.start_norm, past.distance)
    limit = limits.scaling_first if past.role.place == "first" else limits.scaling_last
    if not past.is_settled or run.has_unfit_start or not past.norm > limit * explained > 0:
        return None
    distribution = "" if past.effect - past.start_effect > 0 else " though its distribution doesn't show it"
    message = f"The norm of {past.name} keeps growing out of its range: its weights are scaled up{distribution}."
    causes: tuple[Cause, ...] = ("overtraining", "learning_rate_too_high")
    return Verdict("warning", past.norm / explained, limit, message, causes)


def norm_running_away(past: MatrixPast, run: RunPast, limits: DiagnosisKeys) -> Verdict | None:
    """Judge whether the weights diverge straight ahead, as when each step increases the loss."""
    if run.has_unfit_start or not past.turn >= limits.straight:
        return None
    is_runaway = past.epoch >= RUNAWAY_EPOCHS and past.growth > limits.lazy and past.movement > limits.runaway
    if not has_leapt(past, run, limits) and not is_runaway:
        return None
    message = f"{past.name} runs away straight ahead: it is {past.movement:.3g} starting norms away and no slower."
    limit = limits.runaway if is_runaway else leap_limit(past, limits)
    return Verdict("alarm", past.movement, limit, message, ("flipped_gradient",))


def nth_reversal(past: MatrixPast, limits: DiagnosisKeys) -> float:
    """Return the n-th largest recent reversal of the norm, n being `limits.reversals`; NaN where there are fewer."""
    if not past.is_settled:
        return math.nan
    turns = [turn for turn in past.reversals if turn]
    return sorted(turns)[-limits.reversals] if len(turns) >= limits.reversals else math.nan


def reversal_limit(past: MatrixPast, limits: DiagnosisKeys) -> float:
    """Return the least reversal of the norm that counts, in starting norms."""
    return limits.norm_reversal_first if past.role.place == "first" else limits.norm_reversal_last


def is_in_range(past: MatrixPast) -> bool:
    """Return whether a start of the same law could have this norm.

    The norm of n independent entries of excess kurtosis k has a relative standard deviation of sqrt((k + 2) / 4n).
    """
    deviation = math.sqrt(max(past.kurtosis + 2, 0.0) / (4 * past.entries)) if past.entries > 0 else math.nan
    return abs(past.norm_ratio - 1) <= RANGE_SIGMAS * deviation
