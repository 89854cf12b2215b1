"""What a training loop says beside its weights: its loss, and the numbers that it notes."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tuimove.errors import harmless
from tuimove.runs.loops.say import say

MEAN_LOSS = "mean_loss"
"""What the mean of the newest losses is noted as."""
MOST_LOSSES = 32
"""Losses in that mean, at most: those since the last look."""


@dataclass(frozen=True)
class LoopState:
    """What a training loop says beside its weights at one step; NaN for what it doesn't."""

    learning_rate: float = math.nan
    loss: float = math.nan
    noted: Mapping[str, float] = field(default_factory=dict)


class LoopNotes:
    """Keeps what a loop says until the next look."""

    def __init__(self) -> None:
        self._losses: deque[Any] = deque(maxlen=MOST_LOSSES)
        """The newest losses, numbers or tensors of one; no device is waited for before the look."""
        self._is_new = False
        self._noted: dict[str, float] = {}
        self._told: set[tuple[str, ...]] = set()
        """Kinds of values that were left out, each of which is said once."""

    def add_loss(self, value: Any) -> None:
        """Keep a loss."""
        if not self._is_new:
            self._losses.clear()
            self._is_new = True
        self._losses.append(value.detach() if hasattr(value, "detach") else value)

    def note(self, numbers: Mapping[str, Any]) -> None:
        """Keep numbers; what isn't one is left out, and that is said."""
        for name, value in numbers.items():
            try:
                self._noted[name] = noted_number(name, value)
            except (TypeError, ValueError) as error:
                self._tell((name, type(error).__name__, *kind_of_value(value)), f"not noted: {error}")

    def take(self, learning_rate: float) -> LoopState:
        """Return what was said since the last look; `learning_rate` is that of the optimizer."""
        noted, self._noted, self._is_new = self._noted, {}, False
        losses = [self._loss(value) for value in self._losses]
        means = mean_loss(losses) if len(losses) > 1 else {}
        newest = losses[-1] if losses else math.nan
        return LoopState(noted.pop("learning_rate", learning_rate), newest, means | noted)

    def _loss(self, value: Any) -> float:
        """Return a loss as a number; NaN where it is none, which is said."""
        try:
            return plain_number(value)
        except TypeError as error:
            self._tell(("", *kind_of_value(value)), f"loss left out, and rules on the loss are off without it: {error}")
            return math.nan

    def _tell(self, kind: tuple[str, ...], words: str) -> None:
        """Say once what was left out."""
        if kind not in self._told:
            self._told.add(kind)
            say(f"tuimove: {harmless(words)}")


def mean_loss(losses: Iterable[float]) -> dict[str, float]:
    """Return the mean of the finite losses by its name; nothing where there are none."""
    finite = [loss for loss in losses if math.isfinite(loss)]
    return {MEAN_LOSS: math.fsum(finite) / len(finite)} if finite else {}


def noted_number(name: str, value: Any) -> float:
    """Return a number to note; raises a TypeError or ValueError that names it where it can't be."""
    try:
        number = plain_number(value)
    except TypeError as error:
        raise TypeError(f"{name}: {error}") from None
    if name == "test_accuracy" and (number < 0 or number > 1):
        raise ValueError(f"{name}: a share from 0 to 1 is expected, not {number:g}")
    return number


def plain_number(value: Any) -> float:
    """Return a number, or the only one of an array or a tensor.

    Raises
    ------
    TypeError
        When it is none, or several; a text and a complex number are none.
    """
    try:
        plain = value.detach() if hasattr(value, "detach") else value
        plain = plain.item() if hasattr(plain, "item") else plain
        if not isinstance(plain, str | bytes | bytearray):
            return float(plain)
    except Exception:  # the value may be anything, and have any methods
        pass
    raise TypeError(f"a number is expected, not {in_words(value)}") from None


def in_words(value: Any) -> str:
    """Return a value as a message shows it: texts and the like as they are, others by their type and shape."""
    if value is None or isinstance(value, str | complex | bytes):
        return repr(value)[:40]
    shape = getattr(value, "shape", ())
    return f"{type(value).__name__}{f' of shape {tuple(shape)}' if shape else ''}"


def kind_of_value(value: Any) -> tuple[str, str]:
    """Return the name of a value's type, and its dimensions."""
    return type(value).__name__, str(getattr(value, "ndim", 0))
