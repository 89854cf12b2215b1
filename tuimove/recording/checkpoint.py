"""The checkpoint of a run: its contents, how often it is stored, and the interface of what stores it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

Weights = Mapping[str, npt.NDArray[np.float32]]
"""Copies of W1 (hidden, inputs), b1 (hidden,), W2 (classes, hidden) and b2 (classes,)."""

CHECKPOINT_SECONDS = 10.0
"""Default seconds between two checkpoints."""


@dataclass(frozen=True)
class Checkpoint:
    """All that a run needs to continue from between two epochs."""

    run: str
    """The run's id."""
    epoch: int
    """Updates made."""
    learning_rate: float
    """Learning rate of the next update, unless a user changes it."""
    seconds: float
    """Seconds since training began."""
    start_sum: int
    """CRC-32 of the starting weights; a resumed run draws them again from the seed and compares."""
    data_sum: int
    """CRC-32 of the training images and labels."""
    weights: Weights
    last_measured: Weights
    """The weights of the last measurement, from which the next one's `step` is measured."""
    recorded: int = 0
    """Bytes of the records written before the checkpoint; set, like `records_sum`, when the checkpoint is stored."""
    records_sum: int = 0
    """CRC-32 of the first `recorded` bytes of the records."""


class CheckpointKeeper(Protocol):
    """Stores a run's checkpoints and decides when one is due."""

    def wants_checkpoint(self, *, is_measured: bool) -> bool:
        """Return whether a checkpoint is due after this epoch, which `is_measured` or not; must be quick."""
        ...

    def keep_checkpoint(self, checkpoint: Checkpoint) -> None:
        """Store a checkpoint.

        Raises
        ------
        OutputError
            When it can't be stored; the run has to end.
        """
        ...
