"""The state of one run on the screen, built from its records, live or recorded."""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from tuimove.diagnosis.finding import Clock, Severity
from tuimove.recording.history import History, measured_numbers
from tuimove.recording.reading.outline import planned_epochs
from tuimove.recording.record import EndRecord, FindingRecord, MeasurementRecord, Record, RunRecord
from tuimove.screen.drawing.pace import Pace
from tuimove.screen.drawing.symbols import worst_severity
from tuimove.screen.one_run.quantities import LOOP_QUANTITIES, QUANTITIES, Quantity
from tuimove.settings.matrix_role import OWN_ROLES, Roles, main_name, names_of, own_roles
from tuimove.settings.preset import Preset
from tuimove.settings.starting_law import StartingLaw


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
        self.noted: dict[str, float] = {}
        """Numbers that a training loop has noted, the newest of each."""
        self.findings: list[FindingRecord] = []
        self.end: EndRecord | None = None
        self.epoch = 0
        """Updates made."""
        self.seconds: float | None = None
        """Seconds of training, once the run has ended."""

    @property
    def is_being_read(self) -> bool:
        """Whether the records so far are still being read, so that the rest may tell otherwise."""
        return self.phase.startswith("reading")

    @property
    def remark(self) -> str:
        """What the end record says that the measurements lack; empty where nothing."""
        return (self.end.remark or "") if self.end else ""

    @property
    def is_own(self) -> bool:
        """Whether tuimove trained the network; another program's preset holds only what was recorded."""
        return self.run is None or self.run.is_own

    @property
    def loop(self) -> dict[str, Any]:
        """What the run record says of a training loop; empty for other runs."""
        return (self.run.loop or {}) if self.run else {}

    @property
    def clock(self) -> Clock:
        """What the records' epochs count."""
        return self.run.clock if self.run else "epoch"

    @property
    def has_list(self) -> bool:
        """Whether the matrices are listed: they aren't just the four of our own networks."""
        return not self.is_own or len(self.history.matrices) > len(OWN_ROLES)

    @property
    def quantities(self) -> tuple[Quantity, ...]:
        """The quantities that can be shown, those with cards first; another program's only if they have numbers."""
        if self.is_own:
            return QUANTITIES
        every, history = LOOP_QUANTITIES if self.clock == "step" else QUANTITIES, self.history
        return tuple(one for one in every if one.is_of_matrix or np.isfinite(history.column(one.column)).any())

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
                known = {"test_accuracy": record.test_accuracy} if math.isfinite(record.test_accuracy) else {}
                self.noted |= record.noted | known
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
        past.noted = dict(measured.noted) if measured else {}
        return past

    def note_progress(self, epoch: int) -> None:
        """Note the current epoch, for the speed only while the run trains."""
        if self.phase == "training":
            self.note_epoch(epoch)
        else:
            self.epoch = max(self.epoch, epoch)
            self.reset_pace()

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
        return self._last_speed() if self.clock == "step" else self._pace.speed

    def _last_speed(self) -> float:
        """Return the speed between the last two measurements: what happens in between isn't told by a loop."""
        if len(self.history) < 2:
            return 0.0
        (before, epoch), (began, now) = (self.history.column(name)[-2:].tolist() for name in ("epoch", "seconds"))
        return (epoch - before) / (now - began) if now > began else 0.0

    @property
    def elapsed(self) -> float:
        """Seconds from the start to the last measurement, NaN before there is one."""
        return self.history.latest("seconds")

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

    def law_words(self, matrix: str) -> str:
        """Return how the starting law of a training loop's matrix was recognised; empty where that isn't recorded."""
        laws = self.loop.get("laws")
        words = laws.get(matrix) if isinstance(laws, dict) else None
        if not isinstance(words, str):
            return ""
        if self.law_of(matrix):
            return words
        return "no known law" if words == "unknown" else f"no known law, {words}"

    def shown_matrix(self, matrix: str) -> str:
        """Return the matrix or, where the run has others, the one that is shown first."""
        names = self.history.matrices
        return matrix if matrix in names else main_name(self.roles) or next(iter(names), matrix)

    def next_matrix(self, matrix: str) -> str:
        """Return the matrix after this one; the first one after an unknown matrix."""
        names = self.history.matrices
        return names[(names.index(matrix) + 1) % len(names)] if matrix in names else self.shown_matrix(matrix)
