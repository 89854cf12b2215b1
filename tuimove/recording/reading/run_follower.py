"""Reads one run's records from a file that may still grow: new ones, and single measurements again.

Invalid lines are skipped and counted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from tuimove.recording.reading.followed_file import FollowedFile
from tuimove.recording.reading.measurement_index import MeasurementIndex
from tuimove.recording.reading.parsing import record_of
from tuimove.recording.reading.record_lines import (
    RunNews,
    joined_in,
    no_records,
    require_lines,
    skipped_lines,
    table_in,
)
from tuimove.recording.record import EndRecord, FindingRecord, MeasurementRecord, Record, RunRecord
from tuimove.settings.wording import counted

MOST_FINDINGS = 2000
"""Most findings of a run that are passed on; a healthy run has a handful."""


class RecordReader:
    """Reads the run of the file's first record."""

    def __init__(self, path: Path, *, follows_link: bool = False) -> None:
        """Read the first record.

        Raises
        ------
        DataError
            When the file can't be read, isn't a regular one, or holds no record.
        """
        self._path, self._follows_link = path, follows_link
        self.first = self._first_record()
        """The file's first record; None while the file has no complete line."""
        self.file = FollowedFile(path, follows_link=follows_link)
        self._restarts = 0
        self._reset()

    def _reset(self) -> None:
        """Reset everything that was read."""
        self._run: RunRecord | None = None
        self._id: str | None = None
        self._index = MeasurementIndex()
        self._news = RunNews()
        self._garbage = self._joined = self._other_runs = self._findings = 0
        self.end: EndRecord | None = None
        """The end record, once it has been read."""

    def _first_record(self) -> Record | None:
        with closing(FollowedFile(self._path, follows_link=self._follows_link)) as file:
            has_lines = False
            while not file.is_at_end:
                lines = file.take_lines()
                has_lines = has_lines or bool(lines)
                require_lines(self._path, file.lines.beginning)
                if first := next((record for line in lines if (record := _record_in(line.content))), None):
                    return first
        if has_lines or file.damage or file.holds_nothing:
            raise no_records(self._path, file.lines.beginning, file.damage)
        return None

    @property
    def newest_epoch(self) -> int:
        """Epoch of the newest measurement; -1 before there is one."""
        return self._news.newest_epoch

    @property
    def remark(self) -> str:
        """Message about what was skipped; empty when nothing was."""
        others = self._other_runs
        parts = [
            *skipped_lines(
                self._garbage + self.file.too_long,
                self.file.damage,
                out_of_order=self._news.out_of_order,
                joined=self._joined,
            ),
            f"{counted(others, 'record')} of other runs passed over: `tuimove compare` reads all" if others else "",
            f"only the first {MOST_FINDINGS} findings are shown" if self._findings > MOST_FINDINGS else "",
        ]
        return "; ".join(part for part in parts if part)

    def read_some(self) -> Iterator[tuple[Record, int]]:
        """Yield the run's next records with their lengths in bytes; may yield none, as at the current end of the file.

        A file that was replaced or truncated, as by a resumed run, is read again from its run record on.
        """
        lines = self.file.take_lines()
        if self._restarts != self.file.restarts:
            before, self._restarts = self._run, self.file.restarts
            self._reset()
            if before is not None:
                yield before, 0
        for line in lines:
            table = table_in(line.content) or {}
            record = _record_of(table)
            self._joined += 0 if record is None else joined_in(line.content)
            if record is None:
                self._garbage += 1
            elif self._id not in (None, record.run):
                self._other_runs += 1
            elif self._is_new(table["record"], record):
                self._note(record, line.offset)
                yield record, len(line.content)

    def _is_new(self, kind: str, record: Record) -> bool:
        """Return False for a repeated record, and for findings beyond the most that are shown.

        A resumed run may write again what it had written.
        """
        is_new = self._news.take(kind, getattr(record, "epoch", None))
        if is_new and isinstance(record, FindingRecord):
            self._findings += 1
            return self._findings <= MOST_FINDINGS
        return is_new

    def _note(self, record: Record, offset: int) -> None:
        self._id = record.run
        if isinstance(record, RunRecord):
            self._run = record
        elif isinstance(record, EndRecord):
            self.end = record
        elif isinstance(record, MeasurementRecord):
            self.end = None  # a run that had ended was resumed
            self._index.append(record.epoch, offset)

    def measurement_at(self, epoch: int) -> MeasurementRecord | None:
        """Return the measurement of an epoch, read again from the file; None when it isn't there."""
        offset = self._index.offset_before(epoch)
        for content in () if offset is None else self.file.lines_at(offset):
            table = table_in(content) or {}
            found = table.get("epoch") if table.get("record") == "measurement" else None
            if isinstance(found, int) and found >= epoch:
                record = _record_of(table)
                return record if isinstance(record, MeasurementRecord) and found == epoch else None
        return None


def _record_in(content: bytes) -> Record | None:
    return _record_of(table_in(content) or {})


def _record_of(table: Mapping[str, Any]) -> Record | None:
    try:
        return record_of(table)
    except RecursionError:  # a value nested so deeply that it parses but can't be shown
        return None
