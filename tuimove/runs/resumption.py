"""Reads from a run's folder what an interrupted run continues from: the newest valid checkpoint, or the start.

A run is a pure function of its preset, so records after the last checkpoint are computed again and compared with those
on disk. A checkpoint holds a checksum of the records before it; where that doesn't match, an older checkpoint is used,
or the start.

No record is read more than twice: those before the checkpoint are summed here, those after it are compared as they are
computed again, and all are parsed once in between (`past.py`).
"""

from __future__ import annotations

import io
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any, NamedTuple

from tuimove.errors import DataError, OutputError, PresetError, TuimoveError
from tuimove.recording.checkpoint import Checkpoint
from tuimove.recording.folder.array_files import NetworkShape
from tuimove.recording.folder.checkpoint_files import load_checkpoint
from tuimove.recording.folder.recorded_bytes import FirstBytes, last_whole_line
from tuimove.recording.folder.run_folder import RunFolder
from tuimove.recording.folder.run_lock import RunLock, locked
from tuimove.recording.folder.store import kept_preset, new_run_id, runs_folder
from tuimove.recording.reading.json_table import json_table
from tuimove.recording.reading.line_splitter import MOST_LINE
from tuimove.recording.reading.parsing import record_of
from tuimove.recording.reading.run_folders import RECORDS
from tuimove.recording.record import RunRecord, beginning_of
from tuimove.runs.resumed_data import with_data_found
from tuimove.settings.files import names_in, open_regular, shown_path
from tuimove.settings.matrix_role import are_own, names_of, own_roles
from tuimove.settings.preset import Preset
from tuimove.settings.preset_reading import preset_from_table
from tuimove.settings.wording import Say

BEGINNING = beginning_of("run")
"""First bytes of every file of records."""


class KeptLine(NamedTuple):
    """A line of a run's records file."""

    offset: int
    """Bytes before the line."""
    content: bytes
    """The line with its newline."""
    table: dict[str, Any]
    """The parsed line; empty where it isn't a record."""


class Survey(NamedTuple):
    """First and last record of a run, and the length of what is whole."""

    record: RunRecord | None
    """The first record; None where it is missing or incomplete."""
    first: bytes
    """The first record's line."""
    size: int
    """Bytes of all complete lines except a final end record."""
    is_finished: bool


@dataclass(frozen=True)
class Resumption:
    """What a run continues from, with its folder open and locked."""

    folder: Path
    run: str
    """The run's id."""
    record: RunRecord | None
    """The run record of the start, with every key of its preset; None where the run was cut short before it."""
    preset: Preset
    size: int
    """Bytes of the complete lines, without the end record that a resumed run replaces."""
    recorded: int
    """Bytes of the records up to the checkpoint, or of the first record where there is no checkpoint."""
    records_sum: int
    """CRC-32 of the first `recorded` bytes."""
    checkpoint: Checkpoint | None
    """The checkpoint to continue from; None where the run starts again."""
    run_folder: RunFolder
    """The run's folder, as one of its sinks and its checkpoint keeper."""
    say: Say
    """Called with messages about records that are skipped or computed again."""
    is_moved: bool = False
    """Whether the data are read from another place than the recorded one."""

    def lines(self, start: int = 0) -> Iterator[KeptLine]:
        """Yield the lines that stay valid, from byte `start` on."""
        with _opened(self.folder / RECORDS) as stream:
            stream.seek(start)
            offset = start
            while offset < self.size and (line := stream.readline()):
                yield KeptLine(offset, line, json_table(line) or {})
                offset += len(line)


def preset_of_run(folder: Path, moved: Path | None = None) -> Preset:
    """Return the preset of a run folder's run; parameters and errors as those of `open_resumption`."""
    path = _records_in(folder)
    with _opened(path) as stream:
        record, _ = _read_first(stream, path)
    return with_data_found(_resolved_preset(folder, record) if record else kept_preset(folder), folder, moved)


def read_stop(folder: Path, say: Say) -> tuple[Survey, Checkpoint | None]:
    """Return what is whole of a run's records, and the checkpoint that it would go on from; changes nothing.

    Raises
    ------
    TuimoveError
        When there is no run, or its records are damaged.
    """
    survey = _survey(path := _records_in(folder))
    return survey, _newest_checkpoint(folder, path, survey, say) if survey.record else None


def _newest_checkpoint(folder: Path, path: Path, survey: Survey, say: Say) -> Checkpoint | None:
    record = survey.record
    assert record
    hidden = _resolved_preset(folder, record).network.hidden
    shape = NetworkShape(record.data["inputs"], hidden, record.data["classes"])
    return load_checkpoint(folder, record.run, shape, FirstBytes(path, survey.size).sum_of, say)


def open_resumption(folder: Path, checkpoint_seconds: float, say: Say, moved: Path | None = None) -> Resumption:
    """Lock a run's folder and return what the run continues from.

    Parameters
    ----------
    folder
        The run's folder.
    checkpoint_seconds
        Seconds between two checkpoints.
    say
        Called with messages about what is skipped or computed again, and about data that have moved.
    moved
        New folder of the data; None where they have not moved.

    Raises
    ------
    TuimoveError
        When there is no run, it is being trained or has finished, its records are damaged, or its data aren't there.
    """
    path = _records_in(folder)
    try:
        lock = locked(folder)
    except (DataError, OutputError):
        _require_unfinished(folder, _survey(path))  # there is nothing to lock it for
        raise
    try:
        return _read_resumption(folder, lock, checkpoint_seconds, say, moved)
    except BaseException:
        lock.release()
        raise


def _read_resumption(
    folder: Path, lock: RunLock, checkpoint_seconds: float, say: Say, moved: Path | None
) -> Resumption:
    path = folder / RECORDS
    record, first, size, _ = survey = _survey(path)
    _require_unfinished(folder, survey)
    if record is None:
        return _read_beginning(folder, lock, checkpoint_seconds, say, moved)
    _require_own_matrices(folder, record)
    began = _resolved_preset(folder, record)
    preset = with_data_found(began, folder, moved, say)
    shape = NetworkShape(record.data["inputs"], preset.network.hidden, record.data["classes"])
    matrices = own_roles(preset.network.init, shape.inputs, shape.hidden, shape.classes)
    record = replace(record, preset={"name": preset.name, **preset.as_dict()}, matrices=matrices)
    checkpoint = _newest_checkpoint(folder, path, survey, say)
    vouched = (checkpoint.recorded, checkpoint.records_sum) if checkpoint else (len(first), zlib.crc32(first))
    kept = RunFolder.reopened(folder, lock, size, checkpoint_seconds)
    is_moved = preset.data.name != began.data.name
    return Resumption(folder, record.run, record, preset, size, *vouched, checkpoint, kept, say, is_moved)


def _require_unfinished(folder: Path, survey: Survey) -> None:
    if survey.is_finished:
        raise TuimoveError(f"{shown_path(folder)}: the run has finished")


def _read_beginning(folder: Path, lock: RunLock, checkpoint_seconds: float, say: Say, moved: Path | None) -> Resumption:
    """Return the resumption of a run that has no complete record yet, only its preset."""
    preset = with_data_found(kept_preset(folder), folder, moved, say)
    run = folder.name if folder.parent == runs_folder() else new_run_id(preset.name)
    kept = RunFolder.reopened(folder, lock, 0, checkpoint_seconds)
    say("cut short before its first record: it begins anew")
    return Resumption(folder, run, None, preset, 0, 0, 0, None, kept, say)


def _records_in(folder: Path) -> Path:
    path = folder / RECORDS
    if RECORDS not in names_in(folder):
        raise DataError(f"{shown_path(folder)}: no run: there is no {RECORDS}")
    open_regular(path).close()
    return path


def _opened(path: Path) -> io.BufferedReader:
    return io.BufferedReader(open_regular(path))


def _read_first(stream: IO[bytes], path: Path) -> tuple[RunRecord | None, bytes]:
    """Return the first record and its line; None and an empty line where it is incomplete.

    Raises
    ------
    DataError
        When the first line is anything but a run record.
    """
    line = stream.readline(MOST_LINE)
    if not line.endswith(b"\n") and BEGINNING.startswith(line[: len(BEGINNING)]) and len(line) < MOST_LINE:
        return None, b""
    record = record_of(json_table(line) or {})
    if not isinstance(record, RunRecord) or not record.run:
        raise DataError(f"{shown_path(path)}: the first line isn't the record of a run")
    return record, line


def _survey(path: Path) -> Survey:
    with _opened(path) as stream:
        record, first = _read_first(stream, path)
        size, last = last_whole_line(stream)
    table = json_table(last) or {}
    if table.get("record") != "end":
        return Survey(record, first, size, is_finished=False)
    return Survey(record, first, size - len(last), table.get("status") == "finished")


def _resolved_preset(folder: Path, record: RunRecord) -> Preset:
    table = {name: value for name, value in record.preset.items() if name != "name"}
    try:
        return preset_from_table(str(record.preset.get("name") or "preset"), table)
    except PresetError as error:
        raise PresetError(f"{shown_path(folder)}: recorded by another version of tuimove: {error}") from None


def _require_own_matrices(folder: Path, record: RunRecord) -> None:
    """Raise a DataError where the run's network wasn't trained by tuimove."""
    if record.loop is not None:
        raise DataError(f"{shown_path(folder)}: a training loop's run goes on where its loop does, not here")
    if not are_own(record.matrices):
        names = ", ".join(names_of(record.matrices)[:4]) or "none"
        raise DataError(
            f"{shown_path(folder)}: not a run that can go on here: it records other matrices ({names}) than those of "
            "networks with one hidden layer"
        )
