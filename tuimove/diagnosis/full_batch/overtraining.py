"""The hint to stop: weights whose distance rises a second time memorise what doesn't generalise."""

from __future__ import annotations

from tuimove.diagnosis.finding import Verdict
from tuimove.diagnosis.full_batch.past import MatrixPast, RunPast
from tuimove.settings.limits import DiagnosisKeys


def stop_here(past: MatrixPast, run: RunPast, limits: DiagnosisKeys) -> Verdict | None:
    """Judge whether the distance rises a second time.

    Learning what generalises takes the weights ever more slowly away from their start; fitting what doesn't takes
    going far (Li, Soltanolkotabi and Oymak 2019; Jesus et al. 2021), so the growth rises again. Weights that have leapt
    are lost: they memorise nothing. A notice and no warning: of 67 healthy networks of 5 to 12
    neurons, none of them used to set the limit, 35 got it.
    """
    if (
        run.has_unfit_start
        or run.has_leapt
        or not past.rise >= limits.second_rise
        or not past.rise_growth >= limits.second_growth
    ):
        return None
    last = run.other_end(past)
    if last is None:
        return None
    goes_along = last.rise_growth >= limits.second_growth_last
    if not goes_along and not past.rise_growth >= limits.second_growth_alone:
        return None
    message = f"The distance of {past.name} rises a second time: the network begins to memorise single images."
    return Verdict("notice", past.rise_growth, limits.second_growth, message, ("overtraining", "label_noise"))
