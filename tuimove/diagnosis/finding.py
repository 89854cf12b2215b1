"""Findings of the rules, and the kinds of cause with what to do about each."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Literal

Clock = Literal["epoch", "step"]
"""What the field `epoch` of a run's records counts: its own networks' epochs, or the steps of a training loop."""
Evidence = Literal["weights", "loss", "validation_loss"]
"""What a verdict rests on."""
Severity = Literal["notice", "warning", "alarm"]


SEVERITIES: tuple[Severity, ...] = ("notice", "warning", "alarm")
"""Severities from least to worst."""
Cause = Literal[
    "bad_batch", "converged", "dead_units", "flipped_gradient", "frozen_layer", "label_noise", "learning_rate_too_high",
    "learning_rate_too_low", "overtraining", "restart", "unfit_start", "unscaled_inputs", "weight_decay",
]  # fmt: skip

REMEDIES: dict[Cause, str] = {
    "bad_batch": "look for NaN or infinity in the batch and the loss of that step",
    "converged": "stop here if the accuracy will do",
    "dead_units": "start again with a smaller learning rate or leaky_relu, and look at the biases",
    "flipped_gradient": "check the sign of the update: it must go against the gradient",
    "frozen_layer": "check that the layer's gradient reaches it and that its update is applied",
    "label_noise": "check the labels",
    "learning_rate_too_high": "divide the learning rate by 4 to 10 and start again",
    "learning_rate_too_low": "multiply the learning rate by 10 until the distance bends",
    "overtraining": "keep the weights as they are now, or train on more and different samples",
    "restart": "look for what put new weights into the network midway",
    "unfit_start": "check what set the starting weights",
    "unscaled_inputs": "scale the inputs to 0..1",
    "weight_decay": "make the weight decay much weaker",
}
"""Advice by kind of cause."""
NOTHING_TO_DO = "Nothing to do: healthy runs come here too."


@dataclass(frozen=True)
class Verdict:
    """Result of a rule that holds for a matrix at one measurement."""

    severity: Severity
    value: float
    """The number that was judged."""
    limit: float
    """The limit that it was compared with."""
    message: str
    """One sentence on what the verdict means."""
    causes: tuple[Cause, ...]
    """Possible causes, the likeliest first; empty where nothing need be wrong."""
    evidence: tuple[Evidence, ...] = ("weights",)

    @property
    def advice(self) -> str:
        """One sentence on what to do."""
        if not self.causes:
            return NOTHING_TO_DO
        words = ", or ".join(REMEDIES[cause] for cause in self.causes)
        return f"{words[:1].upper()}{words[1:]}."


@dataclass(frozen=True)
class Finding:
    """A verdict that has held for long enough to be reported."""

    epoch: int
    rule: str
    matrix: str | None
    """The name of one of the run's matrices; None for what concerns the whole network."""
    verdict: Verdict


@dataclass(frozen=True)
class Judged:
    """What a rule says at one measurement."""

    key: Hashable
    """Tells the rule, and its matrix where it judges each on its own, from all others."""
    rule: str
    needed: int
    """Measurements in a row at which it must hold before it is reported."""
    matrix: str | None
    """The name of one of the run's matrices; None for what concerns the whole network."""
    verdict: Verdict | None
