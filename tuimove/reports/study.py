"""One run or the runs of one experiment, prepared for a report: table, findings and pictures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from tuimove.diagnosis.finding import SEVERITIES
from tuimove.recording.reading.course import Course, differ_by_seed_alone, varied_keys
from tuimove.recording.reading.standing import RunRow
from tuimove.recording.record import clocks_in_words
from tuimove.reports.found import MOST_FINDINGS, found_in
from tuimove.reports.pictures import HISTOGRAM_KINDS, pictures_of
from tuimove.reports.runs_table import MOST_ROWS, NumberColumn, experiment_rows, number_columns


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
        """The title of the runs' preset, or else the place of the records."""
        titles = {course.setting("title") for course in self.courses}
        title = titles.pop()
        return title if isinstance(title, str) and title and not titles else self.place

    def summary(self) -> str:
        """Return how many runs there are and how they ended, in one line."""
        ended = Counter(course.status for course in self.courses)
        words = ", ".join(f"{count} {status}" for status, count in ended.items())
        reasons = dict.fromkeys(f"; {course.label}: {course.reason}" for course in self.courses if course.reason)
        return f"{self.place}: {words}{''.join(list(reasons)[:MOST_FINDINGS])}"

    def rows(self, most: int = MOST_ROWS) -> list[list[str]]:
        """Return the cells of the table of runs, the header first; with a mean where only seeds differ."""
        keys = varied_keys(self.courses)
        return experiment_rows(keys, self.run_rows(), has_summary=differ_by_seed_alone(self.courses), most=most)

    def run_rows(self) -> list[RunRow]:
        """Return each run as a row of an experiment's table."""
        keys, columns = varied_keys(self.courses), number_columns(course.roles for course in self.courses)
        return [_row(course, keys, columns) for course in self.courses]

    def findings(self) -> list[list[str]]:
        """Return a row per kind of finding, the worst first: severity, rule, matrix, runs, first epoch, message."""
        return [
            [one.severity, one.rule, one.matrix or "network", f"{one.runs} of {len(self.courses)}",
             str(one.first.epoch), f"{one.worst.message} {one.worst.advice}"] for one in found_in(self.courses)
        ]  # fmt: skip

    @property
    def clock(self) -> str:
        """What the runs' records count, in words."""
        return clocks_in_words((course.clock for course in self.courses), "")

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
