"""Rules of AutoTrainer (Zhang et al., ICSE 2021), at their defaults.

Source: github.com/shiningrain/AUTOTRAINER, AutoTrainer/utils/monitor.py and `default_param` in utils.py. It judges
training and validation accuracy; here the training accuracy stands for both.
"""

from __future__ import annotations

import numpy as np

from tests.zoo.reading import Recording
from tests.zoo.rivals.quantities import Flags, RivalRule, is_not_finite, mean_gradient
from tuimove.settings.matrix_role import OWN_NAMES


def judgement_time(recording: Recording) -> Flags:
    """Return the measurements from which AutoTrainer judges accuracy: 30 % of the planned epochs."""
    return np.asarray(recording.column("epoch") >= 0.3 * recording.planned_epochs)


def did_not_converge(recording: Recording) -> Flags:
    """Return where the accuracy was never above Theta = 0.7, when it is judged."""
    return judgement_time(recording) & (np.fmax.accumulate(recording.column("train_accuracy")) < 0.7)


def converges_slowly(recording: Recording) -> Flags:
    """Slow convergence: no epoch gained delta = 0.01 of accuracy; here no measurement did."""
    gains = np.diff(recording.column("train_accuracy"), prepend=np.nan)
    return judgement_time(recording) & ~(np.fmax.accumulate(gains) >= 0.01)


def in_trouble(recording: Recording) -> Flags:
    """Return where AutoTrainer looks at gradients at all: the accuracy is low or its gain small."""
    return did_not_converge(recording) | converges_slowly(recording)


def gradients_exploded(recording: Recording) -> Flags:
    """Explode: NaN, a loss of 1e5, or first over last gradient norm above beta3 = 70 where in trouble."""
    ratio = mean_gradient(recording, "W1") / np.maximum(mean_gradient(recording, "W2"), 1e-30)
    high_loss = recording.column("loss") >= 1e5
    return is_not_finite(recording) | high_loss | (in_trouble(recording) & np.logical_or.accumulate(ratio > 70))


def gradients_vanished(recording: Recording) -> Flags:
    """Vanish: first over last gradient norm below beta1 = 1e-3 and the first below beta2 = 1e-4 where in trouble."""
    first, last = mean_gradient(recording, "W1"), mean_gradient(recording, "W2")
    vanished = (first < 1e-3 * last) & (first < 1e-4)
    return in_trouble(recording) & np.logical_or.accumulate(vanished)


def relus_died(recording: Recording) -> Flags:
    """Dying ReLU: gamma = 70 % of the gradients' entries are exactly zero where in trouble.

    Entries that never moved had none; a step of length zero had none at all.
    """
    zeros, total = np.zeros(len(recording.numbers)), np.zeros(len(recording.numbers))
    for name in OWN_NAMES:
        entries = recording.column(f"{name}.entries")
        is_still = recording.column(f"{name}.step") == 0
        zeros += entries * np.where(is_still, 1.0, recording.column(f"{name}.frozen"))
        total += entries
    died = (zeros >= 0.7 * total) & (recording.column("epoch") > 0)
    return in_trouble(recording) & np.logical_or.accumulate(died)


def accuracy_oscillates(recording: Recording) -> Flags:
    """Oscillating loss: accuracy's maxima exceed its minima by zeta = 0.03 in eta = 20 % of the epochs so far."""
    accuracies = recording.column("train_accuracy")
    inner, before, after = accuracies[1:-1], accuracies[:-2], accuracies[2:]
    maxima, minima = ((inner >= before) & (inner >= after)), ((inner <= before) & (inner <= after))
    flags = np.zeros(len(accuracies), np.bool_)
    for end in range(2, len(accuracies)):
        high, low = inner[: end - 1][maxima[: end - 1]], inner[: end - 1][minima[: end - 1]]
        both = min(len(high), len(low))
        flags[end] = np.count_nonzero(high[:both] - low[:both] >= 0.03) >= 0.2 * (end + 1)
    return flags & judgement_time(recording) & ~in_trouble(recording)


RULES = (
    RivalRule("AutoTrainer", "explode", gradients_exploded),
    RivalRule("AutoTrainer", "vanish", gradients_vanished),
    RivalRule("AutoTrainer", "dying ReLU", relus_died),
    RivalRule("AutoTrainer", "oscillating loss", accuracy_oscillates),
    RivalRule("AutoTrainer", "slow convergence", converges_slowly),
)
