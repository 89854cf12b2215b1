"""Fills the template of a report's HTML page: the verdict and the tables first, then the charts, study by study."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from itertools import groupby
from typing import TYPE_CHECKING

from jinja2 import Environment, StrictUndefined, Template

from tuimove.errors import PresetError
from tuimove.reports.found import Found, found_in
from tuimove.reports.page.chart import Chart, Gallery
from tuimove.reports.page.coloring import Coloring, coloring_of, in_order, told_apart
from tuimove.reports.page.course_charts import course_galleries
from tuimove.reports.page.end_charts import chart_of, ends_gallery, entries_gallery, movement_gallery
from tuimove.reports.page.run_table import MOST_LISTED, RunTable, configuration_table, run_table
from tuimove.reports.page.svg import svg_of
from tuimove.reports.page.verdict import Verdict, verdict_of
from tuimove.reports.source_document.agreement import Compared, beside_document, comparison_table
from tuimove.reports.source_document.printed import SOURCE
from tuimove.reports.study import JUDGED
from tuimove.settings.matrix_role import are_own
from tuimove.settings.preset_reading import preset_from_table

if TYPE_CHECKING:
    from tuimove.recording.reading.course import Course
    from tuimove.reports.study import Study

TEMPLATE, STYLE = "report.html.jinja", "report.css"


@dataclass(frozen=True)
class Part:
    """A study as the page shows it."""

    number: int
    """Its place on the page, from 1."""
    study: Study
    verdict: Verdict
    configurations: RunTable | None
    runs: RunTable
    found: Sequence[Found]
    galleries: Sequence[Gallery]
    missing: str

    @property
    def grave(self) -> list[Found]:
        """The alarms and warnings."""
        return [one for one in self.found if one.severity != "notice"]

    @property
    def notices(self) -> list[Found]:
        """The findings that are milder than a warning."""
        return [one for one in self.found if one.severity == "notice"]


def report_page(studies: Sequence[Study], compared: Sequence[Compared]) -> str:
    """Return the page as HTML.

    Parameters
    ----------
    studies
        At least one.
    compared
        Numbers of the source document with those of our runs.
    """
    courses = [course for study in studies for course in study.courses]
    return _template().render(
        title=studies[0].title if len(studies) == 1 else f"{len(studies)} studies, {len(courses)} runs",
        parts=[_part(number, study, courses) for number, study in enumerate(studies, 1)],
        places=_by_place(compared),
        agreeing=sum(row.agrees is True for row in compared),
        judged_count=sum(row.agrees is not None for row in compared),
        style=_resource(STYLE),
        source=SOURCE,
        judged=JUDGED,
        most_listed=MOST_LISTED,
        comparison_table=comparison_table,
        beside=_beside,
        svg_of=svg_of,
        preset_text=_preset_text,
    )


def _part(number: int, study: Study, others: Sequence[Course]) -> Part:
    study = replace(study, courses=told_apart(in_order(study.courses)))
    coloring, found = coloring_of(study.courses), found_in(study.courses, number)
    galleries = tuple(filter(None, _galleries(study, coloring, found, others)))
    return Part(number, study, verdict_of(study, coloring, found), configuration_table(study, coloring),
                run_table(study, coloring), found, galleries, study.missing())  # fmt: skip


def _galleries(
    study: Study, coloring: Coloring, found: Sequence[Found], others: Sequence[Course]
) -> tuple[Gallery | None, ...]:
    return (
        *course_galleries(study.courses, coloring, found),
        ends_gallery(study.courses, coloring, others),
        entries_gallery(study.courses),
        movement_gallery(study.courses, coloring),
    )


def _beside(rows: Sequence[Compared]) -> list[Chart]:
    """Return the charts of the document's printed numbers beside ours."""
    caption = "Rings are the document's numbers, dots are our runs: they agree where they lie at the same height."
    return [chart_of(picture, caption) for picture in beside_document(rows)]


@cache
def _template() -> Template:
    """Return the page's template, read once; it escapes every value."""
    environment = Environment(autoescape=True, undefined=StrictUndefined, keep_trailing_newline=True)
    return environment.from_string(_resource(TEMPLATE))


@cache
def _resource(name: str) -> str:
    """Return a file of this package, read once."""
    return files(__package__).joinpath(name).read_text(encoding="utf-8")


def _by_place(compared: Sequence[Compared]) -> dict[str, list[Compared]]:
    """Group the numbers by the document's table, figure or page, in the order of first mention."""
    places = list(dict.fromkeys(row.line.place for row in compared))
    ordered = sorted(compared, key=lambda row: places.index(row.line.place))
    return {place: list(rows) for place, rows in groupby(ordered, key=lambda row: row.line.place)}


def _preset_text(course: Course) -> str:
    """Return the preset as TOML; one of another program or version as it was recorded."""
    if not are_own(course.roles):
        return json.dumps(course.preset, indent=1)
    keys = {name: value for name, value in course.preset.items() if name != "name"}
    try:
        return preset_from_table(course.label, keys).as_toml()
    except PresetError:
        return json.dumps(course.preset, indent=1)
