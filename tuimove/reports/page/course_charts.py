"""Charts of what was measured along the way: a line for each run, and where the findings came.

Means and ranges are drawn only over runs that differ by their seed alone.
"""

from __future__ import annotations

import statistics
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from tuimove.recording.reading.course import Course, differ_by_seed_alone
from tuimove.recording.record import clocks_in_words
from tuimove.reports.found import Found
from tuimove.reports.page.axes import has_outliers, spans_decades
from tuimove.reports.page.chart import Band, Chart, Drawn, Gallery, Key, Legend, Mark
from tuimove.reports.page.coloring import Coloring
from tuimove.settings.matrix_role import foremost, names_of, united
from tuimove.settings.preset import SEED

MOST_LINES = 150
"""Most lines in a chart; of more runs, every n-th is drawn."""
MOST_BANDS = 8
"""Most groups of runs whose range is drawn beside their mean; of more, the mean alone."""
LEAST_REPLICAS = 3
"""Least runs that differ by their seed alone for a mean."""
MOST_POINTS = 100
"""Most points of a kind of finding in a chart."""
MOST_MAINS = 4
"""Most first weights of different names that are drawn."""
MOST_MATRICES = 16
"""Most matrices whose distance is drawn, the first weights among them."""
MOST_CHARTS = 36
"""Most charts of one gallery."""


MOST_READ = 4096
"""Most matrices among which those drawn are chosen."""
MOST_FAINT = 20
"""Most single runs that are drawn behind the mean of all."""
DISTANCE = (
    "The root of the summed squared changes of its entries. A healthy run rises quickly, then ever more slowly; "
    "a jump or a fall is worth a look."
)
NORM = "Its length: the root of the sum of its squared entries. Below its start, the weights have shrunk."
LOSS = "Lower is better; a rise means that the steps are too long."
LOGARITHMIC = "Logarithmic: each step up is a multiple; a start at 0 is left out."
ACCURACY = "The share of test samples that are classified rightly; higher is better."


@dataclass(frozen=True)
class Quantity:
    """A column of the measurements, and what is said of it."""

    column: str
    title: str
    unit: str
    caption: str
    matrix: str = ""
    """The matrix that it is a number of; empty for the whole network."""
    marks_network: bool = False
    """Whether findings about the whole network are marked in it."""


def course_galleries(courses: Sequence[Course], coloring: Coloring, found: Sequence[Found]) -> Iterator[Gallery]:
    """Yield the charts over the epochs: of the first weights and the scores, then of each other matrix."""
    watched = [course for course in courses if len(course.rows) > 2]
    clock = clocks_in_words((course.clock for course in watched), "")
    words = _words(watched, coloring, found)
    if charts := _all_charts(_quantities(watched), watched, coloring, found):
        yield Gallery(f"Over the {clock}s", words, charts, _legend(watched, charts, coloring))
    if charts := _all_charts(_other_matrices(watched), watched, coloring, found):
        scales = "How far each of the other matrices is from where it started; each chart has its own scale."
        yield Gallery(
            "The other matrices", f"{scales} {words}", charts, _legend(watched, charts, coloring), is_small=True
        )


def _all_charts(
    quantities: Iterable[Quantity], courses: Sequence[Course], coloring: Coloring, found: Sequence[Found]
) -> tuple[Chart, ...]:
    charts = [chart for quantity in quantities for chart in _charts(quantity, courses, coloring, found)]
    return tuple(charts[:MOST_CHARTS])


def _mains(courses: Sequence[Course]) -> list[str]:
    return [*dict.fromkeys(course.main for course in courses if course.main)][:MOST_MAINS]


def _quantities(courses: Sequence[Course]) -> Iterator[Quantity]:
    for main in _mains(courses):
        yield Quantity(f"{main}.distance", f"Distance of {main} from its start", "weight", DISTANCE, main, True)
        yield Quantity(f"{main}.norm", f"Norm of {main}", "weight", NORM, main)
    yield Quantity("loss", "Training loss", "loss", LOSS, marks_network=True)
    for column, title in (("mean_loss", "Mean training loss"), ("validation_loss", "Validation loss")):
        yield Quantity(column, title, "loss", "As the training loop noted it; lower is better.", marks_network=True)
    yield Quantity("test_accuracy", "Test accuracy", "share", ACCURACY, marks_network=True)


def _other_matrices(courses: Sequence[Course]) -> Iterator[Quantity]:
    """Yield the distances of the matrices besides the first weights; without captions, since all show the same."""
    mains, roles = _mains(courses), united((course.roles for course in courses), MOST_READ)
    for name in names_of(foremost(roles, MOST_MATRICES)):
        if name not in mains:
            yield Quantity(f"{name}.distance", name, "weight", "", name)


def _charts(
    quantity: Quantity, courses: Sequence[Course], coloring: Coloring, found: Sequence[Found]
) -> Iterator[Chart]:
    measured = [course for course in courses if len(course.points(quantity.column)[0]) > 1]
    for name, shown in coloring.panels(measured):
        if not shown:
            continue
        drawn, bands = _lines(quantity.column, shown, coloring)
        is_y_log = quantity.unit != "share" and _is_far_apart(drawn)
        title = f"{quantity.title}, {name}" if name else quantity.title
        caption = f"{quantity.caption} {LOGARITHMIC if is_y_log else ''}".strip()
        clock = clocks_in_words((course.clock for course in shown), "")
        yield Chart(title, caption, clock, quantity.unit, tuple(drawn), tuple(bands),
                    tuple(_marks(quantity, shown, found)), is_y_log=is_y_log)  # fmt: skip


def _lines(column: str, courses: Sequence[Course], coloring: Coloring) -> tuple[list[Drawn], list[Band]]:
    """Return the lines of runs, and for each group that differs by seed alone the range and the mean over them."""
    groups = replicas(courses, coloring)
    averaged = [_whole(group, column) for group in groups]
    means = [Drawn(*_mean(group, column), coloring.tone(group[0]), f"mean, {coloring.name(group[0])}", "mean",
                   coloring.dash(group[0])) for group in averaged if group]  # fmt: skip
    bands = [_band(group, column, coloring.tone(group[0])) for group in averaged if group]
    in_mean = {id(course) for group in averaged for course in group}
    alone = [course for course in courses if coloring.are_replicas or id(course) not in in_mean]
    faint = coloring.are_replicas and bool(means)
    step = -(-len(alone) // (MOST_FAINT if faint else MOST_LINES)) or 1
    lines = [
        Drawn(*course.points(column), coloring.tone(course), coloring.name(course), dash=coloring.dash(course))
        for course in alone[::step]
    ]
    lines = [replace(line, tone="soft") for line in lines] if faint else lines
    return [*lines, *means], bands if len(bands) <= MOST_BANDS else []


def _is_far_apart(drawn: Sequence[Drawn]) -> bool:
    """Return whether only a logarithmic axis shows all lines; the zeros of the start are left out then."""
    numbers = [y for line in drawn for y in line.y]
    ends = [line.y[-1] for line in drawn]
    return min(numbers) >= 0 and (spans_decades(ends) or has_outliers(numbers))


def replicas(courses: Sequence[Course], coloring: Coloring) -> list[list[Course]]:
    """Group runs that differ by their seed alone; empty where nothing known tells the runs apart."""
    if not (coloring.are_replicas or coloring.keys):
        return []
    groups: dict[tuple[object, ...], list[Course]] = {}
    for course in courses:
        settings = {key: value for key, value in course.settings().items() if key != SEED}
        groups.setdefault(tuple(settings.items()), []).append(course)
    return [*groups.values()]


def _whole(group: Sequence[Course], column: str) -> list[Course]:
    """Return the runs that were measured as far as the farthest; empty where they are too few for a mean."""
    ends = [course.points(column)[0][-1] for course in group]
    whole = [course for course, end in zip(group, ends, strict=True) if end == max(ends)]
    is_enough = len(whole) >= LEAST_REPLICAS and differ_by_seed_alone(whole) and _shared(whole, column)
    return whole if is_enough else []


def _shared(courses: Sequence[Course], column: str) -> list[float]:
    """Return the epochs at which all were measured."""
    return sorted(set.intersection(*(set(course.points(column)[0]) for course in courses)))


def _rows(courses: Sequence[Course], column: str) -> list[tuple[float, list[float]]]:
    numbers = [dict(zip(*course.points(column), strict=True)) for course in courses]
    return [(epoch, [of_run[epoch] for of_run in numbers]) for epoch in _shared(courses, column)]


def _mean(courses: Sequence[Course], column: str) -> tuple[list[float], list[float]]:
    rows = _rows(courses, column)
    return [epoch for epoch, _ in rows], [statistics.fmean(numbers) for _, numbers in rows]


def _band(courses: Sequence[Course], column: str, tone: str) -> Band:
    rows = _rows(courses, column)
    return Band([epoch for epoch, _ in rows], [min(numbers) for _, numbers in rows],
                [max(numbers) for _, numbers in rows], tone)  # fmt: skip


def _marks(quantity: Quantity, courses: Sequence[Course], found: Sequence[Found]) -> Iterator[Mark]:
    drawn = {id(course) for course in courses}
    for one in found:
        seen = [(course, record.epoch) for course, record in one.seen if id(course) in drawn]
        if seen and (one.matrix == quantity.matrix if one.matrix else quantity.marks_network):
            points = (_point(course, quantity.column, epoch) for course, epoch in seen[:: -(-len(seen) // MOST_POINTS)])
            yield Mark(one.number, one.severity, seen[0][1], one.worst.message, one.anchor, [*filter(None, points)])


def _point(course: Course, column: str, epoch: float) -> tuple[float, float] | None:
    """Return the point of a run's line at an epoch, or at the next one that was measured."""
    x, y = course.points(column)
    place = bisect_left(x, epoch)
    return (epoch, y[min(place, len(y) - 1)]) if y else None


def _words(courses: Sequence[Course], coloring: Coloring, found: Sequence[Found]) -> str:
    """Return how the lines and marks are read."""
    words = []
    if coloring.are_replicas:
        words.append(f"The {len(courses)} runs differ by their seed alone.")
        if len(courses) > MOST_FAINT:
            words.append(f"{len(courses[:: -(-len(courses) // MOST_FAINT)])} of them are drawn one by one.")
    elif len(courses) > 1:
        words.append("Each line is a run, or the mean of runs that differ by their seed alone."
                     if any(len(group) >= LEAST_REPLICAS for group in replicas(courses, coloring))
                     else "Each line is a run.")  # fmt: skip
    if len(courses) > MOST_LINES and not coloring.are_replicas:
        words.append(f"Every {-(-len(courses) // MOST_LINES)}th of {len(courses)} runs is drawn.")
    if len(coloring.keys) > 2:
        words.append("Their other settings differ too, and aren't shown by colour.")
    if found:
        words.append(
            "A numbered flag is where that finding of the list came first; dots are on the lines of runs that had it."
            if len(courses) > 1
            else "A numbered flag and its dot are where that finding of the list came."
        )
    return " ".join(words)


def _legend(courses: Sequence[Course], charts: Sequence[Chart], coloring: Coloring) -> Legend | None:
    if not coloring.are_replicas:
        return coloring.legend
    most = max(sum(line.style == "line" for line in chart.drawn) for chart in charts)
    if not any(line.style == "mean" for chart in charts for line in chart.drawn):
        return Legend("", (Key("k0", f"one line for each of {most} seeds"),))
    ends = [course.end("epoch") for course in courses]
    of = (
        f"of {len(ends)} seeds"
        if min(ends) == max(ends)
        else f"of the {ends.count(max(ends))} seeds that went farthest"
    )
    each = "each run" if len(courses) <= MOST_FAINT else "some of the runs"
    return Legend("", (Key("k0", f"mean {of}", style="mean"), Key("k0", "lowest to highest", style="band"),
                       Key("soft", each)))  # fmt: skip
