"""The quantities that cards and chart can show, of our own networks and of other training loops."""

from __future__ import annotations

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
    unit: str
    rules: tuple[str, ...] = ()
    """Rules whose findings are about it."""

    @property
    def is_of_matrix(self) -> bool:
        """Whether every matrix has its own value."""
        return self.column not in RUN_COLUMNS

    def history_column(self, matrix: str) -> str:
        """Return the quantity's column for a matrix."""
        return f"{matrix}.{self.column}" if self.is_of_matrix else self.column

    def in_words(self, matrix: str) -> str:
        """Return the quantity's name, with the matrix."""
        return f"{matrix if self.is_of_matrix else ''} {self.column.replace('_', ' ')}".strip()


QUANTITIES = (
    Quantity("distance", "distance", "Distance from the start", "weight",
             ("distance_falling", "distance_jumping", "distance_plateau", "restarted", "start_forgotten")),
    Quantity("norm", "norm", "Norm", "weight",
             ("norm_jumping_in_range", "norm_jumping_out_of_range", "norm_growing", "start_unfit")),
    Quantity("test_accuracy", "test acc", "Test accuracy", "share of images"),
    Quantity("train_accuracy", "train acc", "Training accuracy", "share of images"),
    Quantity("loss", "loss", "Training loss", "nats",
             ("not_finite", "loss_rising", "loss_not_falling", "loss_vanished", "stop_here")),
    Quantity("p_value", "p-value", "p-value of the starting law", "probability", ("distribution_lost",)),
    Quantity("effect", "effect", "Effect size of the lost distribution", "D or w", ("distribution_lost",)),
    Quantity("step", "step", "Step since the last measurement", "weight"),
    Quantity("cosine", "cosine", "Cosine of movement and start", "cosine"),
    Quantity("sd", "sd", "Standard deviation", "weight", ("distribution_lost",)),
    Quantity("kurtosis", "kurtosis", "Excess kurtosis", "kurtosis", ("distribution_lost",)),
    Quantity("frozen", "frozen", "Entries that never moved", "share of entries", ("frozen_entries",)),
    Quantity("learning_rate", "rate", "Learning rate", "1"),
)  # fmt: skip
"""All quantities, in the order of the chart's keys; the first ones have cards."""

CARDS = 6
"""Number of cards."""
FIRST_OF_LOOPS = ("distance", "norm", "test_accuracy", "loss", "step", "cosine", "frozen", "effect")
"""Columns of the quantities of a training loop that come first."""
CHANGED_OF_LOOPS = {"test_accuracy": ("Test accuracy", "share"), "loss": ("Loss", "")}
"""Title and unit of what means something else in a training loop than in our own."""


def _in_loops(quantity: Quantity) -> Quantity:
    title, unit = CHANGED_OF_LOOPS.get(quantity.column, (quantity.title, quantity.unit))
    return replace(quantity, title=title, unit=unit)


def _rank(quantity: Quantity) -> int:
    return FIRST_OF_LOOPS.index(quantity.column) if quantity.column in FIRST_OF_LOOPS else len(FIRST_OF_LOOPS)


LOOP_QUANTITIES = tuple(sorted(map(_in_loops, QUANTITIES), key=_rank))
"""All quantities as a training loop has them; the first ones have cards."""
