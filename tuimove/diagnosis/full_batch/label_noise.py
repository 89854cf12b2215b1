"""Labels that can't be learnt: the loss stands still near its start though the weights have moved."""

from __future__ import annotations

from tuimove.diagnosis.finding import Cause, Verdict
from tuimove.diagnosis.full_batch.past import MatrixPast, RunPast
from tuimove.settings.limits import DiagnosisKeys

STILL = -0.1
"""Power of the epochs above which a loss stands still, while they grow fourfold."""
FIRST_EPOCHS = 80
"""Epochs in which any loss may still be near its start."""
LATE = 0.25
"""Share of its whole fall in the latter half of the epochs from which a loss is only slow; a straight line has 0.5."""
AT_ITS_START = 0.95
"""Share of the first loss from which there is no fall to speak of."""
HARDLY = 0.05
"""Movement, in starting norms, below which there was no attempt to learn."""


def loss_not_falling(past: MatrixPast, run: RunPast, limits: DiagnosisKeys) -> Verdict | None:
    """Judge whether nothing else explains a loss that stands still near its start.

    With steps that aren't too long the loss of all images falls at each of them, whatever their labels.
    """
    share = run.loss_share
    if past.epoch < FIRST_EPOCHS or not share > limits.unlearnt or not run.loss.growth > STILL:
        return None
    if not past.movement > HARDLY or run.has_warned or _is_slow(run):
        return None
    message = f"The loss stands still at {share:.0%} of what guessing gives, though {past.name} has moved."
    causes: tuple[Cause, ...] = ("label_noise",) if run.is_learning else ("learning_rate_too_high", "label_noise")
    return Verdict("warning", share, limits.unlearnt, message, causes, ("weights", "loss"))


def _is_slow(run: RunPast) -> bool:
    """Return whether the loss falls nearly as fast late as early: of noisy labels, what can be learnt comes first."""
    share, level = run.loss_share, run.loss.level
    return share < AT_ITS_START and not run.loss.late_fall < LATE * level * (1 / share - 1)
