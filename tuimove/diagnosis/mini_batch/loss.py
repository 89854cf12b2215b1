"""Rules that judge a loss together with the weights; only one that began as the cross entropy of guessing does."""

from __future__ import annotations

from tuimove.diagnosis.finding import Cause
from tuimove.diagnosis.mini_batch.judgement import Judgement, judgement
from tuimove.diagnosis.mini_batch.matrix_past import most
from tuimove.diagnosis.mini_batch.movement import causes_of_divergence
from tuimove.diagnosis.mini_batch.run_past import RunPast
from tuimove.settings.limits import DiagnosisKeys

FIRST_STEPS = 20
"""Steps before which a loss is too new to have vanished."""
FIRST_VALIDATED = 50
"""Steps before which a validation loss is too new to have risen."""
STUCK_STEPS = 300
"""First step at which a loss can be called stuck."""
STILL = -0.08
"""Power of the steps above which a loss stands still."""
FAR, HARDLY = 1.0, 0.15
"""Movement, in lengths: early on from which the learning rate is too high; and below which there was no attempt."""
AT_ITS_START = 0.98
"""Share of the first loss from which nothing at all has been learnt."""
SPENT = 0.01
"""Share of the highest learning rate below which the rate is spent: what isn't learnt by then won't be."""
USUAL_CLASSES = 100
"""Classes from which learning begins later, in proportion."""
OVERSHOOT_STEPS = 16
"""Steps in which a loss may be far above its start and come back."""
MUCH = 0.3
"""Share of the first loss: what is gained from which a loss has been learnt, and what is lost from which it rises."""


def loss_not_falling(run: RunPast, limits: DiagnosisKeys) -> Judgement | None:
    """Judge whether the loss stands still near its start, or half-way after weights have gone far at once."""
    share = run.loss.share
    if not run.started_guessing or run.step < STUCK_STEPS or not run.loss.growth > STILL:
        return None
    went_far = run.early_movement > FAR and share > limits.learnt
    few_steps = limits.loop_unlearnt_steps * max(1.0, run.classes / USUAL_CLASSES)
    if not went_far and (not share > limits.unlearnt or run.step < few_steps):
        return None
    causes, why = _causes_of_standstill(run, went_far)
    if not causes:
        return None
    message = f"After {run.step:.0f} steps the loss stands still at {share:.0%} of what it was at first{why}."
    limit = limits.learnt if went_far else limits.unlearnt
    return judgement("warning", None, share, limit, message, causes, ("weights", "loss"))


def _causes_of_standstill(run: RunPast, went_far: bool) -> tuple[tuple[Cause, ...], str]:
    """Return what keeps a loss from falling, and words on it; nothing where the weights may only be slow."""
    if run.found:
        return run.found, ""
    if run.rate < SPENT * run.highest_rate:
        return ("learning_rate_too_low",), f": the learning rate has fallen to {run.rate:.1e}"
    if went_far:
        return ("learning_rate_too_high", "label_noise"), ""
    movement = most(run.weights, lambda past: past.movement)
    if movement > HARDLY:
        return ("label_noise",), ""
    if run.loss.share > AT_ITS_START:
        words = f", and no weights have got farther than {movement:.0%} of their usual length"
        return ("dead_units", "learning_rate_too_low"), words
    return (), ""


def loss_rising(run: RunPast, limits: DiagnosisKeys) -> Judgement | None:
    """Judge whether the loss has risen far above its start, or has lost much of what it had gained."""
    loss = run.loss
    if not run.started_guessing:
        return None
    has_learnt = loss.gained > MUCH * loss.first
    limit = loss.least + limits.loop_loss_lost * loss.gained if has_learnt else (1 + MUCH) * loss.first
    if not loss.lowest > limit or (not has_learnt and run.step < OVERSHOOT_STEPS):
        return None
    message = f"The loss has risen from {loss.least:.3g} to {loss.level:.3g}."
    return judgement("alarm", None, loss.level, limit, message, _causes_of_rise(run, has_learnt), ("weights", "loss"))


def _causes_of_rise(run: RunPast, has_learnt: bool) -> tuple[Cause, ...]:
    """Return what is to blame: weights that didn't leap answer to other labels than before."""
    if run.has_leapt or "restart" in run.found:
        return run.found
    return ("label_noise", "learning_rate_too_high") if has_learnt else causes_of_divergence(run)


def loss_vanished(run: RunPast, limits: DiagnosisKeys) -> Judgement | None:
    """Judge whether the loss vanishes so soon that the samples must be few, or the same again and again."""
    if not FIRST_STEPS <= run.step <= limits.loop_memorised_by or run.has_leapt:
        return None
    if not run.loss_has_vanished(limits.loop_memorised):
        return None
    share = run.loss.level / run.loss_of_guessing
    message = f"By step {run.step:.0f} the loss has vanished: the network knows its samples by heart."
    return judgement("warning", None, share, limits.loop_memorised, message, ("overtraining",), ("weights", "loss"))


def stop_here(run: RunPast, limits: DiagnosisKeys) -> Judgement | None:
    """Judge whether the validation loss rises, far above a loss that goes on falling."""
    loss, validation = run.loss, run.validation_loss
    is_learning = loss.level < 0.9 * loss.first and loss.is_near_least(0.1)
    if run.step < FIRST_VALIDATED or not is_learning or not validation.first > 0:
        return None
    rise, gap = validation.level - validation.least, validation.level - loss.level
    limit = limits.loop_validation_rise * validation.first
    if not rise > limit or not gap > limits.loop_validation_gap * validation.first:
        return None
    best = f"{validation.least:.3g} at step {validation.least_at:.0f}"
    message = f"The validation loss was least, {best}, and is {validation.level:.3g} now while the loss falls."
    return judgement("warning", None, rise, limit, message, ("overtraining",), ("weights", "loss", "validation_loss"))
