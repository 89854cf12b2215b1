"""The second zoo's runs as our rules and the packages judge them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.zoo.diagnosing import Evidence, found_in
from tests.zoo.loops.reading import LoopRecording
from tests.zoo.scoring import Found
from tuimove.diagnosis.run_facts import RunFacts

RIGHT_CAUSES: dict[str, frozenset[str]] = {
    "learning_rate_too_high": frozenset({"learning_rate_too_high"}),
    "learning_rate_too_low": frozenset({"learning_rate_too_low"}),
    "label_noise": frozenset({"label_noise"}),
    "shuffled_labels": frozenset({"label_noise"}),
    "overtraining": frozenset({"overtraining"}),
    "repeated_batch": frozenset({"overtraining", "repeated_data"}),
    "weight_decay": frozenset({"weight_decay"}),
    "decay_on_everything": frozenset({"weight_decay"}),
    "frozen_layer": frozenset({"frozen_layer"}),
    "idle_adapters": frozenset({"frozen_layer"}),
    "zero_rate_group": frozenset({"frozen_layer"}),
    "flipped_gradient": frozenset({"flipped_gradient"}),
    "restart": frozenset({"restart"}),
    "bad_batch": frozenset({"bad_batch"}),
    "start_constant": frozenset({"unfit_start"}),
    "dead_relu": frozenset({"dead_units", "unfit_start"}),
    "saturation": frozenset({"unfit_start", "dead_units"}),
    "unscaled_inputs": frozenset({"unscaled_inputs"}),
    "no_warm_up": frozenset({"learning_rate_too_high"}),
}
"""Which causes are the right kind for each kind of fault."""

TRAITS = ("optimizer", "net", "data", "start")
"""What the runs are told apart by in tables."""


def diagnose_loop(recording: LoopRecording, evidence: Evidence) -> tuple[Found, ...]:
    """Return every finding on a loop, whose looks are counted in steps."""
    return found_in(recording, RunFacts(noise="batches"), recording.roles, evidence)


def traits_of(specimen: Mapping[str, Any]) -> dict[str, str]:
    """Return what a specimen is told apart by."""
    return {name: str(specimen["settings"][name]) for name in TRAITS}
