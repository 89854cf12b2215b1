"""Rules of TheDeepChecker (Ben Braiek and Khomh, TOSEM 2022, arXiv 2204.00694), at their defaults.

Source: github.com/thedeepchecker/thedeepchecker, deep_checker/hooks.py. It checks every few steps: here at every
measurement, over windows of as many measurements.
"""

from __future__ import annotations

import numpy as np
from scipy import special

from tests.zoo.reading import Recording
from tests.zoo.rivals.quantities import Flags, RivalRule, any_of, held_for, is_not_finite, mean_gradient, update_ratio
from tuimove.recording.history import Column
from tuimove.settings.matrix_role import OWN_NAMES

WINDOW = 5
"""Checks that a trend must hold for."""


def unusual_variance(recording: Recording) -> Flags:
    """Poor initialisation: an F-test at 10 % of a layer's variance against the one its activation asks for.

    That is 2 / fan-in for ReLU, else Glorot's 2 / (fan-in + fan-out); the variance asked for has no uncertainty.
    """
    network, data = recording.run["preset"]["network"], recording.run["data"]
    sizes = {"W1": (data["inputs"], network["hidden"]), "W2": (network["hidden"], data["classes"])}
    flags = np.zeros(len(recording.numbers), np.bool_)
    for name, (fan_in, fan_out) in sizes.items():
        is_relu = name == "W1" and "relu" in network["activation"]
        wanted = 2 / fan_in if is_relu else 2 / (fan_in + fan_out)
        freedom = fan_in * fan_out - 1
        chi2 = freedom * recording.column(f"{name}.sd")[0] ** 2 / wanted
        upper = special.chdtrc(freedom, chi2)
        flags[0] |= 2 * min(upper, 1 - upper) < 0.1
    return flags


def ratios(values: Column) -> Column:
    """Return every value over the one before it, NaN for the first."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.concatenate([[np.nan], values[1:] / values[:-1]])


def keeps(flags: Flags) -> Flags:
    """Return where a change from check to check has held for a whole window."""
    return held_for(flags, WINDOW - 1)


def update_out_of_band(recording: Recording) -> Flags:
    """Unstable learning: log10 of the update over the weights, per step, outside -4 .. -1, or none at all."""

    def flags(name: str) -> Flags:
        ratio = update_ratio(recording, name)
        return (ratio < 1e-4) | (ratio > 1e-1)

    return any_of(recording, flags)


def weights_diverge(recording: Recording) -> Flags:
    """Diverging weights or biases: mean absolute above 1e8, or doubled at every check of a window."""

    def flags(name: str) -> Flags:
        rms = recording.column(f"{name}.rms")
        return (rms > 1e8) | keeps(ratios(rms) >= 2)

    return any_of(recording, flags, OWN_NAMES)


def dead_weights(recording: Recording) -> Flags:
    """Dead weights: 95 % of a matrix below 1e-5, here its rms entry."""
    return any_of(recording, lambda name: recording.column(f"{name}.rms") < 1e-5)


def gradient_rms(recording: Recording, matrix: str) -> Column:
    """Return the rms entry of the mean gradient since the check before."""
    return mean_gradient(recording, matrix) / np.sqrt(recording.column(f"{matrix}.entries"))


def gradients_vanish(recording: Recording) -> Flags:
    """Vanishing gradient: mean absolute below 1e-6, or halved at every check of a window."""

    def flags(name: str) -> Flags:
        gradient = gradient_rms(recording, name)
        return (gradient < 1e-6) | keeps(ratios(gradient) <= 0.5)

    return any_of(recording, flags)


def gradients_explode(recording: Recording) -> Flags:
    """Exploding gradient: mean absolute above 1e6, or doubled at every check of a window."""

    def flags(name: str) -> Flags:
        gradient = gradient_rms(recording, name)
        return (gradient > 1e6) | keeps(ratios(gradient) >= 2)

    return any_of(recording, flags)


def loss_diverges(recording: Recording) -> Flags:
    """Diverging loss: not a number, or doubled at every check of a window."""
    return is_not_finite(recording) | keeps(ratios(recording.column("loss")) >= 2)


def loss_stagnates(recording: Recording) -> Flags:
    """Stagnated loss: at no check of a window 5 % lower than at the one before."""
    return keeps(1 - ratios(recording.column("loss")) < 0.05)


def loss_fluctuates(recording: Recording) -> Flags:
    """Fluctuating loss: its change turned around in more than half of the last 50 checks."""
    turns = np.diff(np.sign(np.diff(recording.column("loss")))) != 0
    sums = np.cumsum(np.concatenate([[0], turns]))
    flags = np.zeros(len(recording.numbers), np.bool_)
    for place in range(50, len(flags)):
        flags[place] = sums[place - 1] - sums[place - 49] > 24
    return flags


RULES = (
    RivalRule("TheDeepChecker", "poor initialisation", unusual_variance),
    RivalRule("TheDeepChecker", "unstable learning", update_out_of_band),
    RivalRule("TheDeepChecker", "diverging weights", weights_diverge),
    RivalRule("TheDeepChecker", "dead weights", dead_weights),
    RivalRule("TheDeepChecker", "vanishing gradient", gradients_vanish),
    RivalRule("TheDeepChecker", "exploding gradient", gradients_explode),
    RivalRule("TheDeepChecker", "diverging loss", loss_diverges),
    RivalRule("TheDeepChecker", "stagnated loss", loss_stagnates),
    RivalRule("TheDeepChecker", "fluctuating loss", loss_fluctuates),
)
