"""Rules about how a training starts: its weights, its inputs, and layers that never move."""

from __future__ import annotations

import math
from collections.abc import Iterable

from tuimove.diagnosis.mini_batch.judgement import Judgement, judgement
from tuimove.diagnosis.mini_batch.matrix_past import MatrixPast
from tuimove.diagnosis.mini_batch.run_past import RunPast
from tuimove.settings.limits import DiagnosisKeys

FIRST_STEPS = 20
"""Steps in which first weights and their bias still move by their first gradients."""
FIRST_MOVED_BY = 8
"""Step by which some entry of every trained layer has moved; rarely used ones take some batches."""
ADAPTER = "lora_"
"""In the names of adapters' matrices."""


def start_unfit(run: RunPast, limits: DiagnosisKeys) -> Judgement | None:
    """Judge whether weights start all alike or far too large, or a bias far from zero."""
    if run.looks:
        return None
    return _started_alike(run) or _started_large(run, limits) or _started_biased(run, limits)


def _started_alike(run: RunPast) -> Judgement | None:
    """Judge whether the units of a layer can't become different; a layer of zeros can, where others aren't zero."""
    alike = [past for past in run.weights if past.is_constant]
    if alike and len(alike) < len(run.weights):
        alike = [past for past in alike if past.norm > 0]
    if not alike:
        return None
    message = f"All starting weights of {alike[0].name} are alike, so all of its units learn the same."
    return judgement("alarm", alike[0].name, alike[0].sd, 0.0, message, ("unfit_start",))


def _started_large(run: RunPast, limits: DiagnosisKeys) -> Judgement | None:
    for past in run.weights:
        if past.start_norm > limits.loop_start * past.usual_length > 0:
            times = past.start_norm / past.usual_length
            message = f"{past.name} starts {times:.3g} times as large as weights of its shape usually do."
            return judgement("alarm", past.name, times, limits.loop_start, message, ("unfit_start",))
    return None


def _started_biased(run: RunPast, limits: DiagnosisKeys) -> Judgement | None:
    for past in run.matrices.values():
        size = past.norm / math.sqrt(past.entries) if past.role.kind == "bias" and past.entries > 0 else math.nan
        if size > limits.loop_bias:
            message = f"{past.name} starts at about {size:.3g}: its units are shut, or always open."
            return judgement("alarm", past.name, size, limits.loop_bias, message, ("unfit_start", "dead_units"))
    return None


def inputs_unscaled(run: RunPast, limits: DiagnosisKeys) -> Judgement | None:
    """Judge whether the first weights move farther than their bias by more than inputs of about 1 allow.

    That is so where steps are as long as gradients. A norm after the layer takes the bias's gradient away.
    """
    if len(run.first_layer) != 2 or not 0 < run.step <= FIRST_STEPS:
        return None
    weights, bias = run.first_layer
    if weights.cosine < -limits.pulled_back:
        return None  # decay moves weights, and no bias
    if bias.role.kind != "bias" or not bias.distance > 0 or not weights.distance / bias.distance > limits.unscaled:
        return None
    times = weights.distance / bias.distance
    message = f"{weights.name} moved {times:,.0f} times as far as {bias.name}, which inputs of about 1 can't make it."
    return judgement("alarm", weights.name, times, limits.unscaled, message, ("unscaled_inputs",))


def frozen_entries(run: RunPast, _limits: DiagnosisKeys) -> Judgement | None:
    """Judge whether no entry of a layer has ever moved; less of it may be for want of inputs, or of digits.

    Adapters count even where they were meant to be frozen: a model that has some is to train them.
    """
    if run.step < FIRST_MOVED_BY:
        return None
    still = _never_moved(run.weights) or _idle_adapters(run)
    if not still:
        return None
    name = still[0].name
    if len(still) == len(run.weights):
        message = "No weights have ever moved: no gradient reaches them, or the loop trains other arrays than these."
        return judgement("alarm", name, 1.0, 1.0, message, ("frozen_layer", "dead_units"))
    others = f", nor have {len(still) - 1} more" if len(still) > 1 else ""
    message = f"{name} has never moved though other layers learn{others}."
    return judgement("alarm", name, 1.0, 1.0, message, ("frozen_layer",))


def _never_moved(pasts: Iterable[MatrixPast]) -> list[MatrixPast]:
    return [past for past in pasts if past.frozen == 1]


def _idle_adapters(run: RunPast) -> list[MatrixPast]:
    """Return all adapters where none has ever moved."""
    adapters = [past for past in run.matrices.values() if ADAPTER in past.name]
    still = _never_moved(adapters)
    return still if len(still) == len(adapters) else []
