"""Charts of how runs ended against what was swept, of their entries, and of the source document's numbers."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from tuimove.recording.reading.course import Course, described, one_per_configuration, varied_keys
from tuimove.reports.page.axes import spans_decades
from tuimove.reports.page.chart import SOFT, Chart, Drawn, Gallery, Key, Legend
from tuimove.reports.page.coloring import Coloring, Value, are_log_spaced, in_words, ordered, tones_of, value_text
from tuimove.reports.pictures import Picture, histogram_outline, pictures_of
from tuimove.settings.matrix_role import end_layers, names_of, united
from tuimove.settings.preset import EPOCHS

TONES = ("k0", "k1", SOFT, "k3")
"""Colours of a picture's series by their number."""
MOST_PANELS = 12
"""Most configurations whose entries are drawn, a chart each."""
MOST_OUTLINES = 60
"""Most configurations whose movements are drawn, a line each."""
MOST_COLUMNS, MOST_MAINS = 6, 4
MOST_KEYS = 10
SCORES = (("test_accuracy", "Test accuracy", "share"), ("loss", "Training loss", "loss"))


def chart_of(picture: Picture, caption: str) -> Chart:
    """Return a picture for the terminal as a chart with a legend of its own."""
    title, unit = _title_and_unit(picture.title)
    drawn = tuple(Drawn(one.x, one.y, TONES[one.color], style=one.style) for one in picture.series)
    keys = tuple(Key(TONES[one.color], one.label, style=one.style) for one in picture.series if one.label)
    return Chart(title, caption, picture.x_title, unit, drawn, ticks=picture.ticks, is_log=picture.is_log,
                 is_y_log=picture.is_y_log, legend=Legend("", keys) if keys else None)  # fmt: skip


def _title_and_unit(title: str) -> tuple[str, str]:
    words, bracket, unit = title.rpartition(" [")
    words, unit = (words, unit.rstrip("]")) if bracket else (unit, "")
    return words[:1].upper() + words[1:], unit


def ends_gallery(courses: Sequence[Course], coloring: Coloring, others: Sequence[Course]) -> Gallery | None:
    """Return the charts of the last measurements against what was swept; None where nothing was."""
    legend = None
    if not coloring.keys or coloring.keys == (EPOCHS,):  # seeds, or lengths beside one long run
        charts = [chart_of(picture, "Each point is a run.") for picture in pictures_of(courses, "ends", others)]
    else:
        charts = [*_charts_of_ends(courses, coloring)]
        legend = _legend_of_second(courses, coloring) if len(coloring.keys) > 1 else None
    words = "Each point is a run's last measurement."
    return Gallery("At the end", words, tuple(charts), legend) if charts else None


def _charts_of_ends(courses: Sequence[Course], coloring: Coloring) -> Iterator[Chart]:
    """Yield charts against the first swept setting, coloured by the second where there is one."""
    for main in [*dict.fromkeys(course.main for course in courses if course.main)][:MOST_MAINS]:
        yield from _against(courses, coloring, f"{main}.distance", f"Distance of {main} from its start", "weight")
        yield from _against(courses, coloring, f"{main}.norm", f"Norm of {main}", "weight")
    yield from _scores(courses, coloring)
    mains = {course.main for course in courses}
    for name in names_of(united((end_layers(course.roles) for course in courses), MOST_COLUMNS)):
        if name not in mains:
            yield from _against(courses, coloring, f"{name}.distance", f"Distance of {name} from its start", "weight")


def _scores(courses: Sequence[Course], coloring: Coloring) -> Iterator[Chart]:
    for column, title, unit in SCORES:
        yield from _against(courses, coloring, column, title, unit)


def _against(
    courses: Sequence[Course], coloring: Coloring, column: str, title: str, unit: str
) -> Iterator[Chart]:  # fmt: skip
    """Yield the chart of a column's last numbers; nothing where no run has any."""
    known = [course for course in courses if math.isfinite(course.end(column))]
    if not known:
        return
    key, second = coloring.keys[0], coloring.keys[1] if len(coloring.keys) > 1 else ""
    place, ticks = _places(known, key)
    tones = tones_of(ordered(course.setting(second) for course in courses)) if second else {}
    drawn = []
    for value in ordered(course.setting(second) if second else None for course in known):
        points = sorted((place[course.setting(key)], course.end(column)) for course in known
                        if not second or course.setting(second) == value)  # fmt: skip
        drawn.append(Drawn([x for x, _ in points], [y for _, y in points], tones.get(value, "k0"), style="points"))
    is_log = not ticks and are_log_spaced(sorted(place.values()))
    is_y_log = unit != "share" and spans_decades([y for one in drawn for y in one.y])
    words = f"Each point is a run{f', coloured by {in_words(second)}' if second else ''}."
    scales = ["across"] * is_log + ["up"] * is_y_log
    more = f" Logarithmic {' and '.join(scales)}." if scales else ""
    yield Chart(f"{title} at the end", words + more, in_words(key), unit, tuple(drawn), ticks=ticks, is_log=is_log,
                is_y_log=is_y_log)  # fmt: skip


def _places(courses: Sequence[Course], key: str) -> tuple[dict[Value, float], tuple[str, ...]]:
    values = ordered(course.setting(key) for course in courses)
    numbers = [value for value in values if isinstance(value, int | float)]
    if len(numbers) == len(values):
        return {value: float(value) for value in numbers}, ()
    return {value: float(place) for place, value in enumerate(values)}, tuple(map(value_text, values))


def _legend_of_second(courses: Sequence[Course], coloring: Coloring) -> Legend:
    values = ordered(course.setting(coloring.keys[1]) for course in courses)
    tones, step = tones_of(values), -(-len(values) // MOST_KEYS)
    keys = tuple(Key(tones[value], value_text(value), style="points") for value in values[::step])
    return Legend(in_words(coloring.keys[1]), keys)


def entries_gallery(courses: Sequence[Course]) -> Gallery | None:
    """Return the histograms of the first weights at the start and at the end, a chart for each configuration."""
    shown = one_per_configuration(courses)[:MOST_PANELS]
    keys = varied_keys(shown)
    charts = [chart for course in shown for chart in _entries(course, described(course, keys) if keys else "")]
    legend = Legend("", (Key(SOFT, "at the start", style="filled"), Key("k0", "at the end", style="step")))
    words = "Density of the entries: the higher, the more of them have that value."
    return Gallery("Where the entries are", words, tuple(charts), legend) if charts else None


def _entries(course: Course, of: str) -> Iterator[Chart]:
    first, last, main = course.first_measurement(), course.last_measurement(), course.main
    if first is None or last is None or main not in first.matrices or main not in last.matrices:
        return
    before = histogram_outline(first.matrices[main].histogram)
    after = histogram_outline(last.matrices[main].histogram)
    drawn = (Drawn(*before, SOFT, style="filled"), Drawn(*after, "k0", style="step"))
    if after[0]:
        caption = f"Entries of {main} before training and after {last.epoch} {course.clock}s."
        yield Chart(f"Entries of {main}{f', {of}' if of else ''}", caption, "weight", "density", drawn)


def movement_gallery(courses: Sequence[Course], coloring: Coloring) -> Gallery | None:
    """Return the histogram of how far the first weights' entries have moved, a line for each configuration."""
    alone = one_per_configuration(courses)
    shown = alone[:: -(-len(alone) // MOST_OUTLINES)]
    charts = [chart for main in dict.fromkeys(course.main for course in shown if course.main)
              for chart in _movement(main, [course for course in shown if course.main == main], coloring)]  # fmt: skip
    several = "Each line is a run; where runs differ by their seed alone, the first of them." if len(alone) > 1 else ""
    legend = coloring.legend if len(alone) > 1 else None
    return Gallery("How far the entries have moved", several, tuple(charts[:MOST_PANELS]), legend) if charts else None


def _movement(main: str, courses: Sequence[Course], coloring: Coloring) -> Iterator[Chart]:
    for name, alike in coloring.panels(courses):
        drawn = [outline for course in alike for outline in _moved(course, main, coloring)]
        if drawn:
            caption = ("A narrow peak at 0 means that most entries have hardly moved. Entries that haven't moved at "
                       "all are left out.")  # fmt: skip
            title = f"Movements of {main}'s entries{f', {name}' if name else ''}"
            yield Chart(title, caption, "weight at the end less weight at the start", "density", tuple(drawn))


def _moved(course: Course, main: str, coloring: Coloring) -> Iterator[Drawn]:
    last = course.last_measurement()
    if last is not None and main in last.matrices:
        x, y = histogram_outline(last.matrices[main].movement_histogram)
        if x:
            yield Drawn(x, y, coloring.tone(course), coloring.name(course), "step", coloring.dash(course))
