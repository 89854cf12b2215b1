"""Recorded runs read back whole: preset, numbers, findings and end, for reports, comparisons and pictures.

Nothing here draws or judges.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from tuimove.diagnosis.finding import Clock
from tuimove.errors import DataError
from tuimove.recording.history import measured_numbers, recorded_numbers
from tuimove.recording.reading.parsing import record_of, run_label, shown_text
from tuimove.recording.reading.record_lines import RecordLines
from tuimove.recording.reading.run_folders import readable_parts
from tuimove.recording.record import EndRecord, FindingRecord, MeasurementRecord, clock_of
from tuimove.settings.files import shown_path
from tuimove.settings.matrix_role import OWN_ROLES, Roles, main_name, recorded_roles
from tuimove.settings.preset import SEED

XAxis = Literal["epoch", "log-epoch", "seconds"]
SETTINGS = ("network", "training", "data")
"""The sections of a preset that decide what a run computes."""


@dataclass
class Course:
    """What a report needs of one recorded run."""

    label: str
    preset: dict[str, Any] = field(default_factory=dict)
    """The recorded preset, not validated; read it through `setting`."""
    roles: Roles = OWN_ROLES
    """Matrices that the run record lists; measurements may hold others too."""
    clock: Clock = "epoch"
    """What the records' epochs count."""
    rows: list[dict[str, float]] = field(default_factory=list)
    """Numbers of the measurements, by column of the history."""
    findings: list[FindingRecord] = field(default_factory=list)
    status: str = "unfinished"
    """Status of the end record; `unfinished` where there is none."""
    reason: str = ""
    """Why it failed."""
    remark: str = ""
    """What its measurements lack, in words."""
    _first: dict[str, Any] | MeasurementRecord | None = None
    _last: dict[str, Any] | MeasurementRecord | None = None

    @property
    def main(self) -> str:
        """Name of the matrix that pictures show; empty where there is none."""
        return main_name(self.roles)

    def take(self, table: dict[str, Any], numbers: dict[str, float] | None = None) -> None:
        """Add one of the run's records, as a table; anything else is ignored.

        `numbers` are a measurement's numbers by column, where the caller has them already.
        """
        match table.get("record"):
            case "measurement":
                self._first, self._last = self._first or table, table
                self.status, self.reason, self.remark = "unfinished", "", ""  # a run that had ended was resumed
                self.rows.append(recorded_numbers(table) if numbers is None else numbers)
            case "finding" if isinstance(finding := record_of(table), FindingRecord):
                self.findings.append(finding)
            case "end" if isinstance(end := record_of(table), EndRecord):
                self.status, self.reason, self.remark = end.status, end.reason or "", end.remark or ""

    def observe(self, record: MeasurementRecord) -> None:
        """Add a measurement of a run that is trained in this process."""
        self._first, self._last = self._first or record, record
        numbers = measured_numbers(record)
        self.rows.append({name: number for name, number in numbers.items() if math.isfinite(number)})

    def points(self, column: str, axis: XAxis = "epoch") -> tuple[list[float], list[float]]:
        """Return x and y of a column's measurements; on a logarithmic axis, epoch 0 is left out."""
        known = [row for row in self.rows if column in row]
        if axis == "seconds":
            pairs = [(row["seconds"], row[column]) for row in known if "seconds" in row]
        elif axis == "log-epoch":
            pairs = [(math.log10(row["epoch"]), row[column]) for row in known if row.get("epoch", 0) >= 1]
        else:
            pairs = [(row["epoch"], row[column]) for row in known if "epoch" in row]
        return [x for x, _ in pairs], [y for _, y in pairs]

    def end(self, column: str) -> float:
        """Return a column's number at the last measurement, NaN where it is missing."""
        return self.rows[-1].get(column, math.nan) if self.rows else math.nan

    def setting(self, key: str) -> str | float | None:
        """Return a key of the preset, such as `network.hidden`; None where it isn't text or a number."""
        section, _, name = key.rpartition(".")
        table = self.preset.get(section) if section else self.preset
        value = table.get(name) if isinstance(table, dict) else None
        if isinstance(value, str):
            return shown_text(value)
        return value if isinstance(value, int | float) and not isinstance(value, bool) else None

    def settings(self) -> dict[str, str | float | None]:
        """Return the settings that decide what the run computes, by dotted key."""
        tables = {section: self.preset.get(section) for section in SETTINGS}
        keys = [f"{section}.{shown_text(name)}" for section, table in tables.items() if isinstance(table, dict)
                for name in table]  # fmt: skip
        return {key: self.setting(key) for key in keys}

    def first_measurement(self) -> MeasurementRecord | None:
        """Return the first measurement, with its histograms if they were recorded."""
        return _measurement(self._first)

    def last_measurement(self) -> MeasurementRecord | None:
        """Return the last measurement, with its histograms if they were recorded."""
        return _measurement(self._last)


def _measurement(record: dict[str, Any] | MeasurementRecord | None) -> MeasurementRecord | None:
    read = record_of(record) if isinstance(record, dict) else record
    return read if isinstance(read, MeasurementRecord) else None


def read_courses(place: str, say: Callable[[str], None]) -> list[Course]:
    """Return the runs in a folder, an experiment's folder, a file or standard input; raises a DataError for none.

    `say` is called with messages about what was skipped.
    """
    courses: dict[str, Course] = {}
    for part in readable_parts(place, say):
        records = RecordLines(part)
        for record in records:
            run = str(record.get("run", ""))
            if record.get("record") == "run":
                courses[run] = begin_course(record, place)
            courses.setdefault(run, Course(shown_text(place))).take(record)
        if records.remark:
            say(shown_text(records.remark))
    measured = [course for course in courses.values() if course.rows]
    if not measured:
        raise DataError(f"{shown_path(place)}: holds no measurements")
    return measured


def begin_course(record: dict[str, Any], place: str) -> Course:
    """Return a run with its first record only."""
    preset = record.get("preset")
    settings = preset if isinstance(preset, dict) else {}
    return Course(run_label(record, place), settings, recorded_roles(record), clock_of(record.get("loop")))


def varied_keys(courses: Sequence[Course]) -> list[str]:
    """Return the settings in which runs differ, in the order of the records."""
    settings = [course.settings() for course in courses]
    keys = dict.fromkeys(key for of_run in settings for key in of_run)
    return [key for key in keys if len({of_run.get(key) for of_run in settings}) > 1]


def differ_by_seed_alone(courses: Sequence[Course]) -> bool:
    """Return whether a mean over these runs means something: their settings are known, and equal but for the seed."""
    return set(varied_keys(courses)) <= {SEED} and all(course.setting(SEED) is not None for course in courses)


def one_per_configuration(courses: Sequence[Course]) -> list[Course]:
    """Return one run per configuration, seeds ignored: the first of each."""
    keys = [key for key in varied_keys(courses) if key != SEED]
    first: dict[tuple[object, ...], Course] = {}
    for course in courses:
        first.setdefault(tuple(course.setting(key) for key in keys), course)
    return list(first.values())


def described(course: Course, keys: Iterable[str]) -> str:
    """Return a run's values for some settings in words, or its label where there are none."""
    words = [_in_words(key, course.setting(key)) for key in keys]
    return ", ".join(words) or course.label


def _in_words(key: str, value: str | float | None) -> str:
    name = key.rpartition(".")[2].replace("_", " ")
    return value if isinstance(value, str) else f"{name} {'-' if value is None else f'{value:g}'}"
