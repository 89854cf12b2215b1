"""`tuimove check`: diagnoses recorded runs again, with the same findings as when they were trained."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable
from typing import Any

from tuimove.diagnosis.diagnosis import Diagnosis
from tuimove.diagnosis.finding import SEVERITIES, Clock, Severity
from tuimove.diagnosis.run_facts import RunFacts
from tuimove.errors import DataError, ExitCode, harmless
from tuimove.recording.history import recorded_numbers
from tuimove.recording.reading.record_lines import RecordLines
from tuimove.recording.record import FindingRecord, clock_of, to_json
from tuimove.recording.sinks.finding_watch import FindingWatch
from tuimove.settings.files import shown_path
from tuimove.settings.matrix_role import matrix_name, recorded_roles
from tuimove.settings.preset_reading import Override, diagnosis_keys
from tuimove.settings.wording import counted


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
    if records.remark:
        print(harmless(records.remark), file=sys.stderr)
    if not checker.measurements:
        raise DataError(f"{shown_path(place)}: holds no measurements")
    found = ", ".join(counted(counts[severity], severity) for severity in reversed(SEVERITIES) if counts[severity])
    print(f"{counted(checker.measurements, 'measurement')}: {found or 'no findings'}", file=sys.stderr)
    return watch.exit_code(ExitCode.FINISHED)


class Checker:
    """Diagnoses recorded runs, each with its own state."""

    def __init__(self, overrides: tuple[Override, ...] = ()) -> None:
        self._overrides = overrides
        self._diagnoses: dict[str, Diagnosis] = {}
        self._clocks: dict[str, Clock] = {}
        self.measurements = 0
        """Number of measurements of all runs."""

    def observe(self, record: dict[str, Any]) -> list[FindingRecord]:
        """Return the findings on a record; records of other kinds and missing fields are ignored."""
        run, kind = str(record.get("run", "")), record.get("record")
        if kind == "run":
            self._diagnoses[run] = self._begin(record)
            self._clocks[run] = clock_of(record.get("loop"))
        if kind != "measurement":
            return []
        self.measurements += 1
        if run not in self._diagnoses:
            self._diagnoses[run] = self._begin({})
        diagnosis, matrices = self._diagnoses[run], record.get("matrices")
        diagnosis.add_matrices([matrix_name(name) for name in matrices] if isinstance(matrices, dict) else ())
        return [FindingRecord.of(run, finding) for finding in diagnosis.observe(recorded_numbers(record))]

    def clock_of(self, run: str) -> Clock:
        """Return what a run's records count."""
        return self._clocks.get(run, "epoch")

    def _begin(self, record: dict[str, Any]) -> Diagnosis:
        preset = record.get("preset")
        limits = diagnosis_keys(preset, self._overrides)
        return Diagnosis(limits, RunFacts.of_record(record), recorded_roles(record))
