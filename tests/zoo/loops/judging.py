"""Whether a specimen of the second zoo is what it was meant to be, by held-out data that no rule sees.

Classifiers are judged by accuracy with the limits of the first zoo, texts by loss. What is meant to be healthy and does
badly, or to be faulty and does no harm, or lies between, is unclear and counts nowhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tests.zoo.judging import (
    BEGINNING,
    FAULTY_DECLINE,
    FAULTY_DROP,
    FAULTY_ERROR,
    FAULTY_POINTS,
    HEALTHY_DECLINE,
    HEALTHY_DROP,
    HEALTHY_ERROR,
    State,
    Verdict,
    deepest_drop,
)
from tests.zoo.loops.reading import LoopRecording
from tests.zoo.specimens import HEALTHY

HEALTHY_POINTS = 0.01
"""Of accuracy below the best of its configuration that a healthy run may end in any case: sets are small here."""
HEALTHY_PROGRESS, FAULTY_PROGRESS = 0.08, 0.2
"""How much of what the best run of its configuration gains in held-out loss a text may, and must, lack at its end."""
HEALTHY_LOSS, FAULTY_LOSS = 0.03, 0.05
"""Those limits at least, in nats: what is fine-tuned has little to gain."""
HEALTHY_RISE, FAULTY_RISE = 1.02, 1.05
"""Times a text's own least held-out loss that it ends at."""
HEALTHY_LOST, FAULTY_LOST = 1.10, 1.25
"""Times its least loss so far that it rises to for a while, after the beginning."""


@dataclass(frozen=True)
class LoopVerdict(Verdict):
    """What a specimen turned out to be; its epochs are steps, and a text's `least_error` is a loss."""

    best_loss_step: int
    """Steps to the least held-out loss: where to stop, whether accuracy shows it or not."""
    loss_rise: float
    """The held-out loss at the end over the least one."""


@dataclass(frozen=True)
class _Limits:
    """The course of one quantity, the smaller the better, against what it is compared with."""

    is_far: bool
    is_worse: bool
    """By its end: far from the best of its configuration, and no longer close to it."""
    ends_above: bool
    ends_a_little_above: bool
    """Its own best."""
    was_lost: bool
    was_lost_a_little: bool
    """For a while."""


@dataclass(frozen=True)
class Best:
    """The best run of a configuration that is meant to be healthy: its error on what is held out, or loss of a text."""

    final: float
    start: float


def best_by_configuration(recordings: Iterable[LoopRecording]) -> dict[str, Best]:
    """Return the best run of each configuration."""
    best: dict[str, Best] = {}
    for recording in recordings:
        errors, configuration = _errors(recording), recording.specimen["configuration"]
        found = best.get(configuration)
        if recording.kind == HEALTHY and np.isfinite(errors).all() and (found is None or errors[-1] < found.final):
            best[configuration] = Best(float(errors[-1]), float(errors[0]))
    return best


def judge_loop(recording: LoopRecording, bests: Mapping[str, Best]) -> LoopVerdict:
    """Return what a specimen turned out to be."""
    held_out, compared = recording.held_out, bests.get(recording.specimen["configuration"])
    steps, accuracies, losses = held_out["step"], held_out["accuracy"], held_out["loss"]
    known = np.where(np.isfinite(losses), losses, np.inf)
    best, best_loss = int(accuracies.argmax()), int(known.argmin())
    state, reason = _judged(recording, compared)
    return LoopVerdict(
        state,
        reason,
        int(steps[best_loss if recording.specimen["is_text"] else best]),
        float(accuracies[best]),
        float(accuracies[-1]),
        compared.final if compared else None,
        int(steps[best_loss]),
        float(known[-1] / known[best_loss]),
    )


def judge_loops(recordings: Iterable[LoopRecording]) -> dict[str, LoopVerdict]:
    """Return the verdict on each specimen of a part, by name."""
    recordings = list(recordings)
    bests = best_by_configuration(recordings)
    return {recording.name: judge_loop(recording, bests) for recording in recordings}


def _errors(recording: LoopRecording) -> npt.NDArray[np.float64]:
    """Return the errors on what is held out, or losses of a text; not finite where the loss isn't."""
    losses = recording.held_out["loss"].astype(np.float64)
    if recording.specimen["is_text"]:
        return losses
    return np.where(np.isfinite(losses), 1 - recording.held_out["accuracy"].astype(np.float64), np.nan)


def _judged(recording: LoopRecording, best: Best | None) -> tuple[State, str]:
    if not all(np.isfinite(recording.held_out["loss"])) or not np.isfinite(recording.steps["loss"]).all():
        return "faulty", "not finite"
    if best is None:
        return "unclear", "no healthy run to compare it with"
    found = (_text_limits if recording.specimen["is_text"] else _class_limits)(_errors(recording), best)
    if found.is_far:
        return "faulty", "far from the best of its configuration"
    if found.ends_above:
        return "faulty", "ends worse than its own best"
    if found.was_lost:
        return "faulty", "was lost for a while"
    if found.is_worse:
        return "unclear", "not close to the best of its configuration"
    if found.ends_a_little_above or found.was_lost_a_little:
        return "unclear", "declined a little"
    return "healthy", "close to the best of its configuration"


def _class_limits(errors: npt.NDArray[np.float64], best: Best) -> _Limits:
    final, decline, drop = errors[-1], errors[-1] - errors.min(), deepest_drop(1 - errors)
    return _Limits(
        final >= max(FAULTY_ERROR * best.final, best.final + FAULTY_POINTS),
        final > max(HEALTHY_ERROR * best.final, best.final + HEALTHY_POINTS),
        decline >= FAULTY_DECLINE,
        decline > HEALTHY_DECLINE,
        drop >= FAULTY_DROP,
        drop > HEALTHY_DROP,
    )


def _text_limits(losses: npt.NDArray[np.float64], best: Best) -> _Limits:
    gain, lacking = best.start - best.final, losses[-1] - best.final
    rise, lost = losses[-1] / losses.min(), highest_rise(losses)
    return _Limits(
        lacking >= max(FAULTY_LOSS, FAULTY_PROGRESS * gain),
        lacking > max(HEALTHY_LOSS, HEALTHY_PROGRESS * gain),
        rise >= FAULTY_RISE,
        rise > HEALTHY_RISE,
        lost >= FAULTY_LOST,
        lost > HEALTHY_LOST,
    )


def highest_rise(losses: npt.NDArray[np.float64]) -> float:
    """Return the most times its least so far that a loss ever was, once the beginning is over."""
    later = losses[round(BEGINNING * len(losses)) :]
    return float((later / np.minimum.accumulate(later)).max())
