"""The hint to stop: weights that set out again once the loss is learnt memorise what doesn't generalise."""

from __future__ import annotations

from tuimove.diagnosis.finding import Cause, Verdict
from tuimove.diagnosis.full_batch.past import MatrixPast, RunPast
from tuimove.settings.limits import DiagnosisKeys


def stop_here(past: MatrixPast, run: RunPast, limits: DiagnosisKeys) -> Verdict | None:
    """Judge whether both layers set out a second time after most of the loss was learnt.

    Learning what generalises takes the weights ever more slowly away from their start; fitting what doesn't takes
    going far (Li, Soltanolkotabi and Oymak 2019; Jesus et al. 2021), so the growth rises again. In a slow beginning it
    rises too: only a loss tells them apart, and without one this is silent. Weights that have leapt are lost, and a
    network with fewer weights than images can't memorise them.
    """
    last = run.other_end(past)
    if last is None or run.has_unfit_start or run.has_leapt or not run.loss_share < limits.stop_loss:
        return None
    if not run.can_memorise:
        return None
    sets_out = past.rise >= limits.stop_rise and past.growth >= limits.stop_growth
    if not sets_out or not last.growth >= limits.stop_growth_last:
        return None
    message = (
        f"The distance of {past.name} rises a second time, with the loss at {run.loss_share:.0%} of its start: "
        "the network begins to memorise single images."
    )
    causes: tuple[Cause, ...] = ("overtraining", "label_noise")
    return Verdict("warning", past.growth, limits.stop_growth, message, causes, ("weights", "loss"))
