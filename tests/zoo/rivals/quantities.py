"""What several rivals' rules look at, out of our records, and the form of such a rule.

Records hold norms, moments and the length of the step since the last measurement. In plain gradient descent that step
is the learning rate times the sum of the gradients in between, so step / (rate * epochs) stands for a gradient's norm;
rms values stand for mean absolute ones, which are never larger. Rules that look at every step look at every
measurement. Rules on activations or single gradient entries aren't here (we don't record those), nor are those on the
validation set, which the zoo is judged by.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tests.zoo.reading import Recording
from tuimove.recording.history import Column
from tuimove.settings.matrix_role import OWN_NAMES

WEIGHTS = ("W1", "W2")

Flags = npt.NDArray[np.bool_]
"""Whether a rule would alarm at each measurement."""


@dataclass(frozen=True)
class RivalRule:
    """One rule of another tool."""

    tool: str
    name: str
    flags: Callable[[Recording], Flags]

    def first_epoch(self, recording: Recording) -> int | None:
        """Return the epoch of the first alarm, if there is any."""
        flagged = np.flatnonzero(self.flags(recording))
        return int(recording.column("epoch")[flagged[0]]) if len(flagged) else None


def epochs_between(recording: Recording) -> Column:
    """Return the epochs since the measurement before, NaN for the first."""
    return np.diff(recording.column("epoch"), prepend=np.nan)


def mean_gradient(recording: Recording, matrix: str) -> Column:
    """Return the length of the mean gradient since the measurement before."""
    return recording.column(f"{matrix}.step") / (recording.column("learning_rate") * epochs_between(recording))


def update_ratio(recording: Recording, matrix: str) -> Column:
    """Return the length of an epoch's mean update over that of the weights."""
    step = recording.column(f"{matrix}.step") / epochs_between(recording)
    return step / np.maximum(recording.column(f"{matrix}.norm"), 1e-9)


def any_of(recording: Recording, flags: Callable[[str], Flags], matrices: tuple[str, ...] = WEIGHTS) -> Flags:
    """Return where the rule holds for any of the matrices."""
    return np.asarray(np.logical_or.reduce([np.broadcast_to(flags(name), len(recording.numbers)) for name in matrices]))


def held_for(flags: Flags, count: int) -> Flags:
    """Return where the last `count` measurements are all flagged."""
    sums = np.cumsum(np.concatenate([np.zeros(count, np.int64), flags]))
    return np.asarray(sums[count:] - sums[:-count] == count)


def is_not_finite(recording: Recording) -> Flags:
    """Return where the loss or a weight isn't a number."""
    bad = any_of(recording, lambda name: recording.column(f"{name}.non_finite") > 0, OWN_NAMES)
    return np.asarray(bad | ~np.isfinite(recording.column("loss")))


def gradient_vanished(recording: Recording) -> Flags:
    """VanishingGradient, of SageMaker and DeepDiagnosis alike: the mean absolute gradient is below 1e-7."""

    def flags(name: str) -> Flags:
        return mean_gradient(recording, name) / np.sqrt(recording.column(f"{name}.entries")) < 1e-7

    return any_of(recording, flags)
