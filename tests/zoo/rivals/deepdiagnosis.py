"""Rules of DeepDiagnosis (Wardat et al., ICSE 2022, arXiv 2112.04036), at their defaults.

Source: github.com/DeepDiagnosis/ICSE2022, callback/callbacks.py, and the paper's table of symptoms. Its dead node,
saturated activation and out-of-range rules need activations.
"""

from __future__ import annotations

import numpy as np

from tests.zoo.reading import Recording
from tests.zoo.rivals.quantities import (
    Flags,
    RivalRule,
    any_of,
    epochs_between,
    gradient_vanished,
    held_for,
    is_not_finite,
    update_ratio,
)


def rate_out_of_band(recording: Recording) -> Flags:
    """Learning rate: update over weight norm beyond a hundredth or a hundred times 1e-3."""

    def flags(name: str) -> Flags:
        ratio = update_ratio(recording, name)
        return (ratio < 1e-5) | (ratio > 1e-1)

    return any_of(recording, flags)


def nothing_changes(recording: Recording) -> Flags:
    """Unchanged: weights or loss over 5 epochs, or accuracy over 20."""
    epochs = recording.column("epoch")
    still = any_of(recording, lambda name: recording.column(f"{name}.step") == 0)
    long_enough = epochs_between(recording) >= 5
    loss = np.diff(recording.column("loss"), prepend=np.nan) == 0
    unchanged = held_for((still | loss) & (epochs > 0), 1) & long_enough
    run = held_for((still | loss) & (epochs > 0), 2)
    return unchanged | run | accuracy_unchanged(recording, 20)


def accuracy_unchanged(recording: Recording, least_epochs: int) -> Flags:
    """Return where training accuracy has been exactly the same for so many epochs."""
    epochs, accuracies = recording.column("epoch"), recording.column("train_accuracy")
    flags, since = np.zeros(len(epochs), np.bool_), 0
    for place in range(1, len(epochs)):
        since = since if accuracies[place] == accuracies[place - 1] else place
        flags[place] = epochs[place] - epochs[since] >= least_epochs
    return flags


def poor_weights(recording: Recording) -> Flags:
    """Poor weight: the variance of a weight matrix is below 1e-5 or above 10."""

    def flags(name: str) -> Flags:
        variance = recording.column(f"{name}.sd") ** 2
        return (variance < 1e-5) | (variance > 10)

    return any_of(recording, flags)


def numerical_error(recording: Recording) -> Flags:
    """Numerical error: the loss is NaN, infinite or zero."""
    return np.asarray(is_not_finite(recording) | (recording.column("loss") == 0))


RULES = (
    RivalRule("DeepDiagnosis", "learning rate", rate_out_of_band),
    RivalRule("DeepDiagnosis", "unchanged", nothing_changes),
    RivalRule("DeepDiagnosis", "poor weight", poor_weights),
    RivalRule("DeepDiagnosis", "vanishing gradient", gradient_vanished),
    RivalRule("DeepDiagnosis", "numerical error", numerical_error),
)
