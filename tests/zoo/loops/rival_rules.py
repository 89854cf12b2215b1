"""What packages' rules count for: which of their words are a warning, and which of our kinds of fault each rule names.

Read from the words of their findings, and generously: whatever a rule lists among likely causes or remedies is named,
and a warm-up is missed where a rate is too high. Rules that are not here name no kind of fault of ours.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from tests.zoo.loops.reading import LoopRecording
from tests.zoo.scoring import Rule

WITH_VALIDATION = " + validation loss"
"""What is added to a package's name where it was fed a validation loss too."""

WARNINGS: dict[str, frozenset[str]] = {
    "runmedic": frozenset({"warning", "critical"}),
    "ormas-monitor": frozenset({"warning", "critical"}),
    "nnscope": frozenset({"warn", "error"}),
}
"""Severities that are a warning or worse, in a package's own words; of the others all that they say."""

RATE = frozenset({"learning_rate_too_high", "no_warm_up"})
BATCH = frozenset({"bad_batch"})
LOW = frozenset({"learning_rate_too_low"})
IDLE = frozenset({"frozen_layer", "idle_adapters", "zero_rate_group"})
START = frozenset({"start_constant", "saturation", "dead_relu"})
LABELS = frozenset({"label_noise", "shuffled_labels"})
MEMORY = frozenset({"overtraining", "repeated_batch"})
INPUTS = frozenset({"unscaled_inputs"})
DECAY = frozenset({"weight_decay", "decay_on_everything"})

NAMED_KINDS: dict[Rule, frozenset[str]] = {
    ("gradsnitch", "GS001"): RATE | BATCH | INPUTS,
    ("gradsnitch", "GS002"): RATE | BATCH | INPUTS,
    ("gradsnitch", "GS003"): RATE | BATCH,
    ("gradsnitch", "GS004"): MEMORY,
    ("gradsnitch", "GS005"): LOW | START | IDLE | LABELS,
    ("gradsnitch", "GS006"): RATE,
    ("gradsnitch", "GS007"): START | LOW,
    ("gradsnitch", "GS008"): RATE | LOW | IDLE,
    ("gradsnitch", "GS009"): RATE,
    ("runmedic", "non_finite"): RATE | BATCH | INPUTS | START,
    ("runmedic", "divergence"): RATE | DECAY | {"shuffled_labels"},
    ("runmedic", "loss_spikes"): RATE | BATCH | LABELS,
    ("runmedic", "no_learning"): LOW | IDLE | START | LABELS,
    ("runmedic", "overfitting"): MEMORY,
    ("runmedic", "grad_spikes"): RATE | BATCH,
    ("sk-autod", "Classic overfitting"): MEMORY,
    ("sk-autod", "Missed early stopping"): MEMORY,
    ("sk-autod", "Dying ReLU proxy"): START | INPUTS,
    ("sk-autod", "LR too high"): RATE,
    ("sk-autod", "LR too low"): LOW,
    ("sk-autod", "Noisy training"): RATE,
    ("sk-autod", "Exploding gradient"): RATE,
    ("sk-autod", "Label noise floor"): LABELS,
    ("sk-autod", "Underfitting"): LOW,
    ("nnscope", "nan"): RATE,
    ("nnscope", "exploding"): RATE,
    ("nnscope", "lr_high"): RATE,
    ("nnscope", "vanishing"): START | {"frozen_layer"},
    ("nnscope", "dead"): START | RATE,
    ("nnscope", "inactive"): START,
    ("nnscope", "saturated"): START | INPUTS,
    ("nnscope", "overfit"): MEMORY,
    ("ormas-monitor", "alarm no_gradient"): IDLE,
    ("ormas-monitor", "no_gradients"): IDLE,
    ("ormas-monitor", "channels some"): frozenset({"dead_relu"}),
    ("ormas-monitor", "channels most"): frozenset({"dead_relu"}),
    ("ormas-monitor", "channels all"): frozenset({"dead_relu"}),
}
"""By package and rule; ormas-monitor's words are symptoms rather than causes."""


def package_of(rival: str) -> str:
    """Return the package's name without what it was fed."""
    return rival.removesuffix(WITH_VALIDATION)


def names_kind(alarms: Iterable[Rule], rival: str, kind: str) -> bool:
    """Return whether any of a rival's alarms names a kind of fault."""
    return any(
        kind in NAMED_KINDS.get((package_of(rival), rule), frozenset()) for name, rule in alarms if name == rival
    )


def alarms_of(recording: LoopRecording, fed: Mapping[str, Any]) -> tuple[frozenset[Rule], frozenset[str]]:
    """Return the rivals' rules that warned in a run, and the rivals that can judge it.

    `fed` has what packages say that were fed with it: rule and severity of each finding, or None.
    """
    said: dict[str, list[tuple[str, str]]] = {
        name: [*map(tuple, found)] for name, found in fed.items() if found is not None
    }
    for name, told in recording.rivals.items():
        if told["verdicts"] or "raised" not in told:
            said[name] = [_live_finding(verdict) for verdict in told["verdicts"]]
    alarms = {(name, rule) for name, found in said.items() for rule, severity in found if _is_warning(name, severity)}
    return frozenset(alarms), frozenset(said)


def _is_warning(rival: str, severity: str) -> bool:
    warnings = WARNINGS.get(package_of(rival))
    return warnings is None or severity in warnings


def _live_finding(verdict: Mapping[str, Any]) -> tuple[str, str]:
    """Return rule and severity of what an attached package said."""
    if "kind" in verdict:
        return verdict["kind"], verdict["level"]
    words = [verdict["event"], verdict.get("diagnosis") or verdict.get("level") or ""]
    return " ".join(filter(None, words)), verdict["severity"]
