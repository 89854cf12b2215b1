"""Compares our runs with the numbers that the source document prints: mean, standard deviation, and agreement."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from tuimove.recording.reading.course import Course
from tuimove.reports.pictures import Picture, PlotSeries
from tuimove.reports.source_document.printed import CLAIMS, Claim
from tuimove.reports.source_document.quantities import NEIGHBOURS, READINGS, TOGETHER
from tuimove.settings.preset import SEED
from tuimove.settings.sweep import load_experiment

TOLERANCE = 2.0
"""Standard errors of the difference of two means within which a printed number agrees."""


@dataclass(frozen=True)
class Compared:
    """One number of the document with our numbers for it."""

    line: Claim
    ours: tuple[float, ...]
    """Our numbers: one for each run, or one for all together."""

    @property
    def mean(self) -> float:
        """Mean of our numbers."""
        return statistics.mean(self.ours)

    @property
    def spread(self) -> float:
        """Standard deviation of our numbers; NaN for a single run."""
        return statistics.stdev(self.ours) if len(self.ours) > 1 else math.nan

    @property
    def agrees(self) -> bool | None:
        """Whether our numbers agree; None where a single run has no spread to judge a printed number by."""
        if not self.line.printed:
            return self.line.least <= self.mean <= self.line.most
        if math.isnan(self.spread):
            return None
        error = self.spread * math.sqrt(1 / len(self.line.printed) + 1 / len(self.ours))
        return abs(self.difference) <= TOLERANCE * error

    @property
    def difference(self) -> float:
        """Our mean minus the mean of the printed numbers; NaN where none is printed."""
        return self.mean - statistics.mean(self.line.printed) if self.line.printed else math.nan

    @property
    def inside(self) -> int:
        """Printed numbers within two standard deviations of our mean."""
        return sum(abs(number - self.mean) <= TOLERANCE * self.spread for number in self.line.printed)


def compare_with_document(courses: Iterable[Course]) -> list[Compared]:
    """Return the document's numbers for which there are finished runs with the same settings."""
    finished = [course for course in courses if course.status == "finished"]
    compared = [Compared(line, _ours(line, _standing_for(line, finished))) for line in CLAIMS]
    return [row for row in compared if row.ours]


def _standing_for(line: Claim, courses: Iterable[Course]) -> list[Course]:
    wanted = _settings_of(line.preset)
    return [
        course for course in courses
        if all(course.setting(key) == value for key, value in line.where.items()) and _seedless(course) in wanted
    ]  # fmt: skip


@lru_cache
def _settings_of(preset: str) -> frozenset[frozenset[tuple[str, object]]]:
    """Return the settings of a shipped preset's runs, without their seeds."""
    return frozenset(
        _seedless(Course("", member.preset.as_dict())) for member in load_experiment(preset).members
    )  # fmt: skip


def _seedless(course: Course) -> frozenset[tuple[str, object]]:
    return frozenset((key, value) for key, value in course.settings().items() if key != SEED)


def _ours(line: Claim, courses: Sequence[Course]) -> tuple[float, ...]:
    if line.quantity in TOGETHER:
        numbers = [TOGETHER[line.quantity](courses)] if len(courses) > NEIGHBOURS else []
    else:
        measure = READINGS.get(line.quantity)
        numbers = [measure(course) if measure else course.end(line.quantity) for course in courses]
    return tuple(number for number in numbers if math.isfinite(number))


def comparison_table(rows: Sequence[Compared]) -> list[list[str]]:
    """Return the cells of a table, its header first: what, where, the document's, ours, whether they agree."""
    cells = [[row.line.words, _printed(row.line), _ours_in_words(row), verdict(row)] for row in rows]
    return [["", "the document", "ours, mean ± sd (runs)", "agrees"], *cells]


def _printed(line: Claim) -> str:
    if len(line.printed) > 1:
        mean, spread = statistics.mean(line.printed), statistics.stdev(line.printed)
        return f"{mean:.3f} ± {spread:.3f}"
    return f"{line.printed[0]:.6f}" if line.printed else line.said


def _ours_in_words(row: Compared) -> str:
    if len(row.ours) == 1:
        return f"{row.mean:.4g}"
    form = ".3f" if row.line.printed else ".4g"
    return f"{row.mean:{form}} ± {row.spread:{'.3f' if row.line.printed else '.3g'}} ({len(row.ours)})"


def verdict(row: Compared) -> str:
    """Return whether our numbers agree, in few words."""
    if row.agrees is None:
        return f"one run alone, {row.difference / statistics.mean(row.line.printed):+.1%}"
    if len(row.line.printed) > 1:
        return f"{'yes' if row.agrees else 'no'}, {row.inside} of {len(row.line.printed)}"
    if row.line.printed and not row.agrees:
        return f"no, {row.difference / row.line.printed[0]:+.1%}"
    return "yes" if row.agrees else "no"


def beside_document(rows: Sequence[Compared]) -> list[Picture]:
    """Return pictures of the document's printed numbers beside ours, one for each of its tables."""
    tables = dict.fromkeys(row.line.place for row in rows if row.line.printed)
    return [_beside([row for row in rows if row.line.place == table and row.line.printed]) for table in tables]


def _beside(rows: Sequence[Compared]) -> Picture:
    printed = [(place - 0.1, number) for place, row in enumerate(rows) for number in row.line.printed]
    ours = [(place + 0.1, number) for place, row in enumerate(rows) for number in row.ours]
    series = (
        PlotSeries("the document", [x for x, _ in printed], [y for _, y in printed], 1, "hollow"),
        PlotSeries("ours", [x for x, _ in ours], [y for _, y in ours], 0, "points"),
    )
    ticks = tuple(row.line.words for row in rows)
    return Picture("distance from the start [weight]", "", series, ticks, figure=rows[0].line.place)
