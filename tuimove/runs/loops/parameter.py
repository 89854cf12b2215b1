"""One array of a model: its name, shape and kind, and how its values are read."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from tuimove.runs.loops.sample import Places
from tuimove.settings.matrix_role import Kind

Entries = npt.NDArray[np.float32]
EMBEDDINGS = r"embed|(cls|dist|mask)_token$"
"""What embeddings and learnt tokens are called."""
BIASES = r"b_?\d*|beta|intercepts?_?\d*"
"""What else a bias is called."""
Read = Callable[[Places | None], Entries]
"""Returns a copy of the values at some flat places, or of all; (places,)."""


@dataclass(frozen=True)
class Parameter:
    """One array of a model."""

    name: str
    shape: tuple[int, ...]
    kind: Kind
    fans: tuple[int, int]
    """(inputs, outputs) of the layer that it belongs to, as starting laws count them."""
    is_trained: bool
    """False where the user has frozen it."""
    read: Read
    refresh: Callable[[], None] | None = None
    """Called once before the values of a look are read, where the model has to be asked for them."""
    has_outputs_first: bool = False
    """Whether the first dimension of weights is the layer's outputs, as in PyTorch, and not the last."""
    dtype: str = "float32"
    """Type of its numbers, as its framework calls it."""
    is_sharded: bool = False
    """Whether this process holds a part of it, which stands for it."""

    @property
    def matrix_shape(self) -> tuple[int, ...]:
        """(outputs, inputs) of weights, those of a convolution times its kernel; the shape itself of anything else."""
        if self.kind != "weights":
            return self.shape
        outputs = self.shape[0 if self.has_outputs_first else -1]
        return (outputs, self.entries // outputs)

    def as_matrix(self, values: Entries) -> Entries:
        """Return all values of weights in two dimensions, the outputs along one of them."""
        outputs = self.matrix_shape[0]
        return values.reshape((outputs, -1) if self.has_outputs_first else (-1, outputs))

    @property
    def is_measured(self) -> bool:
        """Whether it has entries, of floating point."""
        return "float" in self.dtype and self.entries > 0

    @property
    def entries(self) -> int:
        """Number of its entries."""
        return int(np.prod(self.shape, dtype=np.int64))


def entries_at(values: npt.NDArray[Any], places: Places | None, shape: tuple[int, ...]) -> Entries:
    """Return a float32 copy of an array's entries at some flat places, or of all of them.

    Raises
    ------
    ValueError
        When the array no longer has the shape that it had at the start.
    """
    require_shape(values.shape, shape)
    flat = values.reshape(-1)
    return np.array(flat if places is None else flat[places], dtype=np.float32)


def require_shape(found: tuple[int, ...], shape: tuple[int, ...]) -> None:
    """Raise a ValueError where a shape isn't the one at the start."""
    if tuple(found) != shape:
        raise ValueError(f"its shape is {tuple(found)}, and was {shape} at the start")


def kind_of(name: str, shape: tuple[int, ...]) -> Kind:
    """Return what an array is by its shape and its name, where no layer says so."""
    if sum(size > 1 for size in shape) >= 2 or len(shape) >= 2:
        return "other" if is_called_embedding(name) else "weights"
    return "bias" if "bias" in name.lower() or re.fullmatch(BIASES, name.rpartition("/")[2]) else "other"


def is_called_embedding(name: str) -> bool:
    """Return whether a name is that of vectors that are looked up or added to the inputs, not multiplied by them."""
    return re.search(EMBEDDINGS, re.split("[./]", name)[-1].lower()) is not None


def fans_of(shape: tuple[int, ...], *, has_outputs_first: bool = False) -> tuple[int, int]:
    """Return (inputs, outputs) of weights; (outputs, inputs, ...) in PyTorch, (..., inputs, outputs) elsewhere."""
    if len(shape) < 2:
        return (0, 0)
    *field, inputs, outputs = (*shape[2:], shape[1], shape[0]) if has_outputs_first else shape
    receptive = int(np.prod(field, dtype=np.int64))
    return inputs * receptive, outputs * receptive


def repeated_name(names: Iterable[str]) -> str | None:
    """Return the first name that occurs twice, None where none does."""
    return next((name for name, count in Counter(names).items() if count > 1), None)
