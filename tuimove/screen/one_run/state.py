"""The state of one run on the screen, built from its records, live or recorded."""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from tuimove.diagnosis.finding import Severity
from tuimove.recording.history import RUN_COLUMNS, History, measured_numbers
from tuimove.recording.reading.outline import planned_epochs
from tuimove.recording.record import EndRecord, FindingRecord, MeasurementRecord, Record, RunRecord
from tuimove.screen.drawing.pace import Pace
from tuimove.screen.drawing.symbols import worst_severity
from tuimove.settings.matrix_role import OWN_ROLES, Roles, are_own, main_name, names_of, own_roles
from tuimove.settings.preset import Preset
from tuimove.settings.starting_law import StartingLaw


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
             ("distance_falling", "distance_jumping", "distance_plateau")),
    Quantity("norm", "norm", "Norm", "weight", ("norm_jumping_in_range", "norm_jumping_out_of_range", "norm_growing")),
    Quantity("test_accuracy", "test acc", "Test accuracy", "share of images"),
    Quantity("train_accuracy", "train acc", "Training accuracy", "share of images"),
    Quantity("loss", "loss", "Training loss", "nats", ("not_finite",)),
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


class RunState:
    """A run according to its records so far."""

    def __init__(self, preset: Preset, clock: Callable[[], float] = time.monotonic) -> None:
        self._pace = Pace(clock=clock)
        self.preset = preset
        self.phase = "loading"
        """What the run is doing, such as `loading`."""
        self._begin(None)

    def _begin(self, run: RunRecord | None) -> None:
        """Reset everything but the run record."""
        self._pace.reset()
        self.run = run
        self.first: MeasurementRecord | None = None
        self.latest: MeasurementRecord | None = None
        self.history = History(matrices=names_of(self.roles))
        self.findings: list[FindingRecord] = []
        self.end: EndRecord | None = None
        self.epoch = 0
        """Updates made."""
        self.seconds: float | None = None
        """Seconds of training, once the run has ended."""

    @property
    def is_own(self) -> bool:
        """Whether tuimove trained the network; another program's preset holds only what was recorded."""
        return are_own(self.roles)

    @property
    def epochs(self) -> int:
        """Planned epochs; 0 where unknown."""
        return self.preset.training.epochs if self.is_own or not self.run else planned_epochs(self.run.preset)

    @property
    def rate(self) -> float:
        """Learning rate, from the preset where it wasn't measured; NaN where unknown."""
        rate = self.history.latest("learning_rate")
        return self.preset.training.learning_rate if self.is_own and math.isnan(rate) else rate

    @property
    def roles(self) -> Roles:
        """The run's matrices; those of our own networks while unknown."""
        return self.run.matrices if self.run else OWN_ROLES

    def take(self, records: Iterable[Record]) -> None:
        """Add records."""
        for record in records:
            if isinstance(record, MeasurementRecord):
                self.first = self.first or record
                self.latest, self.end, self.seconds = record, None, None
                self.history.append(measured_numbers(record))
            elif isinstance(record, RunRecord):
                self._begin(record)  # the file is read again from its start
            elif isinstance(record, FindingRecord):
                self.findings.append(record)
            elif isinstance(record, EndRecord):
                self.end = record
                self.epoch, self.seconds = record.epochs, record.seconds

    def as_of(self, row: int, measured: MeasurementRecord | None) -> RunState:
        """Return the run as it was at a row of its history, with that measurement where the caller has it.

        The result is valid until the next record is added.
        """
        past = copy.copy(self)
        past.history = self.history.head(row + 1)
        past.epoch, past.seconds = int(past.history.latest("epoch")), past.history.latest("seconds")
        past.findings = [finding for finding in self.findings if finding.epoch <= past.epoch]
        past.latest, past.end, past._pace = measured, None, Pace()
        return past

    def note_epoch(self, epoch: int) -> None:
        """Note the current epoch, for the speed."""
        self.epoch = max(self.epoch, epoch)
        self._pace.note(self.epoch)

    def reset_pace(self) -> None:
        """Restart the measurement of speed, after a pause."""
        self._pace.reset()

    @property
    def speed(self) -> float:
        """Epochs per second, 0 when unknown."""
        if self.end:
            return self.end.epochs / self.end.seconds if self.end.seconds > 0 else 0.0
        return self._pace.speed

    @property
    def seconds_left(self) -> float | None:
        """Seconds to the last epoch at this speed; None when unknown."""
        left = self.epochs - self.epoch
        return left / self.speed if self.speed and self.epochs and not self.end else None

    def severity_of(self, quantity: Quantity, matrix: str) -> Severity | None:
        """Return the worst severity among the findings about a quantity."""
        concerned = {
            finding.severity
            for finding in self.findings
            if finding.rule in quantity.rules and finding.matrix in (matrix, None)
        }
        return worst_severity(concerned)

    def law_of(self, matrix: str) -> StartingLaw | None:
        """Return a matrix's starting law from its role, or of our own networks from the preset.

        None where it is unknown.
        """
        roles = (*self.roles, *(own_roles(self.preset.network.init) if self.is_own else ()))
        return next((role.law for role in roles if role.name == matrix and role.law), None)

    def shown_matrix(self, matrix: str) -> str:
        """Return the matrix or, where the run has others, the one that is shown first."""
        names = self.history.matrices
        return matrix if matrix in names else main_name(self.roles) or next(iter(names), matrix)

    def next_matrix(self, matrix: str) -> str:
        """Return the matrix after this one; the first one after an unknown matrix."""
        names = self.history.matrices
        return names[(names.index(matrix) + 1) % len(names)] if matrix in names else self.shown_matrix(matrix)
