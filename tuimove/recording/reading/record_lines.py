"""Finds records in folders, files, pipes, other programs' logs and compressed files.

Only this module decides which part of a line is a record and whether it is new, and words what was skipped.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, BinaryIO

from tuimove.errors import DataError
from tuimove.recording.reading.epoch_set import EpochSet
from tuimove.recording.reading.followed_file import FollowedFile
from tuimove.recording.reading.json_table import json_table
from tuimove.recording.reading.line_splitter import FileLine, LineSplitter
from tuimove.recording.reading.run_folders import RECORDS, STANDARD_INPUT, require_one_run
from tuimove.recording.reading.unpacking import DAMAGES, GZIP, Unpacking
from tuimove.settings.file_kinds import described, kind_of
from tuimove.settings.files import is_folder, open_named, reason_of, shown_path
from tuimove.settings.wording import counted

KINDS = ("run", "measurement", "finding", "control", "end")
"""Values of the key `record`."""
BEGINNING = b'{"record":'
"""First bytes of a record, anywhere in a line: after a time stamp, a progress bar, or a torn line."""


def table_in(content: bytes) -> dict[str, Any] | None:
    """Return the record's table in a line, which other text may surround; None where there is none."""
    table = json_table(content)
    return _table_within(content) if table is None else table


def joined_in(content: bytes) -> int:
    """Return how many records stand in a line besides the one that is read: cut short, or without a newline between."""
    many = content.count(BEGINNING) - 1
    return many if many > 0 and json_table(content) is None else 0


def _table_within(content: bytes) -> dict[str, Any] | None:
    for place in dict.fromkeys((content.find(BEGINNING), content.rfind(BEGINNING))):
        if place < 0:
            continue
        try:
            table, _ = json.JSONDecoder().raw_decode(content[place:].decode("utf-8", "replace"))
        except (ValueError, RecursionError):
            continue
        return table if isinstance(table, dict) else None
    return None


class RunNews:
    """Which records of a run have been read, to recognize those that a resumed run writes again."""

    def __init__(self) -> None:
        self.newest_epoch = -1
        """Epoch of the newest measurement; -1 before there is one."""
        self.out_of_order = 0
        """Number of records that come after later ones, other than those that a resumed run writes again."""
        self._seen = EpochSet()
        self._is_begun = self._is_resumed = self._is_repeated = self._is_late = False

    def take(self, kind: str, epoch: object) -> bool:
        """Note a record and return whether it is new: a run starts once, and is measured once per epoch."""
        if kind == "run":
            is_new = self._take_run()
        else:
            if kind == "measurement" and isinstance(epoch, int):
                self._take_measurement(epoch)
            is_new = not self._is_repeated or kind == "end"
        self.out_of_order += self._is_late and not is_new
        return is_new

    def _take_run(self) -> bool:
        is_first, self._is_begun = not self._is_begun, True
        self._is_late = is_first and self.newest_epoch >= 0
        self._is_resumed = not is_first
        return is_first and not self._is_late

    def _take_measurement(self, epoch: int) -> None:
        self._is_repeated = epoch <= self.newest_epoch
        if not self._is_repeated:
            self.newest_epoch, self._is_resumed = epoch, False
            self._seen.append(epoch)
        self._is_late = self._is_repeated and not self._is_resumed and epoch not in self._seen


def skipped_lines(
    garbage: int, damage: str, *, out_of_order: int = 0, joined: int = 0, is_cut: bool = False
) -> list[str]:
    """Return messages about what could not be read of some records: lines that are no records, a missing end."""
    return [
        *([f"{counted(garbage, 'line')} passed over: no records"] if garbage else []),
        *([f"{counted(joined, 'record')} passed over: joined to another on one line"] if joined else []),
        *([f"{counted(out_of_order, 'record')} out of order passed over"] if out_of_order else []),
        *(["its last line is cut short"] if is_cut and not damage else []),
        *([f"read up to where it is damaged: {damage}"] if damage else []),
    ]


def require_lines(place: str | Path, beginning: bytes) -> None:
    """Raise a DataError where a file isn't text by its first bytes, such as an archive."""
    kind = kind_of(beginning) if beginning else None
    if kind is not None and not kind.is_text:
        raise no_records(place, beginning)


def no_records(place: str | Path, beginning: bytes, damage: str = "") -> DataError:
    """Return the error for a place without any record, with what it holds instead."""
    if damage:
        return DataError(f"{shown_path(place)}: holds no records; {damage}")
    kind = kind_of(beginning)
    words = f"; it {described(beginning, 'records')}" if kind and beginning.strip() and kind.name != "text" else ""
    return DataError(f"{shown_path(place)}: holds no records{words}")


class PipedLines:
    """The lines of a pipe, plain or gzipped, each as soon as it arrives."""

    def __init__(self, stream: BinaryIO, *, is_ours: bool) -> None:
        """Read a buffered stream; `is_ours` says whether `close` closes it."""
        self._raw, self._is_ours = stream, is_ours
        self._stream = Unpacking(stream, stream.peek(len(GZIP)))  # type: ignore[attr-defined]
        self._read = self._stream.read if self._stream.is_zipped else stream.read1  # type: ignore[attr-defined]
        self.lines = LineSplitter()
        self.damage = ""
        self.is_at_end = False

    def close(self) -> None:
        """Close the pipe, unless the caller owns it."""
        self._stream.close()
        if self._is_ours:
            self._raw.close()

    def take_lines(self) -> list[FileLine]:
        """Return the next lines; blocks until there are some."""
        try:
            fresh = b"" if self.damage else self._read()
        except DAMAGES as error:
            self.damage, fresh = reason_of(error), b""
        self.is_at_end = not fresh
        return self.lines.split(fresh) if fresh else self.lines.take_whole_rest()


class RecordLines:
    """The records of a run folder, a file or standard input (`-`) as tables, without repetitions."""

    def __init__(self, place: str) -> None:
        self.name = "standard input" if place == STANDARD_INPUT else shown_path(place)
        """What messages call the place."""
        self._place = place
        self._runs: dict[str, RunNews] = {}
        self._garbage = self._joined = 0
        self.remark = ""
        """Message about what was skipped, after the last record; empty when nothing was."""

    def __iter__(self) -> Iterator[dict[str, Any]]:
        """Yield the new records of each run.

        Raises
        ------
        DataError
            When the place can't be read, or holds no record.
        """
        has_records = False
        with closing(_opened(self._place)) as file:
            while not file.is_at_end:
                lines = file.take_lines()
                require_lines(self.name, file.lines.beginning)
                for line in lines:
                    if (table := self._record_in(line.content)) is not None:
                        has_records = True
                        if self._is_new(table):
                            yield table
        if not has_records:
            raise no_records(self.name, file.lines.beginning, file.damage)
        garbage = self._garbage + file.lines.too_long
        out_of_order, is_cut = sum(news.out_of_order for news in self._runs.values()), file.lines.is_within_line
        words = skipped_lines(garbage, file.damage, out_of_order=out_of_order, joined=self._joined, is_cut=is_cut)
        self.remark = f"{self.name}: {'; '.join(words)}" if words else ""

    def _record_in(self, content: bytes) -> dict[str, Any] | None:
        table = table_in(content)
        if table is not None and table.get("record") in KINDS:
            self._joined += joined_in(content)
            return table
        self._garbage += 1
        return None

    def _is_new(self, table: dict[str, Any]) -> bool:
        news = self._runs.setdefault(str(table.get("run", "")), RunNews())
        return news.take(table["record"], table.get("epoch"))


def _opened(place: str) -> FollowedFile | PipedLines:
    if place == STANDARD_INPUT:
        if sys.stdin is None:
            raise DataError("standard input: closed")
        try:
            return PipedLines(sys.stdin.buffer, is_ours=False)
        except OSError as error:
            raise DataError(f"standard input: {reason_of(error)}") from None
    path = Path(place)
    if is_folder(path):  # not trusted: links in it aren't followed
        require_one_run(path)
        return FollowedFile(path / RECORDS)
    if path.is_fifo():  # such as a shell's <(command)
        return PipedLines(open_named(path), is_ours=True)
    return FollowedFile(path, follows_link=True)
