"""How fast this machine has trained: seconds per epoch and image, by width, from the newest finished runs."""

from __future__ import annotations

import io
import os
import statistics
from collections.abc import Iterable, Mapping
from pathlib import Path

from tuimove.errors import DataError
from tuimove.recording.folder.recent_runs import recent_runs
from tuimove.recording.folder.run_summary import run_record_in
from tuimove.recording.reading.parsing import record_of
from tuimove.recording.reading.record_lines import table_in
from tuimove.recording.reading.run_folders import RECORDS
from tuimove.recording.record import EndRecord
from tuimove.settings.files import open_regular

READ = 40
"""Newest runs that are read."""
MOST_PER_WIDTH = 5
"""Newest runs of a width whose median counts: one that was paused for long doesn't."""
LEAST_SECONDS = 0.1
END_BYTES = 4096
"""Bytes at the end of the records, among which the end record is."""


def measured_rates() -> Mapping[int, float]:
    """Return the seconds that an epoch took for each image, by the number of hidden neurons."""
    found: dict[int, list[float]] = {}
    for hidden, seconds in filter(
        None, (_rate_in(run.folder) for run in recent_runs(READ)[0] if not run.is_experiment)
    ):
        found.setdefault(hidden, []).append(seconds)
    return {hidden: statistics.median(seconds[:MOST_PER_WIDTH]) for hidden, seconds in found.items()}


def _rate_in(folder: Path) -> tuple[int, float] | None:
    """Return a finished run's hidden neurons and seconds; None for any other folder."""
    run, end = run_record_in(folder), _end_in(folder / RECORDS)
    if run is None or end is None or end.status != "finished":
        return None
    network = run.preset.get("network")
    hidden, images = network.get("hidden") if isinstance(network, dict) else None, run.data.get("train")
    if not isinstance(hidden, int) or not isinstance(images, int) or min(hidden, images, end.epochs) < 1:
        return None
    return (hidden, end.seconds / (end.epochs * images)) if end.seconds > LEAST_SECONDS else None


def _end_in(path: Path) -> EndRecord | None:
    try:
        with io.BufferedReader(open_regular(path)) as stream:
            stream.seek(max(0, os.fstat(stream.fileno()).st_size - END_BYTES))
            lines = stream.read(END_BYTES).splitlines()
    except (DataError, OSError):
        return None
    return _end_of(reversed(lines))


def _end_of(lines: Iterable[bytes]) -> EndRecord | None:
    table = table_in(next(iter(lines), b""))
    record = record_of(table) if table is not None else None
    return record if isinstance(record, EndRecord) else None
