"""One run's records out of a file that may still grow: what is new in it, and single measurements read back.

Whatever makes no sense is passed over and counted. Where records come from and who takes them is for others to say.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from tuimove.errors import DataError
from tuimove.followed_file import FollowedFile
from tuimove.measurement_index import MeasurementIndex
from tuimove.record import EndRecord, FindingRecord, MeasurementRecord, Record, RunRecord
from tuimove.recorded import record_of

MOST_FINDINGS = 2000
"""Findings that are told of a run; a healthy one has a handful."""


class RecordReader:
    """Tells of the run that the file's first record is of."""

    def __init__(self, path: Path, *, follows_link: bool = False) -> None:
        """Look at the first line.

        Raises
        ------
        DataError
            When the file can't be read, isn't a regular one, or holds nothing.
        """
        self._path, self._follows_link = path, follows_link
        self.first = self._first_record()
        """The file's first record, if its line is one."""
        self.file = FollowedFile(path, follows_link=follows_link)
        self._restarts = 0
        self._begin_anew()

    def _begin_anew(self) -> None:
        """Forget what has been read."""
        self._run: RunRecord | None = None
        self._id: str | None = None
        self._index = MeasurementIndex()
        self._is_repeated = False
        self._garbage = self._other_runs = self._findings = 0
        self.newest_epoch = -1
        """Of the newest measurement; -1 before there is one."""
        self.end: EndRecord | None = None
        """How the run ended, as far as it has been read."""

    def _first_record(self) -> Record | None:
        with closing(FollowedFile(self._path, follows_link=self._follows_link)) as file:
            lines = file.take_lines()
        if file.damage:
            raise DataError(f"{self._path}: {file.damage}")
        if not lines and file.holds_nothing:
            raise DataError(f"{self._path}: holds no records")
        return _record_in(lines[0].content) if lines else None

    @property
    def remark(self) -> str:
        """What was passed over, in words; empty when nothing was."""
        garbage = self._garbage + self.file.too_long
        parts = [
            f"{_counted(garbage, 'line')} passed over: no records" if garbage else "",
            f"{_counted(self._other_runs, 'record')} of other runs passed over" if self._other_runs else "",
            f"only the first {MOST_FINDINGS} findings are shown" if self._findings > MOST_FINDINGS else "",
            f"read up to where it is damaged: {self.file.damage}" if self.file.damage else "",
        ]
        return "; ".join(part for part in parts if part)

    def read_some(self) -> Iterator[tuple[Record, int]]:
        """Yield the run's next records with their lengths in bytes; none, among others, at the end so far.

        A file that has been replaced or cut short, as by a run that is resumed, is told again from its run record on.
        """
        lines = self.file.take_lines()
        if self._restarts != self.file.restarts:
            before, self._restarts = self._run, self.file.restarts
            self._begin_anew()
            if before is not None:
                yield before, 0
        for line in lines:
            record = _record_in(line.content)
            if record is None:
                self._garbage += 1
            elif self._id not in (None, record.run):
                self._other_runs += 1
            elif self._is_news(record):
                self._note(record, line.offset)
                yield record, len(line.content)

    def _is_news(self, record: Record) -> bool:
        """Return whether a record goes on from what is known: a resumed run may tell again what it told before."""
        if isinstance(record, RunRecord):
            return self._run is None and self.newest_epoch < 0
        if isinstance(record, MeasurementRecord):
            self._is_repeated = record.epoch <= self.newest_epoch
        if isinstance(record, FindingRecord) and not self._is_repeated:
            self._findings += 1
            return self._findings <= MOST_FINDINGS
        return not self._is_repeated or isinstance(record, EndRecord)

    def _note(self, record: Record, offset: int) -> None:
        self._id = record.run
        if isinstance(record, RunRecord):
            self._run = record
        elif isinstance(record, EndRecord):
            self.end = record
        elif isinstance(record, MeasurementRecord):
            self.newest_epoch, self.end = record.epoch, None  # whatever ended before has been resumed
            self._index.append(record.epoch, offset)

    def measurement_at(self, epoch: int) -> MeasurementRecord | None:
        """Return the measurement of an epoch, read back from the file; None when it isn't there."""
        offset = self._index.offset_before(epoch)
        for content in () if offset is None else self.file.lines_at(offset):
            table = _table_in(content) or {}
            found = table.get("epoch") if table.get("record") == "measurement" else None
            if isinstance(found, int) and found >= epoch:
                record = _record_in(content)
                return record if isinstance(record, MeasurementRecord) and found == epoch else None
        return None


def _table_in(content: bytes) -> dict[str, Any] | None:
    """Return a line's table, or None where it isn't one."""
    try:
        table = json.loads(content)
    except (ValueError, RecursionError):
        return None
    return table if isinstance(table, dict) else None


def _record_in(content: bytes) -> Record | None:
    table = _table_in(content)
    try:
        return None if table is None else record_of(table)
    except RecursionError:  # text made of a value that is nested as deeply as could just be read
        return None


def _counted(count: int, word: str) -> str:
    return f"{count} {word}" if count == 1 else f"{count} {word}s"
