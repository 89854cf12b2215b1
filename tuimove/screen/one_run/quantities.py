"""The quantities that cards and chart can show, of our own networks and of other training loops."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from tuimove.recording.history import RUN_COLUMNS


@dataclass(frozen=True)
class Quantity:
    """A measured quantity that a card or the chart can show."""

    column: str
    """Column of `History`, without the matrix."""
    label: str
    """Short name, for a narrow card."""
    title: str
    """What it is in plain words, as after a colon."""
    unit: str
    rules: tuple[str, ...] = ()
    """Rules whose findings are about it."""
    is_log: bool = False
    """Whether it is charted on a logarithmic axis, since what matters of it is small."""

    @property
    def is_of_matrix(self) -> bool:
        """Whether every matrix has its own value."""
        return self.column not in RUN_COLUMNS

    def history_column(self, matrix: str) -> str:
        """Return the quantity's column for a matrix."""
        return f"{matrix}.{self.column}" if self.is_of_matrix else self.column

    def titled(self, words: str) -> str:
        """Return the title after the name of a matrix or several, where each has its own value."""
        if self.is_of_matrix and words:
            return f"{words}: {self.title}"
        return self.title[:1].upper() + self.title[1:] if self.title[1:2] != "-" else self.title

    def in_words(self, matrix: str) -> str:
        """Return the quantity's name, with the matrix."""
        return f"{matrix if self.is_of_matrix else ''} {self.column.replace('_', ' ')}".strip()


QUANTITIES = (
    Quantity("distance", "distance", "distance from its start", "weight",
             ("distance_falling", "distance_jumping", "distance_plateau", "restarted", "start_forgotten")),
    Quantity("norm", "norm", "norm, its own length", "weight",
             ("norm_jumping_in_range", "norm_jumping_out_of_range", "norm_growing", "start_unfit")),
    Quantity("test_accuracy", "test acc", "test accuracy", "share of images"),
    Quantity("train_accuracy", "train acc", "training accuracy", "share of images"),
    Quantity("loss", "loss", "training loss", "nats",
             ("not_finite", "loss_rising", "loss_not_falling", "loss_vanished", "stop_here"), is_log=True),
    Quantity("p_value", "p-value", "p-value, does it still follow its starting law?", "probability",
             ("distribution_lost",), is_log=True),
    Quantity("effect", "effect", "effect size, how far it is from its starting law", "0 not at all",
             ("distribution_lost",)),
    Quantity("step", "step", "step since the last measurement", "weight"),
    Quantity("cosine", "cosine", "cosine of its movement and its start", "cosine"),
    Quantity("sd", "sd", "standard deviation of its entries", "weight", ("distribution_lost",)),
    Quantity("kurtosis", "kurtosis", "excess kurtosis of its entries", "kurtosis", ("distribution_lost",)),
    Quantity("frozen", "frozen", "entries that never moved", "share of entries", ("frozen_entries",)),
    Quantity("learning_rate", "rate", "learning rate", "1"),
)  # fmt: skip
"""All quantities, in the order of the chart's keys; the first ones have cards."""

CARDS = 6
"""Number of cards."""
FIRST_OF_LOOPS = ("distance", "norm", "test_accuracy", "loss", "step", "cosine", "frozen", "effect")
"""Columns of the quantities of a training loop that come first."""
CHANGED_OF_LOOPS = {"test_accuracy": ("test accuracy", "share"), "loss": ("loss", "")}
"""Title and unit of what means something else in a training loop than in our own."""


def _in_loops(quantity: Quantity) -> Quantity:
    title, unit = CHANGED_OF_LOOPS.get(quantity.column, (quantity.title, quantity.unit))
    return replace(quantity, title=title, unit=unit)


def _rank(quantity: Quantity) -> int:
    return FIRST_OF_LOOPS.index(quantity.column) if quantity.column in FIRST_OF_LOOPS else len(FIRST_OF_LOOPS)


LOOP_QUANTITIES = tuple(sorted(map(_in_loops, QUANTITIES), key=_rank))
"""All quantities as a training loop has them; the first ones have cards."""


def next_quantity(
    known: Sequence[Quantity], quantity: Quantity, direction: int, but: Quantity | None = None
) -> Quantity:
    """Return the quantity after another or before it, though not `but`; at the end, go on at the other end."""
    place = known.index(quantity) if quantity in known else -1 if direction > 0 else 0
    after = [known[(place + direction * step) % len(known)] for step in range(1, len(known) + 1)]
    return next((one for one in after if one != but), quantity)
