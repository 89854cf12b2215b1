"""`tuimove check`: diagnoses recorded runs again, with the same findings as when they were trained."""

from __future__ import annotations

import gzip
import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from tuimove.diagnosis.diagnosis import Diagnosis
from tuimove.diagnosis.past import RunFacts
from tuimove.errors import DataError, ExitCode
from tuimove.history import recorded_numbers
from tuimove.preset import Override, diagnosis_keys
from tuimove.record import SEVERITIES, FindingRecord, Severity, to_json
from tuimove.sinks.finding_watch import FindingWatch
from tuimove.sinks.run_folder import RECORDS

STANDARD_INPUT = "-"


def check_run(place: str, overrides: Iterable[Override], fail_on: Severity | None) -> ExitCode:
    """Print the findings on a run folder's, a file's or standard input's records, and return the exit code.

    Raises
    ------
    DataError
        When there is nothing to read, or a line that isn't a record.
    PresetError
        When an override isn't a limit.
    """
    watch, told, checker = FindingWatch(fail_on), Counter[str](), Checker(tuple(overrides))
    for record in read_records(place):
        for finding in checker.observe(record):
            print(to_json(finding, histograms=False), flush=True)
            print(f"{finding.severity}: {finding.in_words()}", file=sys.stderr)
            watch.write(finding)
            told[finding.severity] += 1
    if not checker.measurements:
        raise DataError(f"{place}: holds no measurements")
    counts = ", ".join(_counted(told[severity], severity) for severity in reversed(SEVERITIES) if told[severity])
    print(f"{_counted(checker.measurements, 'measurement')}: {counts or 'no findings'}", file=sys.stderr)
    return watch.exit_code(ExitCode.FINISHED)


def _counted(count: int, word: str) -> str:
    return f"{count} {word}" if count == 1 else f"{count} {word}s"


class Checker:
    """Diagnoses the runs whose records it is shown, each on its own."""

    def __init__(self, overrides: tuple[Override, ...] = ()) -> None:
        self._overrides = overrides
        self._diagnoses: dict[str, Diagnosis] = {}
        self.measurements = 0
        """Of all runs."""

    def observe(self, record: dict[str, Any]) -> list[FindingRecord]:
        """Return what a record gives cause to tell; records of other kinds and missing fields are passed over."""
        run, kind = str(record.get("run", "")), record.get("record")
        if kind == "run":
            self._diagnoses[run] = self._begin(record.get("preset"))
        if kind != "measurement":
            return []
        self.measurements += 1
        if run not in self._diagnoses:
            self._diagnoses[run] = self._begin(None)
        return [FindingRecord.of(run, finding) for finding in self._diagnoses[run].observe(recorded_numbers(record))]

    def _begin(self, preset: Any) -> Diagnosis:
        return Diagnosis(diagnosis_keys(preset, self._overrides), RunFacts.of_preset(preset))


def read_records(place: str) -> Iterator[dict[str, Any]]:
    """Yield the records of a run folder, of a JSON Lines file, gzipped or plain, or of standard input (`-`).

    A last line that was cut short is passed over.

    Raises
    ------
    DataError
        When it can't be read, or another line isn't a record.
    """
    name = "standard input" if place == STANDARD_INPUT else place
    try:
        with _opened(place) as lines:
            yield from _parsed_lines(lines, name)
    except (OSError, EOFError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise DataError(f"{name}: {reason}") from None


@contextmanager
def _opened(place: str) -> Iterator[IO[str]]:
    if place == STANDARD_INPUT:
        yield sys.stdin
        return
    path = Path(place)
    path = path / RECORDS if path.is_dir() else path
    opener: Any = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8") as lines:
        yield lines


def _parsed_lines(lines: IO[str], name: str) -> Iterator[dict[str, Any]]:
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
        except (ValueError, RecursionError):
            if not line.endswith("\n"):
                return  # the last one, cut short when the run was
            raise DataError(f"{name}, line {number}: not a JSON object") from None
        if not isinstance(record, dict):
            raise DataError(f"{name}, line {number}: not a JSON object")
        yield record
