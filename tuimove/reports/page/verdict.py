"""What a reader wants first of a study: how its runs ended, the worst that was found, and how far the weights moved."""

from __future__ import annotations

import math
import statistics
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from tuimove.recording.reading.course import Course
from tuimove.reports.found import Found
from tuimove.reports.page.axes import shown
from tuimove.reports.page.coloring import Coloring
from tuimove.reports.study import Study

MOST_REASONS = 5


@dataclass(frozen=True)
class Verdict:
    """The first lines of a study."""

    level: str
    """`good`, or the severity that colours it: `notice`, `warning` or `alarm`."""
    headline: str
    lines: tuple[str, ...]
    anchor: str = ""
    """The id of the finding that it is about; empty for none."""


def verdict_of(study: Study, coloring: Coloring, found: Sequence[Found]) -> Verdict:
    """Return the verdict on a study."""
    worst = found[0] if found and found[0].severity != "notice" else None
    lines = (*_ended(study), *([_in_words(worst, study)] if worst else []), *_moved(study.courses, coloring))
    failed = sum(course.status == "failed" for course in study.courses)
    unfinished = any(course.status != "finished" for course in study.courses)
    level = "alarm" if failed else worst.severity if worst else "notice" if unfinished else "good"
    return Verdict(level, _headline(study, failed, worst, found), lines, worst.anchor if worst else "")


def _headline(study: Study, failed: int, worst: Found | None, found: Sequence[Found]) -> str:
    count = len(study.courses)
    if failed:
        return "The run failed." if count == 1 else f"{failed} of {count} runs failed."
    if worst:
        return f"{worst.severity.capitalize()}: {worst.worst.message}"
    unfinished = sum(course.status != "finished" for course in study.courses)
    if unfinished:
        return "The run hasn't finished." if count == 1 else f"{unfinished} of {count} runs haven't finished."
    kinds = f"; {len(found)} {'notice' if len(found) == 1 else 'notices'}" if found else ""
    return f"No alarm and no warning{kinds}."


def _ended(study: Study) -> Iterator[str]:
    """Yield how many runs ended how, why some failed, and what some measurements lack."""
    ended = Counter(course.status for course in study.courses)
    count = len(study.courses)
    words = ", ".join(f"{number} {status}" for status, number in ended.items())
    yield f"{count} {'run' if count == 1 else 'runs'}: {words}."
    yield from _first_few(f"{course.label}: {course.reason}" for course in study.courses if course.reason)
    yield from _first_few(f"{course.label}: {course.remark}." for course in study.courses if course.remark)


def _first_few(lines: Iterable[str]) -> Iterator[str]:
    distinct = [*dict.fromkeys(lines)]
    yield from distinct[:MOST_REASONS]
    if len(distinct) > MOST_REASONS:
        yield f"and {len(distinct) - MOST_REASONS} more"


def _in_words(worst: Found, study: Study) -> str:
    where = f" on {worst.matrix}" if worst.matrix else ""
    share = f" in {worst.runs} of {len(study.courses)} runs" if len(study.courses) > 1 else ""
    return f"{worst.rule}{where}{share}, first at {study.clock} {worst.first.epoch}."


def _moved(courses: Sequence[Course], coloring: Coloring) -> Iterator[str]:
    """Yield where the distance of the first weights and the accuracy ended, for runs with the same first weights."""
    mains = [*dict.fromkeys(course.main for course in courses if course.main)]
    if len(mains) == 1:
        yield from _spread(
            courses, coloring, f"{mains[0]}.distance", f"{mains[0]}'s distance from its start at the end"
        )
    yield from _spread(courses, coloring, "test_accuracy", "Test accuracy at the end")


def _spread(courses: Sequence[Course], coloring: Coloring, column: str, title: str) -> Iterator[str]:
    ends = [(course.end(column), course) for course in courses if math.isfinite(course.end(column))]
    numbers = [end for end, _ in ends]
    if len(numbers) == 1:
        yield f"{title}: {_short(numbers[0])}."
    elif coloring.are_replicas and numbers:
        farthest = max(course.end("epoch") for _, course in ends)
        numbers = [end for end, course in ends if course.end("epoch") == farthest]
        mean, sd = statistics.fmean(numbers), statistics.stdev(numbers) if len(numbers) > 1 else 0.0
        yield f"{title}: {_short(mean)} ± {sd:.2g} (mean and standard deviation of {_seeds(len(numbers), len(ends))})."
    elif numbers:
        (low, least), (high, most) = min(ends, key=lambda one: one[0]), max(ends, key=lambda one: one[0])
        if _short(low) == _short(high):
            yield f"{title}: {_short(low)} in all."
            return
        yield f"{title}: from {_short(low)} ({coloring.name(least)}) to {_short(high)} ({coloring.name(most)})."


def _short(number: float) -> str:
    return shown(number, 4)


def _seeds(used: int, count: int) -> str:
    return f"{count} seeds" if used == count else f"the {used} of {count} seeds that went farthest"
