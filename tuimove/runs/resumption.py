"""Going on with a run that was cut short: what its folder holds, and what is still the same when it is made again.

A run is a pure function of its preset, so what was recorded after the last checkpoint is made again, compared with the
records and passed over while it is equal. Records before the checkpoint are vouched for by a sum in it; where they
aren't what they were, an older checkpoint is taken, or the start.

No record is read more than twice: those before the checkpoint are summed here, those after it are compared while they
are made again, and all are parsed once in between, for everything that looks back (`past.py`).
"""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any, NamedTuple

from tuimove.errors import DataError, OutputError, PresetError, TuimoveError
from tuimove.recording.checkpoint import Checkpoint
from tuimove.recording.folder.array_files import NetworkShape
from tuimove.recording.folder.checkpoint_files import load_checkpoint
from tuimove.recording.folder.recorded_bytes import FirstBytes, last_whole_line
from tuimove.recording.folder.run_folder import RunFolder
from tuimove.recording.folder.run_lock import RunLock
from tuimove.recording.folder.store import kept_preset, new_run_id, runs_folder
from tuimove.recording.reading.json_table import json_table
from tuimove.recording.reading.line_splitter import MOST_LINE
from tuimove.recording.reading.parsing import RECORDS, record_of
from tuimove.recording.record import RunRecord, beginning_of
from tuimove.runs.resumed_data import with_data_found
from tuimove.settings.files import names_in, open_regular, refusal, shown_path
from tuimove.settings.matrix_role import are_own, names_of, own_roles
from tuimove.settings.preset import Preset
from tuimove.settings.preset_reading import preset_from_table

Say = Callable[[str], None]
BEGINNING = beginning_of("run")
"""Of every file of records."""


class KeptLine(NamedTuple):
    """A line of a run's records, as it is in the file."""

    offset: int
    """Bytes before it."""
    content: bytes
    """With its newline."""
    table: dict[str, Any]
    """What it says; empty where it isn't a record."""


class Survey(NamedTuple):
    """What both ends of a run's records tell."""

    record: RunRecord | None
    """The first record; None where not even that was written to its end."""
    first: bytes
    """Its line."""
    size: int
    """Bytes of all whole lines but a last end record."""
    is_finished: bool


@dataclass(frozen=True)
class Resumption:
    """What a run goes on from, with its folder open and locked."""

    folder: Path
    run: str
    """Its id."""
    record: RunRecord | None
    """As it was written when the run began, with every key of its preset; None where it was cut short before that."""
    preset: Preset
    size: int
    """Bytes of the records that are whole lines; an end that the run no longer has is not among them."""
    recorded: int
    """Bytes of the records up to the checkpoint, or of the first one where there is none."""
    records_sum: int
    """CRC-32 of these bytes."""
    checkpoint: Checkpoint | None
    """None where the run begins anew."""
    kept: RunFolder
    """To be among the run's sinks, and its keeper."""
    say: Say
    """Told in words what has to be passed over or made again."""
    is_moved: bool = False
    """Whether its data are read from another place than the one that was recorded."""

    def lines(self, start: int = 0) -> Iterator[KeptLine]:
        """Yield the lines that are kept, from an offset on."""
        with _opened(self.folder / RECORDS) as stream:
            stream.seek(start)
            offset = start
            while offset < self.size and (line := stream.readline()):
                yield KeptLine(offset, line, json_table(line) or {})
                offset += len(line)


def preset_of_run(folder: Path, moved: Path | None = None) -> Preset:
    """Return the preset of a run folder's run; takes and raises what `take_up` does."""
    path = _records_in(folder)
    with _opened(path) as stream:
        record, _ = _read_first(stream, path)
    return with_data_found(_resolved_preset(folder, record) if record else kept_preset(folder), folder, moved)


def take_up(folder: Path, checkpoint_seconds: float, say: Say, moved: Path | None = None) -> Resumption:
    """Lock a run's folder and return what the run goes on from.

    Parameters
    ----------
    folder
        Of a run.
    checkpoint_seconds
        Between two checkpoints.
    say
        Called with what has to be passed over or made again, and with where the data are if not where they were.
    moved
        The folder that its data are in now, if not where the run began with them.

    Raises
    ------
    TuimoveError
        When there is no run, it is being trained or has finished, its records don't say what it was, or its data
        aren't there.
    """
    _records_in(folder)
    try:
        lock = RunLock(folder)
    except OSError as error:
        raise OutputError(refusal(folder, error)) from None
    try:
        return _read_resumption(folder, lock, checkpoint_seconds, say, moved)
    except BaseException:
        lock.release()
        raise


def _read_resumption(
    folder: Path, lock: RunLock, checkpoint_seconds: float, say: Say, moved: Path | None
) -> Resumption:
    path = folder / RECORDS
    record, first, size, is_finished = _survey(path)
    if is_finished:
        raise TuimoveError(f"{shown_path(folder)}: the run has finished")
    if record is None:
        return _read_beginning(folder, lock, checkpoint_seconds, say, moved)
    _require_own_matrices(folder, record)
    began = _resolved_preset(folder, record)
    preset = with_data_found(began, folder, moved, say)
    shape = NetworkShape(record.data["inputs"], preset.network.hidden, record.data["classes"])
    matrices = own_roles(preset.network.init, shape.inputs, shape.hidden, shape.classes)
    record = replace(record, preset={"name": preset.name, **preset.as_dict()}, matrices=matrices)
    checkpoint = load_checkpoint(folder, record.run, shape, FirstBytes(path, size).sum_of, say)
    vouched = (checkpoint.recorded, checkpoint.records_sum) if checkpoint else (len(first), zlib.crc32(first))
    kept = RunFolder.reopened(folder, lock, size, checkpoint_seconds)
    is_moved = preset.data.name != began.data.name
    return Resumption(folder, record.run, record, preset, size, *vouched, checkpoint, kept, say, is_moved)


def _read_beginning(folder: Path, lock: RunLock, checkpoint_seconds: float, say: Say, moved: Path | None) -> Resumption:
    """Return the resumption of a run that has no whole record yet, only the preset that it is to be begun with."""
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
    """Return the first record and its line, or nothing where not even that was written to its end.

    Raises
    ------
    DataError
        When the first line is anything else.
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
    """Raise a DataError where the run is of a network that isn't trained here, such as another program's."""
    if not are_own(record.matrices):
        names = ", ".join(names_of(record.matrices)[:4]) or "none"
        raise DataError(
            f"{shown_path(folder)}: not a run that can go on here: it records other matrices ({names}) than those of "
            "networks with one hidden layer"
        )
