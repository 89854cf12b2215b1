"""Rules about the distance of a matrix from its start: falling, jumping, or standing still."""

from __future__ import annotations

import math

from tuimove.diagnosis.finding import Cause, Severity, Verdict
from tuimove.diagnosis.full_batch.past import MatrixPast, RunPast
from tuimove.settings.limits import DiagnosisKeys

LEAP_EPOCHS = 10
"""Epochs that the limit on leaps refers to."""
EARLY_MEASUREMENTS = 3
"""Measurements in which a matrix and its bias still move by their first gradients."""
RESTART_TOLERANCE = 0.1
"""Tolerance of the geometry of new weights: norm as at the start, at right angles to it."""
DEEP_FALL = 0.1
"""Fall from the peak, as a share of it, that is an alarm."""


def distance_falling(past: MatrixPast, run: RunPast, limits: DiagnosisKeys) -> Verdict | None:
    """Judge whether the distance decreases, beyond a single outlier."""
    if not past.falls or not past.is_settled or not past.peak:
        return None
    fallen = 1 - past.distance / past.peak
    if fallen < limits.falling:
        return None
    message = f"{past.name} has come {fallen:.1%} back towards its start from the farthest it was."
    causes: tuple[Cause, ...] = ("learning_rate_too_high", "overtraining")
    if past.role.place == "last" and run.starts_with_large_outputs:
        return Verdict("notice", fallen, limits.falling, message, causes)
    if is_pulled_back(past, limits):
        causes = ("weight_decay",)
    return Verdict("alarm" if fallen >= DEEP_FALL else "warning", fallen, limits.falling, message, causes)


def distance_jumping(past: MatrixPast, run: RunPast, limits: DiagnosisKeys) -> Verdict | None:
    """Judge whether a step was far longer than usual, once the initial iterations are over."""
    if not past.is_settled or not past.step >= limits.jump * past.distance > 0:
        return None
    if not past.last_rate >= limits.jump_factor * past.usual_rate:
        return None
    share = past.step / past.distance
    if is_restarted(past) and not run.has_unfit_start:
        message = (
            f"{past.name} stepped by {share:.0%} of its whole distance and now has the norm of its start "
            "but another direction: the training started over."
        )
        return Verdict("alarm", share, limits.jump, message, ("restart",))
    message = f"{past.name} stepped by {share:.0%} of its whole distance at once."
    return Verdict("alarm", share, limits.jump, message, ("learning_rate_too_high", "dead_units"))


def distance_leaping(past: MatrixPast, run: RunPast, limits: DiagnosisKeys) -> Verdict | None:
    """Judge whether the first steps were extremely long, and not straight ahead."""
    if not has_leapt(past, run, limits) or past.turn >= limits.straight:
        return None
    message = f"{past.name} leapt {past.movement:.3g} times its own length away within {past.epoch:.0f} epochs."
    other = run.other_end(past)
    is_alone = past.role.place == "last" and other is not None and not has_leapt(other, run, limits)
    severity: Severity = "notice" if is_alone and run.starts_with_large_outputs else "alarm"
    return Verdict(severity, past.movement, leap_limit(past, limits), message, ("learning_rate_too_high",))


def has_leapt(past: MatrixPast, run: RunPast, limits: DiagnosisKeys) -> bool:
    """Return whether a matrix is farther from its start than any sensible first steps lead."""
    is_explained = run.has_unfit_start or run.has_unscaled_inputs
    return past.measured >= 2 and not is_explained and past.movement > leap_limit(past, limits)


def leap_limit(past: MatrixPast, limits: DiagnosisKeys) -> float:
    """Return the greatest plausible distance by now, in starting norms."""
    return limits.leap * max(1.0, past.epoch / LEAP_EPOCHS)


def inputs_unscaled(past: MatrixPast, run: RunPast, limits: DiagnosisKeys) -> Verdict | None:
    """Judge whether the first weights move farther than their bias by more than inputs up to 1 allow."""
    if past.measured > EARLY_MEASUREMENTS or run.facts.bias_gradient != "per_neuron" or is_pulled_back(past, limits):
        return None
    bias = run.bias_of(past)
    if not bias or not bias.distance > 0 or not past.distance / bias.distance > limits.unscaled:
        return None
    ratio = past.distance / bias.distance
    message = f"{past.name} moved {ratio:,.0f} times as far as {bias.name}, which inputs of 0 to 1 can't make it."
    return Verdict("alarm", ratio, limits.unscaled, message, ("unscaled_inputs",))


def distance_plateau(past: MatrixPast, run: RunPast, limits: DiagnosisKeys) -> Verdict | None:
    """Judge whether the distance stands still, and why."""
    if past.step == 0 and past.distance > 0:
        message = f"{past.name} doesn't move at all any more: no gradient reaches it."
        return Verdict("alarm", 0.0, 0.0, message, ("dead_units",))
    if not past.is_settled or not past.growth < limits.plateau:
        return None
    if is_pulled_back(past, limits):
        message = f"The distance of {past.name} stands still: it has been pulled to zero."
        return Verdict("warning", past.growth, limits.plateau, message, ("weight_decay",))
    if run.has_leapt:
        message = f"The distance of {past.name} stands still since the weights leapt."
        causes: tuple[Cause, ...] = ("learning_rate_too_high", "dead_units")
        return Verdict("alarm", past.growth, limits.plateau, message, causes)
    message = f"The distance of {past.name} stands still: it has converged, or too few units are left to learn."
    return Verdict("notice", past.growth, limits.plateau, message, ("converged", "dead_units"))


def distance_lazy(past: MatrixPast, _run: RunPast, limits: DiagnosisKeys) -> Verdict | None:
    """Judge whether the weights still follow their first gradient, and have hardly moved."""
    if past.epoch < limits.lazy_epochs or not past.movement < limits.lazy_distance or not past.growth > limits.lazy:
        return None
    message = (
        f"{past.name} still moves in the straight line of its first step and has got {past.movement:.2%} of its "
        "norm away: it is lazy."
    )
    return Verdict("warning", past.movement, limits.lazy_distance, message, ("learning_rate_too_low",))


def is_pulled_back(past: MatrixPast, limits: DiagnosisKeys) -> bool:
    """Return whether the movement points back to zero."""
    return past.cosine < -limits.pulled_back


def is_restarted(past: MatrixPast) -> bool:
    """Return whether the weights look newly drawn from their law: as long as the start, at right angles to it."""
    is_as_long = abs(past.norm_ratio - 1) < RESTART_TOLERANCE
    return is_as_long and abs(past.cosine + math.sqrt(0.5)) < RESTART_TOLERANCE
