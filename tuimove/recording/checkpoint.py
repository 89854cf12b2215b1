"""All that a run needs to go on as if it had never ended, how often that is stored, and by whom."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

Weights = Mapping[str, npt.NDArray[np.float32]]
"""Copies of W1 (hidden, inputs), b1 (hidden,), W2 (classes, hidden) and b2 (classes,)."""

CHECKPOINT_SECONDS = 10.0
"""Between two checkpoints, unless asked for otherwise."""


@dataclass(frozen=True)
class Checkpoint:
    """A run between two epochs."""

    run: str
    """The run's id."""
    epoch: int
    """Updates made."""
    learning_rate: float
    """Learning rate of the next update, unless a user changes it."""
    seconds: float
    """Since training began."""
    start_sum: int
    """CRC-32 of the starting weights, which are drawn again."""
    data_sum: int
    """CRC-32 of the training images and labels."""
    weights: Weights
    last_look: Weights
    """The weights that were last measured: the next measurement's `step` is taken from there."""
    recorded: int = 0
    """Bytes of the records up to here; this and their sum are filled in where they are stored."""
    records_sum: int = 0
    """CRC-32 of these bytes."""


class CheckpointKeeper(Protocol):
    """Stores a run's checkpoints, and says when it is time for one."""

    def wants_checkpoint(self, *, is_measured: bool) -> bool:
        """Return whether it is time for a checkpoint, after an epoch that was measured or wasn't; must be quick."""
        ...

    def keep_checkpoint(self, checkpoint: Checkpoint) -> None:
        """Store a checkpoint.

        Raises
        ------
        OutputError
            When it can't be stored; the run has to end.
        """
        ...
