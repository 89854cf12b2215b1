"""`tuimove check`: diagnoses recorded runs again, with the same findings as when they were trained."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from tuimove.diagnosis.diagnosis import Diagnosis
from tuimove.diagnosis.finding import SEVERITIES, Clock, Severity
from tuimove.diagnosis.run_facts import RunFacts
from tuimove.errors import DataError, ExitCode, harmless
from tuimove.recording.history import invalid_number, recorded_numbers
from tuimove.recording.reading.record_lines import RecordLines
from tuimove.recording.record import SCHEMA, FindingRecord, clock_of, to_json
from tuimove.recording.sinks.finding_watch import FindingWatch
from tuimove.settings.files import shown_path
from tuimove.settings.matrix_role import matrix_name, recorded_roles
from tuimove.settings.preset_reading import Override, diagnosis_keys
from tuimove.settings.wording import counted

MOST_SHOWN = 40
"""Characters of a value that a message shows."""
MOST_REMARKED = 500
"""Characters of a record's remark."""


def check_run(place: str, overrides: Iterable[Override], fail_on: Severity | None) -> ExitCode:
    """Print the findings on a run folder's, a file's or standard input's records, and return the exit code.

    Raises
    ------
    DataError
        When the input holds no record or no measurement.
    PresetError
        When an override isn't a limit.
    """
    watch, counts, checker = FindingWatch(fail_on), Counter[str](), Checker(tuple(overrides))
    records = RecordLines(place)
    for record in records:
        for finding in checker.observe(record):
            print(to_json(finding, histograms=False), flush=True)
            print(f"{finding.severity}: {finding.in_words(checker.clock_of(finding.run))}", file=sys.stderr)
            watch.write(finding)
            counts[finding.severity] += 1
    for remark in filter(None, (records.remark, *(f"{records.name}: {words}" for words in checker.remarks()))):
        print(harmless(remark), file=sys.stderr)
    if not checker.measurements:
        raise DataError(f"{shown_path(place)}: holds no measurements")
    found = ", ".join(counted(counts[severity], severity) for severity in reversed(SEVERITIES) if counts[severity])
    print(f"{counted(checker.measurements, 'measurement')}: {found or 'no findings'}", file=sys.stderr)
    return watch.exit_code(ExitCode.FINISHED)


def told_in(record: dict[str, Any]) -> Iterator[str]:
    """Yield sentences on a run's schema, if it is unknown, and on what its end record remarks."""
    match record:
        case {"record": "run", "schema": int(schema)} if schema > SCHEMA:
            newer = json.dumps(schema)[:MOST_SHOWN]
            yield f"of schema {newer}, newer than the {SCHEMA} known here: what is new is passed over"
        case {"record": "end", "remark": str(remark)}:
            yield remark[:MOST_REMARKED]


class Checker:
    """Diagnoses recorded runs, each with its own state."""

    def __init__(self, overrides: tuple[Override, ...] = ()) -> None:
        self._overrides = overrides
        self._diagnoses: dict[str, Diagnosis] = {}
        self._clocks: dict[str, Clock] = {}
        self._told: list[str] = []
        self._invalid, self._first_invalid = 0, ""
        self.measurements = 0
        """Number of measurements of all runs."""

    def observe(self, record: dict[str, Any]) -> list[FindingRecord]:
        """Return the findings on a record; records of other kinds and missing fields are ignored."""
        run, kind = str(record.get("run", "")), record.get("record")
        if kind == "run":
            self._diagnoses[run] = self._begin(record)
            self._clocks[run] = clock_of(record.get("loop"))
        self._told += told_in(record)
        if kind != "measurement":
            return []
        self._count(record)
        if run not in self._diagnoses:
            self._diagnoses[run] = self._begin({})
        diagnosis, matrices = self._diagnoses[run], record.get("matrices")
        diagnosis.add_matrices([matrix_name(name) for name in matrices] if isinstance(matrices, dict) else ())
        return [FindingRecord.of(run, finding) for finding in diagnosis.observe(recorded_numbers(record))]

    def _count(self, record: dict[str, Any]) -> None:
        """Count a measurement, and whether numbers in it are none."""
        self.measurements += 1
        if invalid := invalid_number(record):
            epoch = f"{self.clock_of(str(record.get('run', '')))} {json.dumps(record.get('epoch'))[:MOST_SHOWN]}"
            self._first_invalid = self._first_invalid or f"{epoch}, {invalid}"
            self._invalid += 1

    def remarks(self) -> list[str]:
        """Return sentences on what was left out of the records, and what they tell of themselves."""
        words = f"{counted(self._invalid, 'measurement')} with invalid numbers, which are left out"
        return [*([f"{words}; the first: {self._first_invalid}"] if self._invalid else []), *dict.fromkeys(self._told)]

    def clock_of(self, run: str) -> Clock:
        """Return what a run's records count."""
        return self._clocks.get(run, "epoch")

    def _begin(self, record: dict[str, Any]) -> Diagnosis:
        preset = record.get("preset")
        limits = diagnosis_keys(preset, self._overrides)
        return Diagnosis(limits, RunFacts.of_record(record), recorded_roles(record))
