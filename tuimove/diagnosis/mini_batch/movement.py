"""Rules about how weights move: too far, back, not at all, or to other weights at once."""

from __future__ import annotations

import math

from tuimove.diagnosis.finding import Cause
from tuimove.diagnosis.mini_batch.judgement import Judgement, judgement
from tuimove.diagnosis.mini_batch.matrix_past import farthest, least, most
from tuimove.diagnosis.mini_batch.run_past import RunPast
from tuimove.settings.limits import DiagnosisKeys

LEAP_STEPS = 100
"""Steps that the limit on leaps refers to; from then on noise leads as far as the square root of the steps."""
ORDINARY_STEP = 0.3
"""First step, in lengths, up to which the learning rate isn't to blame for what follows."""
FEW_STEPS = 3
"""Steps within which only steps that are too long lead far."""
FIRST_LOOKS = 8
"""Looks before which weights aren't told to have been replaced."""
SETTLED_STEPS = 100
"""First step at which a distance is told to fall, or to stand still."""
NEARLY_NOTHING = 0.05
"""Share of the loss of guessing below which little is left to learn."""
LEAST_MOVEMENT = 0.1
"""In lengths: what has hardly moved doesn't fall back."""


def not_finite(run: RunPast, _limits: DiagnosisKeys) -> Judgement | None:
    """Judge whether every entry is finite, and every norm, which overflows before the entries do."""
    spoilt = next((past for past in run.matrices.values() if past.non_finite > 0 or past.has_overflown), None)
    if spoilt is None:
        return None
    message = f"{spoilt.non_finite:.0f} of {spoilt.entries:.0f} entries of {spoilt.name} are NaN or infinite"
    if not spoilt.non_finite > 0:
        message = f"The norm of {spoilt.name} is beyond what a number can hold"
    causes: tuple[Cause, ...] = ("bad_batch",) if run.was_calm else causes_of_divergence(run)
    message += ", and all was calm before." if run.was_calm else "."
    return judgement("alarm", spoilt.name, spoilt.non_finite, 0.0, message, causes)


def distance_leaping(run: RunPast, limits: DiagnosisKeys) -> Judgement | None:
    """Judge whether weights are farther from their start than sensible training leads; a loss that has fallen excuses.

    Noise adds up like a random walk, so the limit grows with the square root of the steps.
    """
    past = farthest(run.weights)
    limit = limits.loop_leap * math.sqrt(max(run.step, LEAP_STEPS) / LEAP_STEPS)
    if past is None or not run.looks or not past.movement > limit or "unfit_start" in run.found:
        return None
    if run.loss.share < limits.learnt:
        return None
    message = f"{past.name} is {past.movement:.3g} times its usual length from its start after {run.step:.0f} steps."
    return judgement("alarm", past.name, past.movement, limit, message, causes_of_divergence(run))


def causes_of_divergence(run: RunPast) -> tuple[Cause, ...]:
    """Return what leads weights away: a wrong sign if they climb, else steps that are too long.

    Weights climb where they go on and on from an ordinary first step, and the loss, if known, has never fallen. With a
    learning rate too high the first step is long already, or the first few lead far.
    """
    past, loss = farthest(run.weights), run.loss
    goes_on = loss.level > loss.first or (past is not None and past.turn > 0.5 and past.growth > 0.85)
    is_ordinary = run.first_step < ORDINARY_STEP and run.step > FEW_STEPS and "learning_rate_too_high" not in run.found
    climbs = is_ordinary and goes_on and not loss.least < 0.9 * loss.first
    return ("flipped_gradient",) if climbs else ("learning_rate_too_high",)


def restarted(run: RunPast, _limits: DiagnosisKeys) -> Judgement | None:
    """Judge whether all weights but the last have been replaced by new ones at once."""
    if run.looks < FIRST_LOOKS or run.has_leapt or not run.hidden:
        return None
    if not all(past.is_drawn_anew for past in run.hidden):
        return None
    past = run.hidden[0]
    message = f"{past.name} has nothing in common with what it was before: the training started over."
    return judgement("alarm", past.name, past.step / past.norm, 1.0, message, ("restart",))


def start_forgotten(run: RunPast, limits: DiagnosisKeys) -> Judgement | None:
    """Judge whether all weights but the last have lost their start soon and shrunk, as by strong weight decay."""
    if run.step > limits.loop_forgotten_by or run.has_leapt or not {"unfit_start", "restart"}.isdisjoint(run.found):
        return None
    left, ratio = most(run.hidden, lambda past: past.start_left), most(run.hidden, lambda past: past.norm_ratio)
    if not left < limits.loop_forgotten or not ratio < limits.loop_shrunk:
        return None
    message = f"After {run.step:.0f} steps only {max(left, 0.0):.0%} of the start is left: weights are pulled to zero."
    return judgement("warning", run.hidden[0].name, left, limits.loop_forgotten, message, ("weight_decay",))


def distance_falling(run: RunPast, limits: DiagnosisKeys) -> Judgement | None:
    """Judge whether the last weights come back towards their start: what they had learnt is being undone."""
    past = run.weights[-1] if run.weights else None
    if past is None or run.step < SETTLED_STEPS or not past.fallen > limits.loop_falling:
        return None
    if not past.movement > LEAST_MOVEMENT or run.has_leapt or "restart" in run.found or run.loss.is_near_least(0.1):
        return None
    message = f"{past.name} has come {past.fallen:.1%} back towards its start from the farthest it was."
    is_decayed = past.cosine < -limits.pulled_back
    causes: tuple[Cause, ...] = ("weight_decay",) if is_decayed else ("label_noise", "learning_rate_too_high")
    return judgement("warning", past.name, past.fallen, limits.loop_falling, message, causes)


def distance_lazy(run: RunPast, limits: DiagnosisKeys) -> Judgement | None:
    """Judge whether all weights have hardly moved, and go straight on or, where a loss tells, haven't learnt."""
    movement = most(run.moving, lambda past: past.movement)
    if run.step < limits.loop_lazy_steps or not movement < limits.loop_lazy_distance:
        return None
    goes_straight = least(run.moving, lambda past: past.growth) > limits.lazy
    if not (run.loss.share > limits.unlearnt if run.started_guessing else goes_straight):
        return None
    message = f"After {run.step:.0f} steps no weights have got farther than {movement:.2%} of their usual length."
    name = run.moving[0].name
    return judgement("warning", name, movement, limits.loop_lazy_distance, message, ("learning_rate_too_low",))


def distance_plateau(run: RunPast, limits: DiagnosisKeys) -> Judgement | None:
    """Judge whether all weights stand still so soon that their samples must be few; a loss that goes on excuses."""
    growth = most(run.moving, lambda past: past.growth)
    if not SETTLED_STEPS <= run.step <= limits.loop_memorised_by or not growth < limits.loop_plateau:
        return None
    if run.has_leapt or "unfit_start" in run.found or (run.loss.is_known and not run.loss_has_vanished(NEARLY_NOTHING)):
        return None
    message = f"By step {run.step:.0f} all weights stand still: there is nothing left to learn from the samples."
    return judgement("warning", None, growth, limits.loop_plateau, message, ("overtraining",))
