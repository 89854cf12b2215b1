"""What the rules are given of a run: facts about its training, and the numbers of its measurements."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Noise = Literal["none", "batches"]
Numbers = Mapping[str, float]
"""A measurement by column of the history, such as `W1.distance`; missing values and NaN are equivalent."""

JUDGED_COLUMNS = (
    "distance", "norm", "step", "cosine", "sd", "mean", "kurtosis", "effect", "p_value", "escaped",
    "frozen", "entries", "live_entries", "non_finite",
)  # fmt: skip


@dataclass(frozen=True)
class RunFacts:
    """Facts about a run that the rules use; None where unknown."""

    init: str | None = None
    bias_gradient: str | None = None
    noise: Noise = "none"
    """What makes the steps of the training uneven: nothing in full-batch descent, mini-batches in a loop."""
    images: int | None = None
    """Training images of a full-batch run."""
    counts_steps: bool = True
    """Whether each measurement's number is that of the optimizer's steps; checkpoints may be numbered in any way."""

    @classmethod
    def of_record(cls, record: Mapping[str, Any]) -> RunFacts:
        """Return the facts in a run record, or unknown ones where it is invalid."""
        loop = record.get("loop")
        if isinstance(loop, dict) and loop.get("clock") == "step":
            return cls.of_loop(loop)
        return cls.of_own_run(record.get("preset"), record.get("data"))

    @classmethod
    def of_loop(cls, loop: Mapping[str, Any]) -> RunFacts:
        """Return the facts in the field `loop` of a run record."""
        return cls(noise="batches", counts_steps=loop.get("source") != "checkpoints")

    @classmethod
    def of_own_run(cls, preset: Any, data: Any = None) -> RunFacts:
        """Return the facts in a run record's fields `preset` and `data`, or unknown ones where they are invalid."""

        def word(section: str, name: str) -> str | None:
            keys = preset.get(section) if isinstance(preset, dict) else None
            value = keys.get(name) if isinstance(keys, dict) else None
            return value if isinstance(value, str) else None

        images = data.get("train") if isinstance(data, dict) else None
        is_count = isinstance(images, int) and not isinstance(images, bool) and images > 0
        return cls(word("network", "init"), word("training", "bias_gradient"), images=images if is_count else None)
