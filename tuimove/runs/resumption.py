"""Going on with a run that was cut short: what its folder holds, and what is still the same when it is made again.

A run is a pure function of its preset, so what was recorded after the last checkpoint is made again, compared with the
records and passed over while it is equal. Records before the checkpoint are vouched for by a sum in it; where they
aren't what they were, an older checkpoint is taken, or the start.
"""

from __future__ import annotations

import io
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any

from tuimove.errors import DataError, OutputError, PresetError, TuimoveError
from tuimove.recording.checkpoint import Checkpoint
from tuimove.recording.folder.array_files import NetworkShape
from tuimove.recording.folder.checkpoint_files import load_checkpoint
from tuimove.recording.folder.run_folder import RunFolder, records_sum
from tuimove.recording.folder.run_lock import RunLock
from tuimove.recording.folder.store import kept_preset, new_run_id, runs_folder
from tuimove.recording.history import recorded_numbers
from tuimove.recording.reading.json_table import json_table
from tuimove.recording.reading.line_splitter import MOST_LINE
from tuimove.recording.reading.parsing import RECORDS, record_of
from tuimove.recording.record import ControlRecord, Record, RunRecord
from tuimove.runs.resumed_data import with_data_found
from tuimove.settings.files import names_in, open_regular, refusal, shown_path
from tuimove.settings.matrix_role import are_own, names_of, own_roles
from tuimove.settings.preset import Preset, preset_from_table

Say = Callable[[str], None]
BEGINNING = b'{"record":"run"'
"""Of every file of records."""
Rates = dict[int, list[float]]
"""Learning rates that somebody set, by the first epoch that they hold for."""


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
    """Bytes of the records up to the checkpoint."""
    checkpoint: Checkpoint | None
    """None where the run begins anew."""
    rates: Rates
    """Set after the checkpoint."""
    kept: RunFolder
    """To be among the run's sinks, and its keeper."""
    say: Say
    """Told in words what has to be passed over or made again."""
    is_moved: bool = False
    """Whether its data are read from another place than the one that was recorded."""

    def past(self) -> Iterator[dict[str, float]]:
        """Yield the numbers of the measurements up to the checkpoint, by column of the history."""
        for _, table in whole_records(self.folder / RECORDS, 0, self.recorded):
            if table.get("record") == "measurement":
                yield recorded_numbers(table)

    def records(self) -> Iterator[Record]:
        """Yield all records that are kept."""
        for _, table in whole_records(self.folder / RECORDS, 0, self.size):
            if record := record_of(table):
                yield self.record if self.record and isinstance(record, RunRecord) else record


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
    record, size, first, end = _survey(path)
    if end.get("status") == "finished":
        raise TuimoveError(f"{shown_path(folder)}: the run has finished")
    if record is None:
        return _read_beginning(folder, lock, checkpoint_seconds, say, moved)
    _require_own_matrices(folder, record)
    began = _resolved_preset(folder, record)
    preset = with_data_found(began, folder, moved, say)
    shape = NetworkShape(record.data["inputs"], preset.network.hidden, record.data["classes"])
    matrices = own_roles(preset.network.init, shape.inputs, shape.hidden, shape.classes)
    record = replace(record, preset={"name": preset.name, **preset.as_dict()}, matrices=matrices)
    checkpoint = load_checkpoint(folder, record.run, shape, lambda count: _sum_of(path, count, size), say)
    recorded = checkpoint.recorded if checkpoint else first
    kept = RunFolder.reopened(folder, lock, size, checkpoint_seconds)
    rates = _rates_set(path, recorded, size)
    is_moved = preset.data.name != began.data.name
    return Resumption(folder, record.run, record, preset, size, recorded, checkpoint, rates, kept, say, is_moved)


def _read_beginning(folder: Path, lock: RunLock, checkpoint_seconds: float, say: Say, moved: Path | None) -> Resumption:
    """Return the resumption of a run that has no whole record yet, only the preset that it is to be begun with."""
    preset = with_data_found(kept_preset(folder), folder, moved, say)
    run = folder.name if folder.parent == runs_folder() else new_run_id(preset.name)
    kept = RunFolder.reopened(folder, lock, 0, checkpoint_seconds)
    say("cut short before its first record: it begins anew")
    return Resumption(folder, run, None, preset, 0, 0, None, {}, kept, say)


def _rates_set(path: Path, start: int, end: int) -> Rates:
    rates: Rates = defaultdict(list)
    for _, table in whole_records(path, start, end):
        control = record_of(table)
        if isinstance(control, ControlRecord):
            rates[control.epoch].append(control.value)
    return dict(rates)


def _records_in(folder: Path) -> Path:
    path = folder / RECORDS
    if RECORDS not in names_in(folder):
        raise DataError(f"{shown_path(folder)}: no run: there is no {RECORDS}")
    open_regular(path).close()
    return path


def _opened(path: Path) -> io.BufferedReader:
    return io.BufferedReader(open_regular(path))


def _read_first(stream: IO[bytes], path: Path) -> tuple[RunRecord | None, int]:
    """Return the first record and its bytes, or nothing where not even that was written to its end.

    Raises
    ------
    DataError
        When the first line is anything else.
    """
    line = stream.readline(MOST_LINE)
    if not line.endswith(b"\n") and BEGINNING.startswith(line[: len(BEGINNING)]) and len(line) < MOST_LINE:
        return None, 0
    record = record_of(json_table(line) or {})
    if not isinstance(record, RunRecord) or not record.run:
        raise DataError(f"{shown_path(path)}: the first line isn't the record of a run")
    return record, len(line)


def _survey(path: Path) -> tuple[RunRecord | None, int, int, dict[str, Any]]:
    """Return the run record, the bytes of all whole lines but a last end record, those of the first, and that end."""
    end: dict[str, Any] = {}
    end_size = 0
    with _opened(path) as stream:
        record, first = _read_first(stream, path)
        size = first
        for line in stream:
            if line.endswith(b"\n"):
                end = (json_table(line) or {}) if line.startswith(b'{"record":"end"') else {}
                end_size = len(line) if end else 0
                size += len(line)
    return record, size - end_size, first, end


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


def _sum_of(path: Path, count: int, size: int) -> int | None:
    return records_sum(path, count) if count <= size else None


def whole_records(path: Path, start: int, end: int) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield where each line between two offsets begins, and its table; an empty one where it isn't a record."""
    with _opened(path) as stream:
        stream.seek(start)
        offset = start
        while offset < end and (line := stream.readline()):
            yield offset, json_table(line) or {}
            offset += len(line)
