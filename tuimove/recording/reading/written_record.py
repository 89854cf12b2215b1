"""A record together with the line it was written as: parsed once, and passed on unchanged."""

from __future__ import annotations

from typing import Any, NamedTuple

from tuimove.recording.reading.json_table import json_table
from tuimove.recording.record import line_of, without_histograms


class WrittenRecord(NamedTuple):
    """A record as a line and as its parsed table."""

    line: str
    """The line without its newline."""
    table: dict[str, Any]

    @classmethod
    def read(cls, line: str) -> WrittenRecord | None:
        """Return the record in a line, None where the line isn't one, such as a truncated line."""
        table = json_table(line)
        return None if table is None else cls(line, table)

    def without_histograms(self) -> WrittenRecord:
        """Return the record without histograms, itself where it has none."""
        table = without_histograms(self.table)
        return self if table is self.table else WrittenRecord(line_of(table), table)
