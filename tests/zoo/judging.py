"""Whether a specimen is what it was meant to be, by signals that no rule sees.

A run is compared with the best of its configuration (the same network, start and images at sensible learning rates),
and with itself: test accuracy that was there and went again. A fault that does no harm isn't counted as one, and a run
meant to be healthy that does badly isn't counted as healthy.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from tests.zoo.reading import TEST_LOSS, Recording
from tests.zoo.specimens import HEALTHY

State = Literal["healthy", "faulty", "unclear"]

HEALTHY_ERROR = 1.3
"""Most times the least test error of its configuration that a healthy run may end at."""

FAULTY_ERROR, FAULTY_POINTS = 1.5, 0.02
"""From so many times the least test error on, and so much accuracy below the best, a run is faulty."""

HEALTHY_DECLINE, FAULTY_DECLINE = 0.01, 0.02
"""How far a run's test accuracy may end below its own best."""

HEALTHY_DROP, FAULTY_DROP = 0.05, 0.10
"""How far it may fall for a while, after the beginning."""

BEGINNING = 0.1
"""Of the measurements, in which accuracy may still jump about."""


@dataclass(frozen=True)
class Verdict:
    """What a specimen turned out to be."""

    state: State
    reason: str
    best_epoch: int
    """Of the highest test accuracy."""
    best_accuracy: float
    """The highest test accuracy."""
    final_accuracy: float
    """The test accuracy at the end."""
    least_error: float | None
    """The test error of the best healthy run of its configuration, if there is one."""
    best_loss_epoch: int | None = field(default=None, kw_only=True)
    """Of the least loss on the test images; None where none is recorded."""

    def is_what_it_was_meant(self, kind: str) -> bool:
        """Whether the specimen counts."""
        return self.state == ("healthy" if kind == HEALTHY else "faulty")


def least_errors(recordings: Iterable[Recording]) -> dict[str, float]:
    """Return the least final test error of each configuration's runs that are meant to be healthy."""
    errors: dict[str, float] = {}
    for recording in recordings:
        if recording.kind == HEALTHY and recording.status == "finished":
            configuration = recording.specimen["configuration"]
            error = 1 - float(recording.column("test_accuracy")[-1])
            errors[configuration] = min(error, errors.get(configuration, 1.0))
    return errors


def judge(recording: Recording, errors: Mapping[str, float]) -> Verdict:
    """Return what a specimen turned out to be."""
    accuracies, losses = recording.column("test_accuracy"), recording.column("loss")
    epochs, best = recording.column("epoch"), int(accuracies.argmax())
    least = errors.get(recording.specimen["configuration"])
    state, reason = _judge(recording, least)
    return Verdict(
        state=state,
        reason=reason if np.isfinite(losses).all() else "not finite",
        best_epoch=int(epochs[best]),
        best_loss_epoch=best_loss_epoch(recording),
        best_accuracy=float(accuracies[best]),
        final_accuracy=float(accuracies[-1]),
        least_error=least,
    )


def best_loss_epoch(recording: Recording) -> int | None:
    """Return the epoch of the least loss on the test images, which noise in accuracy doesn't move."""
    losses = recording.column(TEST_LOSS)
    return None if np.isnan(losses).all() else int(recording.column("epoch")[np.nanargmin(losses)])


def _judge(recording: Recording, least_error: float | None) -> tuple[State, str]:
    accuracies, losses = recording.column("test_accuracy"), recording.column("loss")
    if recording.status == "failed":
        return "faulty", "not finite"
    final, best = float(accuracies[-1]), float(accuracies.max())
    drop = deepest_drop(accuracies)
    if least_error is not None and 1 - final >= max(FAULTY_ERROR * least_error, least_error + FAULTY_POINTS):
        return "faulty", "test error far above the best of its configuration"
    if best - final >= FAULTY_DECLINE:
        return "faulty", "test accuracy ends below its own best"
    if drop >= FAULTY_DROP:
        return "faulty", "test accuracy was lost for a while"
    if least_error is None or 1 - final > HEALTHY_ERROR * least_error:
        return "unclear", "test error above the best of its configuration"
    if best - final > HEALTHY_DECLINE or drop > HEALTHY_DROP:
        return "unclear", "test accuracy declined a little"
    if not losses[-1] < losses[0]:
        return "unclear", "the loss didn't fall"
    return "healthy", "test accuracy close to the best of its configuration"


def deepest_drop(accuracies: np.typing.NDArray[np.float64]) -> float:
    """Return how far the accuracy ever was below its best so far, once the beginning is over."""
    later = accuracies[round(BEGINNING * len(accuracies)) :]
    return float((np.maximum.accumulate(later) - later).max())


def judge_all(recordings: Iterable[Recording]) -> dict[str, Verdict]:
    """Return the verdict on each specimen of a part, by name."""
    recordings = list(recordings)
    errors = least_errors(recordings)
    return {recording.name: judge(recording, errors) for recording in recordings}
