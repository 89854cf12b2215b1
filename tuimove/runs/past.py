"""The records of a run from before it was resumed, parsed once for every part of the program that needs them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from tuimove.recording.history import recorded_numbers
from tuimove.recording.reading.parsing import record_of
from tuimove.recording.record import ControlRecord, Record, RunRecord
from tuimove.runs.resumption import KeptLine, Resumption


@dataclass(frozen=True)
class PastRecord:
    """A record from before a run was resumed."""

    table: dict[str, Any]
    """The parsed JSON object."""
    numbers: dict[str, float] | None = None
    """Numbers of a measurement by column of the history; None for other records."""
    run: RunRecord | None = None
    """The run record, where this is one."""

    def read(self) -> Record | None:
        """Return the record as an object, None where it is invalid; made on demand, since few past ones are needed."""
        return self.run or record_of(self.table)


Recall = Callable[[Iterable[PastRecord]], None]
"""Called with the records of a run that is resumed; must consume all of them."""


class Past:
    """The records of a resumed run; can be iterated once."""

    def __init__(self, resumption: Resumption, observe: Callable[[dict[str, float]], object]) -> None:
        """Call `observe` with the numbers of each measurement up to the checkpoint, during iteration."""
        self._resumption, self._observe = resumption, observe
        self.rates: defaultdict[int, list[float]] = defaultdict(list)
        """Learning rates that a user set after the checkpoint, by the first epoch that they hold for."""

    def __iter__(self) -> Iterator[PastRecord]:
        """Yield all records that stay valid."""
        for line in self._resumption.lines():
            match line.table.get("record"):
                case "run":
                    yield PastRecord(line.table, run=self._resumption.record)
                case "measurement":
                    yield PastRecord(line.table, self._observed(line))
                case "control":
                    self._note_rate(line)
                    yield PastRecord(line.table)
                case _:
                    yield PastRecord(line.table)

    def _observed(self, line: KeptLine) -> dict[str, float]:
        numbers = recorded_numbers(line.table)
        if self._resumption.checkpoint and line.offset < self._resumption.recorded:
            self._observe(numbers)
        return numbers

    def _note_rate(self, line: KeptLine) -> None:
        control = record_of(line.table)
        if isinstance(control, ControlRecord) and line.offset >= self._resumption.recorded:
            self.rates[control.epoch].append(control.value)


def consume_all(records: Iterable[PastRecord]) -> None:
    """Consume records without using them."""
    for _ in records:
        pass
