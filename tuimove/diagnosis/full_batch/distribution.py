"""Rules about the distribution of a matrix's entries: whether they followed their law at the start, and still do."""

from __future__ import annotations

from tuimove.diagnosis.finding import Cause, Verdict
from tuimove.diagnosis.full_batch.distance import is_pulled_back
from tuimove.diagnosis.full_batch.past import MatrixPast, RunPast
from tuimove.settings.limits import DiagnosisKeys

CHANCE = 1e-6
"""p-value below which starting weights weren't drawn from their law."""
NORM_CHANGE = 0.01
"""Relative change of a norm up to which it counts as unchanged."""
WIDER, SHIFTED, TAILED = 1.1, 0.1, 0.3
"""Changes of spread, mean (both in starting spreads) and excess kurtosis from which they are named."""


def start_unfit(past: MatrixPast, _run: RunPast, limits: DiagnosisKeys) -> Verdict | None:
    """Judge whether the starting weights were drawn from the law in the run record."""
    if past.epoch != 0:
        return None
    if past.role.law and past.role.law.kind == "zero":
        if not past.norm > 0:
            return None
        message = f"{past.name} doesn't start at zero as its law says: its norm is {past.norm:.3g}."
        return Verdict("alarm", past.norm, 0.0, message, ("unfit_start",))
    if past.escaped > 0:
        message = f"{past.escaped:.1%} of the starting entries of {past.name} are beyond what their law allows."
        return Verdict("alarm", past.escaped, 0.0, message, ("unfit_start",))
    if not past.effect > limits.unfit_effect or not past.p_value < CHANCE:
        return None
    message = f"The starting weights of {past.name} don't follow their law."
    return Verdict("alarm", past.effect, limits.unfit_effect, message, ("unfit_start",))


def distribution_lost(past: MatrixPast, run: RunPast, limits: DiagnosisKeys) -> Verdict | None:
    """Judge by its effect size whether the distribution is lost, and name what has changed."""
    if run.has_unfit_start:
        return None
    is_first = past.role.place == "first"
    if is_first and is_pulled_back(past, limits) and past.spread < limits.shrunk:
        message = f"The entries of {past.name} are being shrunk: their spread is {past.spread:.0%} of what it was."
        return Verdict("warning", past.spread, limits.shrunk, message, ("weight_decay",))
    lost = past.effect - past.start_effect
    changed_from, lost_from = (
        (limits.changed_first, limits.lost_first) if is_first else (limits.changed_last, limits.lost_last)
    )
    if not lost >= changed_from:
        return None
    norm = " though its norm hardly shows it" if abs(past.norm_ratio - 1) < NORM_CHANGE else ""
    entries = f"{norm}: the entries are {what_changed(past)}."
    if lost < lost_from:
        message = f"{past.name} has left its starting distribution{entries}"
        return Verdict("notice", lost, changed_from, message, ("learning_rate_too_high",) if run.has_leapt else ())
    causes: tuple[Cause, ...] = ("learning_rate_too_high", "overtraining")
    return Verdict("warning", lost, lost_from, f"{past.name} has lost its starting distribution{entries}", causes)


def what_changed(past: MatrixPast) -> str:
    """Describe how the entries differ from their start."""
    spread = past.spread
    words = [
        "more bell-like" if past.escaped > 0 else "",
        f"{spread:.2f} times as wide" if spread >= WIDER or spread <= 1 / WIDER else "",
        "shifted" if abs(past.mean) >= SHIFTED * past.start_sd else "",
        "longer in the tails" if past.kurtosis >= TAILED else "",
    ]
    return ", ".join(word for word in words if word) or "distorted about the middle"
