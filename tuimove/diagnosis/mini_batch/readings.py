"""What is told as a fact, a notice: the source document's readings of norm and distribution, and layers that stop."""

from __future__ import annotations

import math
from collections.abc import Iterable
from operator import itemgetter

from tuimove.diagnosis.mini_batch.judgement import Judgement, judgement
from tuimove.diagnosis.mini_batch.matrix_past import MatrixPast, Quantity
from tuimove.diagnosis.mini_batch.run_past import RunPast
from tuimove.settings.limits import DiagnosisKeys


def norm_growing(run: RunPast, limits: DiagnosisKeys) -> Judgement | None:
    """Tell the weights whose norm grows most by scaling, beyond what sideways movement explains."""
    past, ratio = _highest(run.moving, lambda past: past.norm / math.hypot(past.start_norm, past.distance))
    if past is None or not ratio > limits.scaling_last:
        return None
    message = f"The norm of {past.name} keeps growing out of its range: its weights are scaled up."
    return judgement("notice", past.name, ratio, limits.scaling_last, message, ())


def distribution_lost(run: RunPast, limits: DiagnosisKeys) -> Judgement | None:
    """Tell the weights whose distribution has changed most, by its effect size."""
    past, lost = _highest(run.weights, lambda past: past.effect - past.start_effect)
    if past is None or not lost > limits.lost_first:
        return None
    message = f"{past.name} has left its starting distribution."
    return judgement("notice", past.name, lost, limits.lost_first, message, ())


def _highest(pasts: Iterable[MatrixPast], quantity: Quantity) -> tuple[MatrixPast | None, float]:
    """Return the matrix with the greatest number, and that; None and NaN where no number is known."""
    known = [(quantity(past), past) for past in pasts]
    value, past = max(((value, past) for value, past in known if value == value),
                      key=itemgetter(0), default=(math.nan, None))  # fmt: skip
    return past, value


def layer_stopped(run: RunPast, _limits: DiagnosisKeys) -> Judgement | None:
    """Tell weights that have stopped moving while others go on, as when a layer is frozen midway."""
    stopped = next((past for past in run.moving if past.step == 0), None)
    if stopped is None or not any(past.step > 0 for past in run.weights):
        return None
    message = f"{stopped.name} doesn't move any more, and other layers do."
    return judgement("notice", stopped.name, 0.0, 0.0, message, ())
