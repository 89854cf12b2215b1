"""A record on its way from who has written it: parsed once, and passed on as it was written."""

from __future__ import annotations

from typing import Any, NamedTuple

from tuimove.recording.reading.json_table import json_table
from tuimove.recording.record import line_of, without_histograms


class WrittenRecord(NamedTuple):
    """A record as the line that it was written in, and as the table that this says."""

    line: str
    """Without its newline."""
    table: dict[str, Any]

    @classmethod
    def read(cls, line: str) -> WrittenRecord | None:
        """Return the record in a line, None where it isn't one, such as a line that was cut short."""
        table = json_table(line)
        return None if table is None else cls(line, table)

    def without_histograms(self) -> WrittenRecord:
        """Return the record without histograms, itself where it has none."""
        table = without_histograms(self.table)
        return self if table is self.table else WrittenRecord(line_of(table), table)
