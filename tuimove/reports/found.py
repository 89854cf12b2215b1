"""The findings of a study's runs by kind: severity, rule, matrix and advice, the worst first."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from tuimove.diagnosis.finding import SEVERITIES
from tuimove.recording.reading.course import Course
from tuimove.recording.record import FindingRecord

MOST_FINDINGS = 40
"""Most kinds of findings listed of a study."""


@dataclass(frozen=True)
class Found:
    """One kind of finding, with the runs that had it."""

    number: int
    """Its place in the list, from 1."""
    anchor: str
    """The id of its line on the page."""
    severity: str
    rule: str
    matrix: str
    """The matrix; empty for the whole network."""
    seen: tuple[tuple[Course, FindingRecord], ...]
    """Each finding with its run, the earliest first."""

    @property
    def first(self) -> FindingRecord:
        """The earliest of them."""
        return self.seen[0][1]

    @property
    def worst(self) -> FindingRecord:
        """The one farthest beyond its limit, the earliest of several."""
        return max((one for _, one in self.seen), key=_excess)

    @property
    def runs(self) -> int:
        """Number of runs that had it."""
        return len({id(course) for course, _ in self.seen})


def found_in(courses: Sequence[Course], study: int = 1) -> list[Found]:
    """Return the kinds of findings of runs, the worst first, at most `MOST_FINDINGS`.

    Findings with other advice are of another kind, so that no run is given the advice for another one.
    `study` is the number of the study on its page.
    """
    kinds: dict[tuple[int, str, str], dict[str, list[tuple[Course, FindingRecord]]]] = {}
    for course in courses:
        for one in course.findings:
            kind = SEVERITIES.index(one.severity), one.rule, one.matrix or ""
            kinds.setdefault(kind, {}).setdefault(one.advice, []).append((course, one))
    worst = sorted(kinds.items(), key=lambda item: -item[0][0])
    listed = [(kind, seen) for kind, by_advice in worst for seen in _worst_first([*by_advice.values()])]
    return [
        Found(number, f"finding-{study}-{number}", SEVERITIES[severity], rule, matrix, tuple(sorted(seen, key=_order)))
        for number, ((severity, rule, matrix), seen) in enumerate(listed[:MOST_FINDINGS], 1)
    ]


def _worst_first(kinds: list[list[tuple[Course, FindingRecord]]]) -> list[list[tuple[Course, FindingRecord]]]:
    return sorted(kinds, key=lambda seen: -max(_excess(one) for _, one in seen))


def _excess(one: FindingRecord) -> float:
    """Return how far beyond its limit a finding's number is, as a share of the limit where that isn't zero."""
    excess = abs(one.value - one.limit) / (abs(one.limit) or 1.0)
    return excess if math.isfinite(excess) else 0.0


def _order(seen: tuple[Course, FindingRecord]) -> tuple[int, str, str]:
    course, one = seen
    return one.epoch, course.label, f"{one.message} {one.advice}"
