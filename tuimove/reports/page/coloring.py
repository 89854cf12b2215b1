"""Which colour and line style each run has, and the legend that says so.

Runs of a sweep are coloured by what is swept: numbers on a scale from small to great, which is logarithmic where the
values are spaced like that, and names in colours of their own. A second swept setting chooses the line style, or with
many values a chart of its own.
"""

from __future__ import annotations

import math
import statistics
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from tuimove.recording.reading.course import Course, described, differ_by_seed_alone, varied_keys
from tuimove.reports.page.axes import shown
from tuimove.reports.page.chart import CATEGORIES, DASHES, SOFT, STEPS, Key, Legend
from tuimove.settings.preset import SEED

LEAST_LOG_RATIO = 8
"""Ratio of the greatest to the least value from which a scale can be logarithmic."""
MOST_KEYS = 10
"""Most values that a legend lists one by one."""

Value = str | float | None


@dataclass(frozen=True)
class Coloring:
    """Colours of the runs of a study."""

    keys: tuple[str, ...]
    """The swept settings apart from the seed; those that always change together count once."""
    tones: dict[Value, str]
    """Colour by the value of the first key; by the run's label where nothing known is swept."""
    dashes: dict[Value, int]
    """Line style by the value of the second key; empty where there is none or it has too many values."""
    legend: Legend | None
    are_replicas: bool
    """Whether the runs differ by their seed alone."""

    def tone(self, course: Course) -> str:
        """Return a run's colour."""
        return self.tones.get(_value(course, self.keys[0]) if self.keys else course.label, "k0")

    def dash(self, course: Course) -> int:
        """Return a run's line style."""
        return self.dashes.get(_value(course, self.keys[1]), 0) if len(self.keys) > 1 else 0

    def name(self, course: Course) -> str:
        """Return what tells a run from the others."""
        return described(course, self.keys) if self.keys else course.label

    def panels(self, courses: Sequence[Course]) -> list[tuple[str, list[Course]]]:
        """Return the runs for each chart of a quantity: all of them, or those of each value of the second key."""
        if len(self.keys) < 2 or self.dashes:
            return [("", list(courses))]
        values = ordered(_value(course, self.keys[1]) for course in courses)
        name = in_words(self.keys[1])
        return [
            (f"{name} {value_text(value)}", [course for course in courses if _value(course, self.keys[1]) == value])
            for value in values
        ]


def coloring_of(courses: Sequence[Course]) -> Coloring:
    """Return the colours for the runs of a study."""
    keys = swept_keys(courses)
    if not keys:
        return _coloring_by_run(courses)
    values = ordered(_value(course, keys[0]) for course in courses)
    tones = tones_of(values)
    second = ordered(_value(course, keys[1]) for course in courses) if len(keys) > 1 else []
    dashes = {value: place for place, value in enumerate(second)} if len(second) <= DASHES else {}
    return Coloring(tuple(keys), tones, dashes, _legend(keys, values, tones, dashes), are_replicas=False)


def _coloring_by_run(courses: Sequence[Course]) -> Coloring:
    """Return the colours of runs that differ by their seed alone, or in nothing that their settings tell."""
    labels = [*dict.fromkeys(course.label for course in courses)]
    if len(courses) == 1 or differ_by_seed_alone(courses):
        return Coloring((), dict.fromkeys(labels, "k0"), {}, None, are_replicas=len(courses) > 1)
    tones: dict[Value, str] = {label: f"k{place}" if place < CATEGORIES else SOFT for place, label in enumerate(labels)}
    keys = tuple(Key(tones[label], label) for label in labels[:CATEGORIES])
    more = (Key(SOFT, f"{len(labels) - CATEGORIES} more"),) if len(labels) > CATEGORIES else ()
    return Coloring((), tones, {}, Legend("run", keys + more), are_replicas=False)


def swept_keys(courses: Sequence[Course]) -> list[str]:
    """Return the settings in which runs differ apart from the seed, the one to colour by first.

    Of settings that change together one is returned. Numbers come before names, and many values before few.
    """
    found: list[str] = []
    for key in varied_keys(courses):
        if key != SEED and not any(_go_together(courses, key, other) for other in found):
            found.append(key)
    return sorted(found, key=lambda key: _rank([_value(course, key) for course in courses]))


def _go_together(courses: Sequence[Course], one: str, other: str) -> bool:
    pairs = {(_value(course, one), _value(course, other)) for course in courses}
    return len(pairs) == len({a for a, _ in pairs}) == len({b for _, b in pairs})


def _rank(values: Sequence[Value]) -> tuple[bool, int]:
    return not all(isinstance(value, int | float) for value in values), -len(set(values))


def _value(course: Course, key: str) -> Value:
    return course.setting(key)


def ordered(values: object) -> list[Value]:
    """Return the distinct values: numbers by size, then names as they come, then what is missing."""
    distinct: list[Value] = [*dict.fromkeys(values)]  # type: ignore[call-overload]
    numbers = sorted(value for value in distinct if isinstance(value, int | float))
    names = [value for value in distinct if isinstance(value, str)]
    return [*numbers, *names, *([None] if None in distinct else [])]


def tones_of(values: Sequence[Value]) -> dict[Value, str]:
    """Return a colour for each of the ordered values."""
    numbers = [value for value in values if isinstance(value, int | float)]
    if len(numbers) < len(values):
        return {value: f"k{place}" if place < CATEGORIES else SOFT for place, value in enumerate(values)}
    return {value: f"q{step}" for value, step in zip(values, _steps(numbers), strict=True)}


def _steps(numbers: Sequence[float]) -> list[int]:
    """Return the place of each ascending number on the scale of colours; by rank where two would have the same."""
    if len(numbers) < 2:
        return [STEPS - 1] * len(numbers)
    places = [math.log(number) for number in numbers] if are_log_spaced(numbers) else list(numbers)
    steps = [round((place - places[0]) / (places[-1] - places[0]) * (STEPS - 1)) for place in places]
    if len(numbers) <= MOST_KEYS and len(set(steps)) < len(steps):
        return [round(rank * (STEPS - 1) / (len(numbers) - 1)) for rank in range(len(numbers))]
    return steps


def are_log_spaced(numbers: Sequence[float]) -> bool:
    """Return whether the median of ascending numbers is nearer the middle in their logarithms."""
    if len(numbers) < 2:
        return False
    low, high = numbers[0], numbers[-1]
    if low <= 0 or high < LEAST_LOG_RATIO * low:
        return False
    linear = (statistics.median(numbers) - low) / (high - low)
    logarithmic = statistics.median(math.log(number / low) for number in numbers) / math.log(high / low)
    return abs(logarithmic - 0.5) <= abs(linear - 0.5)


def _legend(keys: Sequence[str], values: Sequence[Value], tones: dict[Value, str], dashes: dict[Value, int]) -> Legend:
    numbers = [value for value in values if isinstance(value, int | float)]
    styles = tuple(
        Key("ink", f"{in_words(keys[1])} {value_text(value)}", dash) for value, dash in dashes.items()
    )  # fmt: skip
    if len(numbers) == len(values) > MOST_KEYS:
        scale = ", log scale" if are_log_spaced(numbers) else ""
        return Legend(f"{in_words(keys[0])}{scale}", styles, _ramp(numbers))
    listed = list(values) if len(values) <= MOST_KEYS else values[:CATEGORIES]
    own = tuple(Key(tones[value], value_text(value)) for value in listed)
    more = (Key(SOFT, f"{len(values) - len(listed)} more"),) if len(listed) < len(values) else ()
    return Legend(in_words(keys[0]), own + more + styles)


def told_apart(courses: Sequence[Course]) -> list[Course]:
    """Return the runs with a number behind each label that several have."""
    count = Counter(course.label for course in courses)
    seen: Counter[str] = Counter()
    found = []
    for course in courses:
        seen[course.label] += 1
        label = f"{course.label} ({seen[course.label]})" if count[course.label] > 1 else course.label
        found.append(replace(course, label=label))
    return found


def in_order(courses: Sequence[Course]) -> list[Course]:
    """Return the runs by the values of what is swept, as the legend lists them; otherwise in their order."""
    ranks = [(key, {value: rank for rank, value in enumerate(ordered(_value(course, key) for course in courses))})
             for key in swept_keys(courses)]  # fmt: skip
    return sorted(courses, key=lambda course: [rank[_value(course, key)] for key, rank in ranks])


def _ramp(numbers: Sequence[float]) -> tuple[str, str, str]:
    """Return the numbers at the start, the middle and the end of the scale."""
    low, high = numbers[0], numbers[-1]
    middle = math.sqrt(low * high) if are_log_spaced(numbers) else (low + high) / 2
    return shown(low, 3), shown(middle, 2), shown(high, 3)


def in_words(key: str) -> str:
    """Return a setting's name without its section: `learning rate`; of `data.name`, the section."""
    return key.removesuffix(".name").rpartition(".")[2].replace("_", " ")


def value_text(value: Value) -> str:
    """Return a setting's value as text, `-` where it is missing."""
    return "-" if value is None else value if isinstance(value, str) else shown(value)
