"""What is told as a fact, a notice: the source document's readings of norm and distribution, and layers that stop."""

from __future__ import annotations

import math

from tuimove.diagnosis.mini_batch.judgement import Judgement, judgement
from tuimove.diagnosis.mini_batch.run_past import RunPast
from tuimove.settings.limits import DiagnosisKeys


def norm_growing(run: RunPast, limits: DiagnosisKeys) -> Judgement | None:
    """Tell the weights whose norm grows most by scaling, beyond what sideways movement explains."""
    ratios = {past.name: past.norm / math.hypot(past.start_norm, past.distance) for past in run.moving}
    name = max((name for name in ratios if ratios[name] > limits.scaling_last), key=ratios.__getitem__, default=None)
    if name is None:
        return None
    message = f"The norm of {name} keeps growing out of its range: its weights are scaled up."
    return judgement("notice", name, ratios[name], limits.scaling_last, message, ())


def distribution_lost(run: RunPast, limits: DiagnosisKeys) -> Judgement | None:
    """Tell the weights whose distribution has changed most, by its effect size."""
    lost = {past.name: past.effect - past.start_effect for past in run.weights}
    name = max((name for name in lost if lost[name] > limits.lost_first), key=lost.__getitem__, default=None)
    if name is None:
        return None
    message = f"{name} has left its starting distribution."
    return judgement("notice", name, lost[name], limits.lost_first, message, ())


def layer_stopped(run: RunPast, _limits: DiagnosisKeys) -> Judgement | None:
    """Tell weights that have stopped moving while others go on, as when a layer is frozen midway."""
    stopped = next((past for past in run.moving if past.step == 0), None)
    if stopped is None or not any(past.step > 0 for past in run.weights):
        return None
    message = f"{stopped.name} doesn't move any more, and other layers do."
    return judgement("notice", stopped.name, 0.0, 0.0, message, ())
