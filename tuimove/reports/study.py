"""One run or the runs of one experiment, prepared for a report: table, findings and pictures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from tuimove.diagnosis.finding import SEVERITIES
from tuimove.recording.reading.course import Course, varied_keys
from tuimove.recording.reading.standing import RunRow
from tuimove.recording.record import clocks_in_words
from tuimove.reports.pictures import HISTOGRAM_KINDS, KINDS, Picture, pictures_of
from tuimove.reports.runs_table import NumberColumn, experiment_rows, number_columns

MOST_FINDINGS = 40
"""Most kinds of findings listed of a study."""


@dataclass(frozen=True)
class Study:
    """A run, or the runs of an experiment."""

    place: str
    """Where the records were read from."""
    courses: list[Course]
    remarks: tuple[str, ...] = ()
    """Messages about records that were skipped."""

    @property
    def title(self) -> str:
        """The preset's title, or else the place of the records."""
        title = self.courses[0].setting("title")
        return title if isinstance(title, str) and title else self.place

    def summary(self) -> str:
        """Return how many runs there are and how they ended, in one line."""
        ended = Counter(course.status for course in self.courses)
        words = ", ".join(f"{count} {status}" for status, count in ended.items())
        reasons = dict.fromkeys(f"; {course.label}: {course.reason}" for course in self.courses if course.reason)
        return f"{self.place}: {words}{''.join(list(reasons)[:MOST_FINDINGS])}"

    def rows(self) -> list[list[str]]:
        """Return the cells of the table of runs, the header first."""
        keys = varied_keys(self.courses)
        columns = number_columns(course.roles for course in self.courses)
        return experiment_rows(keys, [_row(course, keys, columns) for course in self.courses])

    def findings(self) -> list[list[str]]:
        """Return a row per kind of finding, the worst first: severity, rule, matrix, runs, first epoch, message."""
        found: dict[tuple[int, str, str], list[tuple[int, str, str]]] = {}
        for course in self.courses:
            for one in course.findings:
                kind = SEVERITIES.index(one.severity), one.rule, one.matrix or "network"
                found.setdefault(kind, []).append((one.epoch, course.label, f"{one.message} {one.advice}"))
        rows = []
        for (severity, rule, matrix), seen in sorted(found.items(), key=lambda item: -item[0][0])[:MOST_FINDINGS]:
            runs, (epoch, _, words) = len({label for _, label, _ in seen}), min(seen)
            rows.append([SEVERITIES[severity], rule, matrix, f"{runs} of {len(self.courses)}", str(epoch), words])
        return rows

    @property
    def clock(self) -> str:
        """What the runs' records count, in words."""
        return clocks_in_words((course.clock for course in self.courses), "")

    def findings_header(self) -> list[str]:
        """Return the header of the table of findings."""
        return ["severity", "rule", "matrix", "runs", f"first {self.clock}", "in words"]

    def missing(self) -> str:
        """Return a sentence on pictures that the records don't allow; empty where they allow all."""
        lacks = []
        if not any(pictures_of(self.courses, kind) for kind in HISTOGRAM_KINDS):
            lacks.append("They hold no histograms, so the pictures of entries and movements are left out.")
        if not pictures_of(self.courses, "course"):
            lacks.append("They were not measured along the way, so there is no course to draw.")
        return " ".join(lacks)


def _row(course: Course, keys: Sequence[str], columns: Sequence[NumberColumn]) -> RunRow:
    """Return a recorded run as a row of an experiment's table."""
    varied = tuple((key, "-" if (value := course.setting(key)) is None else value) for key in keys)
    matrices: dict[str, dict[str, float]] = {}
    for column in columns:
        if column.matrix is not None:
            matrices.setdefault(column.matrix, {})[column.key] = course.end(f"{column.matrix}.{column.key}")
    measured = {"epoch": f"{course.end('epoch'):g}", "test_accuracy": course.end("test_accuracy"), "matrices": matrices}
    worst = max((SEVERITIES.index(finding.severity) for finding in course.findings), default=-1)
    return RunRow(varied=varied, measured=measured, status=course.status, reason=course.reason, worst=worst,
                  roles=course.roles, clock=course.clock)  # fmt: skip


JUDGED = (
    "A printed number agrees when its mean lies within two standard errors of ours (the standard deviation of our runs "
    "over their number and that of the printed ones); of several printed numbers those are counted that lie within two "
    "standard deviations of our mean. What the document only says agrees when our mean lies in a range that was fixed "
    "beforehand."
)


def all_pictures(study: Study, courses: Sequence[Course]) -> list[Picture]:
    """Return every kind of picture that a study's records allow."""
    return [picture for kind in KINDS for picture in pictures_of(study.courses, kind, courses)]
