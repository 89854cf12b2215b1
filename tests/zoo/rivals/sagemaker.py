"""Rules of Amazon SageMaker Debugger, at their defaults.

Source: "List of Debugger built-in rules", Amazon SageMaker Developer Guide
(github.com/awsdocs/amazon-sagemaker-developer-guide, doc_source/debugger-built-in-rules.md). TensorVariance has no
default limits; Overfit and Overtraining need the validation loss.
"""

from __future__ import annotations

import numpy as np

from tests.zoo.reading import Recording
from tests.zoo.rivals.quantities import (
    WEIGHTS,
    Flags,
    RivalRule,
    any_of,
    epochs_between,
    gradient_vanished,
    held_for,
    is_not_finite,
    update_ratio,
)
from tuimove.settings.matrix_role import OWN_NAMES


def ratio_beyond_sagemaker(recording: Recording) -> Flags:
    """WeightUpdateRatio: above 10 or below 1e-8 between two saved steps."""

    def flags(name: str) -> Flags:
        ratio = update_ratio(recording, name) * epochs_between(recording)
        return (ratio > 10) | (ratio < 1e-8)

    return any_of(recording, flags)


def tensor_unchanged(recording: Recording) -> Flags:
    """UnchangedTensor: numpy.allclose (rtol 1e-5, atol 1e-8) over three steps, here for the rms entry."""

    def flags(name: str) -> Flags:
        entries, norm = recording.column(f"{name}.entries"), recording.column(f"{name}.norm")
        rms_step = recording.column(f"{name}.step") / np.sqrt(entries)
        still = rms_step <= 1e-8 + 1e-5 * norm / np.sqrt(entries)
        return held_for(still & (recording.column("epoch") > 0), 2)

    return any_of(recording, flags, OWN_NAMES)


def all_zero(recording: Recording) -> Flags:
    """AllZero: every entry of a weight matrix is zero."""
    return any_of(recording, lambda name: recording.column(f"{name}.norm") == 0)


def variances_apart(recording: Recording) -> Flags:
    """PoorWeightInitialization: the layers' variances differ more than tenfold in the first ten steps."""
    variances = np.array([recording.column(f"{name}.sd") ** 2 for name in WEIGHTS])
    ratio = variances.max(axis=0) / np.maximum(variances.min(axis=0), 1e-30)
    return np.asarray((ratio > 10) & (recording.column("epoch") <= 10))


def loss_not_falling(recording: Recording) -> Flags:
    """LossNotDecreasing: not below the loss of at least ten steps ago, checked every ten steps."""
    epochs, losses = recording.column("epoch"), recording.column("loss")
    flags, checked = np.zeros(len(epochs), np.bool_), 0
    for place in range(1, len(epochs)):
        if epochs[place] - epochs[checked] >= 10:
            flags[place] = not losses[place] < losses[checked]
            checked = place
    return flags


RULES = (
    RivalRule("SageMaker Debugger", "WeightUpdateRatio", ratio_beyond_sagemaker),
    RivalRule("SageMaker Debugger", "UnchangedTensor", tensor_unchanged),
    RivalRule("SageMaker Debugger", "ExplodingTensor", is_not_finite),
    RivalRule("SageMaker Debugger", "AllZero", all_zero),
    RivalRule("SageMaker Debugger", "PoorWeightInitialization", variances_apart),
    RivalRule("SageMaker Debugger", "LossNotDecreasing", loss_not_falling),
    RivalRule("SageMaker Debugger", "VanishingGradient", gradient_vanished),
)
