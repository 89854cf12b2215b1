"""The contents of the pictures of recorded runs, in the kinds of figures of the source document.

A picture is numbers and words alone; `text_plots.py` draws it as text and `svg_figures.py` as SVG. A preset's key
`picture` chooses the kind; the default depends on whether it varies anything besides the seed.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from tuimove.diagnosis.matrix_measurement import Histogram
from tuimove.recording.reading.course import Course, described, differ_by_seed_alone, one_per_configuration, varied_keys
from tuimove.recording.record import clocks_in_words
from tuimove.settings.matrix_role import are_own, end_layers, names_of
from tuimove.settings.preset import EPOCHS, SEED

MOST_LINES = 4
"""Most runs with a colour each; of more, each run's line is drawn, and the mean where only seeds differ."""
MOST_COURSES = 20
"""Most lines of single runs that are drawn beside their mean."""
LOG_RATIO = 50
"""Ratio of the greatest to the least number from which an axis is logarithmic."""
MUTED, FIRST = 2, 0
"""Colours of lines in the background and of the main line."""
LEAST_COURSE = 5
"""Least measurements of a run that is drawn as a line over its epochs."""


@dataclass(frozen=True)
class PlotSeries:
    """One line or one set of points of a picture."""

    label: str
    x: Sequence[float]
    y: Sequence[float]
    color: int
    """Colour, 0 to 3; 2 is muted."""
    style: Literal["line", "points", "hollow"] = "line"


@dataclass(frozen=True)
class Picture:
    """The numbers, titles and axes of a plot."""

    title: str
    """What is plotted, with its unit."""
    x_title: str
    series: tuple[PlotSeries, ...]
    ticks: tuple[str, ...] = ()
    """Names of the positions 0, 1, 2, ... on an x axis of categories; empty for numbers."""
    is_log: bool = False
    """Whether the x axis is logarithmic."""
    is_y_log: bool = False
    """Whether the y axis is logarithmic."""
    figure: str = ""
    """The source document's figure of the same kind; empty for networks of another kind."""


def closing_kind(courses: Sequence[Course]) -> str:
    """Return the kind of the closing picture of these runs."""
    asked = courses[0].setting("picture") if courses else None
    if isinstance(asked, str) and asked in KINDS:
        return asked
    return "ends" if set(varied_keys(courses)) - {SEED} else "course"


def pictures_of(courses: Sequence[Course], kind: str, others: Sequence[Course] = ()) -> list[Picture]:
    """Return the pictures of a kind; none where the records lack what they show.

    `others` are searched for one long run with the same settings where `courses` vary the epochs.
    """
    pictures = [picture for picture in KINDS[kind](courses, others) if any(series.x for series in picture.series)]
    stand_for_figures = all(are_own(course.roles) for course in courses)
    return pictures if stand_for_figures else [replace(picture, figure="") for picture in pictures]


def course_pictures(courses: Sequence[Course], _others: Sequence[Course]) -> Iterator[Picture]:
    """Yield distance and norm of the first weights against epochs."""
    for main, watched in _by_main([course for course in courses if len(course.rows) > 2]):
        for column, title in (("distance", f"distance of {main} from its start"), ("norm", f"norm of {main}")):
            clock = clocks_in_words((course.clock for course in watched), "")
            yield Picture(f"{title} [weight]", clock, tuple(_course_series(watched, f"{main}.{column}")),
                          figure="Distance and norm based on epochs")  # fmt: skip


def _by_main(courses: Sequence[Course]) -> Iterator[tuple[str, list[Course]]]:
    """Group the runs by the name of their first weights."""
    for main in [*dict.fromkeys(course.main for course in courses if course.main)][:MOST_LINES]:
        yield main, [course for course in courses if course.main == main]


def _course_series(courses: Sequence[Course], column: str) -> Iterator[PlotSeries]:
    if len(courses) <= MOST_LINES:
        keys = varied_keys(courses)
        for color, course in enumerate(courses):
            yield PlotSeries(described(course, keys) if keys else "", *course.points(column), color)
        return
    step = -(-len(courses) // MOST_COURSES)
    for place, course in enumerate(courses[::step]):
        yield PlotSeries(
            "" if place else f"{len(courses[::step])} of {len(courses)} runs", *course.points(column), MUTED
        )
    if differ_by_seed_alone(courses):  # a mean over anything else that is varied means nothing
        yield PlotSeries("mean", *_mean_points(courses, column), FIRST)


def _mean_points(courses: Sequence[Course], column: str) -> tuple[list[float], list[float]]:
    """Return the mean over runs at the epochs at which all were measured."""
    columns = [dict(zip(*course.points(column), strict=True)) for course in courses]
    epochs = sorted(set.intersection(*map(set, columns))) if columns else []
    return epochs, [statistics.mean(numbers[epoch] for numbers in columns) for epoch in epochs]


def entries_pictures(courses: Sequence[Course], _others: Sequence[Course]) -> Iterator[Picture]:
    """Yield the histogram of the first weights' entries at the start and at the end, for a few runs."""
    shown = one_per_configuration(courses)[:MOST_LINES]
    for course in shown:
        first, last, main = course.first_measurement(), course.last_measurement(), course.main
        if first is None or last is None or main not in first.matrices or main not in last.matrices:
            continue
        before, after = first.matrices[main].histogram, last.matrices[main].histogram
        of = f" ({described(course, varied_keys(shown))})" if len(shown) > 1 else ""
        series = (*_bars("at the start", before, MUTED), *_bars(f"after {last.epoch} {course.clock}s", after, FIRST))
        yield Picture(f"entries of {main}{of} [density, 1/weight]", "weight", series, figure="Weight distribution")


def movement_pictures(courses: Sequence[Course], _others: Sequence[Course]) -> Iterator[Picture]:
    """Yield the histogram of how far the first weights' entries have moved, one line per configuration."""
    shown = one_per_configuration(courses)[:MOST_LINES]
    keys = [key for key in varied_keys(shown) if key != SEED]
    for main, alike in _by_main(shown):
        series: list[PlotSeries] = []
        for color, course in enumerate(alike):
            last = course.last_measurement()
            if last is not None and main in last.matrices:
                series += _bars(described(course, keys) if keys else "", last.matrices[main].movement_histogram, color)
        title = f"movement of those entries of {main} that have moved [density, 1/weight]"
        yield Picture(title, "weight at the end less weight at the start", tuple(series),
                      figure="Weight movement distribution")  # fmt: skip


def _bars(label: str, histogram: Histogram, color: int) -> list[PlotSeries]:
    x, y = histogram_outline(histogram)
    return [PlotSeries(label, x, y, color)] if x else []


def histogram_outline(histogram: Histogram) -> tuple[list[float], list[float]]:
    """Return x and y of a histogram's outline as a density; empty where the records lack it."""
    total = histogram.below + sum(histogram.counts) + histogram.above
    if not total:
        return [], []
    width = (histogram.high - histogram.low) / len(histogram.counts)
    x = [histogram.low + width * (place + side) for place in range(len(histogram.counts)) for side in (0, 1)]
    y = [count / total / width for count in histogram.counts for _ in (0, 1)]
    return x, y


def ends_pictures(courses: Sequence[Course], others: Sequence[Course]) -> Iterator[Picture]:
    """Yield the final distances and norms of runs against the first setting that varies besides the seed."""
    keys = varied_keys(courses)
    if not keys:
        return
    key = next((key for key in keys if key != SEED), keys[0])
    for main, ended in _by_main([course for course in courses if course.setting(key) is not None]):
        yield from _pictures_of_ends(main, ended, key, others)


def _pictures_of_ends(main: str, ended: Sequence[Course], key: str, others: Sequence[Course]) -> Iterator[Picture]:
    """Yield the pictures for runs that share the name of their first weights."""
    places, ticks = _places([course.setting(key) for course in ended])
    is_log = not ticks and _spans_decades(places)
    ends = names_of(end_layers(ended[0].roles))
    columns = (main,) if key == EPOCHS else (main, *(name for name in ends if name != main))
    distances = [
        PlotSeries(name, *_known(places, ended, f"{name}.distance"), color, "points")
        for color, name in zip((0, 1, 3), columns, strict=False)
    ]
    norms = [PlotSeries("", *_known(places, ended, f"{main}.norm"), FIRST, "points")]
    is_y_log = _spans_decades([end for series in distances for end in series.y])
    figure = "Distance moved based on epochs (different networks)" if key == EPOCHS else ""
    x_title = key.rpartition(".")[2].replace("_", " ")
    if key == EPOCHS:
        distances += _trained_on(ended, others, f"{main}.distance")
        norms += _trained_on(ended, others, f"{main}.norm")
    title = f"distance of {main} from its start" if key == EPOCHS else "distances from the start"
    yield Picture(f"{title} at the end [weight]", x_title, tuple(distances), ticks, is_log, is_y_log, figure)
    yield Picture(f"norm of {main} at the end [weight]", x_title, tuple(norms), ticks, is_log, figure=figure)


def _places(values: Sequence[str | float | None]) -> tuple[list[float], tuple[str, ...]]:
    """Return the positions of values on an axis, and tick names where they aren't all numbers."""
    if all(isinstance(value, int | float) for value in values):
        return [float(value) for value in values if isinstance(value, int | float)], ()
    names = [str(value) for value in values]
    ticks = tuple(dict.fromkeys(names))
    return [float(ticks.index(name)) for name in names], ticks


def _spans_decades(numbers: Sequence[float]) -> bool:
    return bool(numbers) and min(numbers) > 0 and max(numbers) > LOG_RATIO * min(numbers)


def _known(places: Sequence[float], courses: Sequence[Course], column: str) -> tuple[list[float], list[float]]:
    ends = [(place, course.end(column)) for place, course in zip(places, courses, strict=True)]
    known = [(place, end) for place, end in ends if math.isfinite(end)]
    return [place for place, _ in known], [end for _, end in known]


def _trained_on(courses: Sequence[Course], others: Sequence[Course], column: str) -> list[PlotSeries]:
    """Return the line of the longest run with the same settings but more measurements, if there is one."""
    wanted = _without_length(courses[0].settings())
    fitting = [
        course for course in (*courses, *others)
        if len(course.rows) >= LEAST_COURSE and _without_length(course.settings()) == wanted
    ]  # fmt: skip
    if not fitting:
        return []
    longest = max(fitting, key=lambda course: course.end("epoch"))
    return [PlotSeries("one network trained on", *longest.points(column), 1)]


def _without_length(settings: Mapping[str, object]) -> dict[str, object]:
    return {key: value for key, value in settings.items() if key not in (EPOCHS, SEED)}


KINDS: dict[str, Callable[[Sequence[Course], Sequence[Course]], Iterator[Picture]]] = {
    "course": course_pictures,
    "entries": entries_pictures,
    "movement": movement_pictures,
    "ends": ends_pictures,
}
"""Pictures by the values of a preset's `picture`."""
HISTOGRAM_KINDS = ("entries", "movement")
"""Kinds that need the records' histograms."""
