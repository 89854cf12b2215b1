"""Turns parsed JSON into records.

Recorded data aren't trusted: a missing number becomes NaN, a malformed table is skipped, control characters in text
become question marks.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from tuimove.diagnosis.finding import SEVERITIES
from tuimove.diagnosis.matrix_measurement import Histogram, MatrixMeasurement
from tuimove.errors import harmless, is_harmless
from tuimove.recording.history import RUN_COLUMNS, recorded_number
from tuimove.recording.record import ControlRecord, EndRecord, FindingRecord, MeasurementRecord, Record, RunRecord
from tuimove.settings.matrix_role import MOST_MATRICES, matrix_name, recorded_roles

NO_HISTOGRAM = Histogram(0.0, 0.0, 0, [], 0)
"""Replaces a histogram that was left out of the records."""
STATUSES = ("finished", "stopped", "failed", "interrupted")
MOST_BINS = 4096
"""Most bins of a histogram; tuimove writes fewer."""
MOST_CHARACTERS = 1000
"""Most characters of a text; longer ones are truncated."""
MOST_COUNT = 2**53
"""Greatest integer that is accepted as a count."""


def run_label(record: Mapping[str, Any], place: str) -> str:
    """Return the name of a run's preset, without control characters."""
    preset = record.get("preset")
    name = preset.get("name") if isinstance(preset, dict) else None
    return name if isinstance(name, str) and is_harmless(name) else shown_text(Path(place).name)


def record_of(table: Mapping[str, Any]) -> Record | None:
    """Return the record of a parsed table, None where it isn't a valid one."""
    run = shown_text(table.get("run"))
    match table.get("record"):
        case "run":
            return _run_record(run, table)
        case "measurement":
            return _measurement_record(run, table)
        case "finding":
            return _finding_record(run, table)
        case "control" if table.get("action") == "learning_rate":
            return ControlRecord(run, _count(table.get("epoch")), "learning_rate", recorded_number(table.get("value")))
        case "end" if table.get("status") in STATUSES:
            return EndRecord(run, table["status"], _count(table.get("epochs")), recorded_number(table.get("seconds")),
                             _optional_text(table.get("reason")), _optional_text(table.get("remark")))  # fmt: skip
    return None


def _run_record(run: str, table: Mapping[str, Any]) -> RunRecord | None:
    sizes = ("train", "test", "inputs", "live_inputs", "classes")
    data, roles = _table(table.get("data")), recorded_roles(table)
    if len(roles) > MOST_MATRICES:
        return None
    return RunRecord(
        run=run,
        preset=_table(table.get("preset")),
        data={"name": shown_text(data.get("name")), **{name: _count(data.get(name)) for name in sizes}},
        started=shown_text(table.get("started")),
        threads=_count(table.get("threads")),
        form=shown_text(table.get("form")),
        versions={shown_text(name): shown_text(value) for name, value in _table(table.get("versions")).items()},
        matrices=roles,
        loop=_loop(table.get("loop")),
    )


def _loop(value: Any) -> dict[str, Any] | None:
    """Return what a run record says of a training loop: plain numbers and texts, and tables of such."""
    if not isinstance(value, dict):
        return None
    return {shown_text(name): _plain_table(inner) if isinstance(inner, dict) else _plain(inner)
            for name, inner in value.items()}  # fmt: skip


def _plain_table(table: Mapping[str, Any]) -> dict[str, Any]:
    return {matrix_name(name): _plain(value) for name, value in table.items()}


def _plain(value: Any) -> int | float | str | None:
    return value if value is None or isinstance(value, int | float) else shown_text(value)


def _measurement_record(run: str, table: Mapping[str, Any]) -> MeasurementRecord | None:
    if not _is_count(table.get("epoch")):
        return None
    matrices = _table(table.get("matrices"))
    if len(matrices) > MOST_MATRICES:
        return None
    numbers = {name: recorded_number(table.get(name)) for name in RUN_COLUMNS if name != "epoch"}
    measured = {matrix_name(name): _matrix(_table(matrix)) for name, matrix in matrices.items()}
    noted = {shown_text(name): recorded_number(value) for name, value in _table(table.get("noted")).items()}
    return MeasurementRecord(
        run=run,
        epoch=table["epoch"],
        seconds=numbers["seconds"],
        learning_rate=numbers["learning_rate"],
        loss=numbers["loss"],
        train_accuracy=numbers["train_accuracy"],
        test_accuracy=numbers["test_accuracy"],
        matrices=measured,
        noted=noted,
    )


def _matrix(table: Mapping[str, Any]) -> MatrixMeasurement:
    return MatrixMeasurement(**{name: read(table.get(name)) for name, read in _MATRIX_READERS})


def _histogram(value: Any) -> Histogram:
    table = _table(value)
    counts = table.get("counts")
    low, high = recorded_number(table.get("low")), recorded_number(table.get("high"))
    if not isinstance(counts, list) or len(counts) > MOST_BINS or not _are_counts(counts) or not low < high:
        return NO_HISTOGRAM
    return Histogram(low, high, _count(table.get("below")), counts, _count(table.get("above")))


def _finding_record(run: str, table: Mapping[str, Any]) -> FindingRecord | None:
    severity, matrix = table.get("severity"), table.get("matrix")
    if severity not in SEVERITIES or not isinstance(matrix, str | None):
        return None
    return FindingRecord(
        run, _count(table.get("epoch")), shown_text(table.get("rule")), severity,
        None if matrix is None else matrix_name(matrix),
        recorded_number(table.get("value")), recorded_number(table.get("limit")),
        shown_text(table.get("message")), shown_text(table.get("advice")),
        _words(table.get("causes")), _words(table.get("evidence")) or ("weights",),
    )  # fmt: skip


def _words(value: Any) -> tuple[str, ...]:
    return tuple(map(shown_text, value)) if isinstance(value, list) else ()


def shown_text(value: Any) -> str:
    """Return a value as text on one line, with control characters replaced by question marks."""
    text = value if isinstance(value, str) else "" if value is None else str(value)
    text = text if len(text) <= MOST_CHARACTERS else f"{text[:MOST_CHARACTERS]}..."
    return harmless(text)


def _table(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < MOST_COUNT


def _are_counts(values: list[Any]) -> bool:
    """Return whether all values are counts; fast, since histograms are most of a record."""
    return {int}.issuperset(map(type, values)) and (not values or 0 <= min(values) <= max(values) < MOST_COUNT)


def _count(value: Any) -> int:
    return value if _is_count(value) else 0


def _optional_text(value: Any) -> str | None:
    return None if value is None else shown_text(value)


_READERS: dict[Any, Callable[[Any], Any]] = {
    "Histogram": _histogram, "int": _count, "float": recorded_number, "str | None": _optional_text,
}  # fmt: skip
_MATRIX_READERS = tuple((field.name, _READERS[field.type]) for field in fields(MatrixMeasurement))
"""Name and parser of each field of a matrix's measurement; looked up once, not for every record."""
