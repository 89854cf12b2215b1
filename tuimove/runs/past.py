"""What was recorded before a run was resumed, parsed once for all that look back on it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator

from tuimove.recording.history import recorded_numbers
from tuimove.recording.reading.parsing import record_of
from tuimove.recording.record import ControlRecord, Record, RunRecord
from tuimove.runs.resumption import KeptLine, Resumption

Recall = Callable[[Iterable[Record]], None]
"""Called with the records of a run that is resumed; takes all of them."""


class Past:
    """The records of a resumed run, to be taken once."""

    def __init__(self, resumption: Resumption, observe: Callable[[dict[str, float]], object]) -> None:
        """Have `observe` called with the numbers of each measurement up to the checkpoint, as they are taken."""
        self._resumption, self._observe = resumption, observe
        self.rates: defaultdict[int, list[float]] = defaultdict(list)
        """Learning rates that somebody set after the checkpoint, by the first epoch that they hold for."""

    def __iter__(self) -> Iterator[Record]:
        """Yield all records that are kept."""
        resumption = self._resumption
        for line in resumption.lines():
            record = record_of(line.table)
            self._note(line, record)
            if record:
                yield resumption.record if resumption.record and isinstance(record, RunRecord) else record

    def _note(self, line: KeptLine, record: Record | None) -> None:
        if line.offset >= self._resumption.recorded:
            if isinstance(record, ControlRecord):
                self.rates[record.epoch].append(record.value)
        elif line.table.get("record") == "measurement" and self._resumption.checkpoint:
            self._observe(recorded_numbers(line.table))


def pass_over(records: Iterable[Record]) -> None:
    """Take records that nobody looks back on."""
    for _ in records:
        pass
