"""Fills the template of a report's HTML page: the document's numbers beside ours, then study by study."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from functools import cache
from importlib.resources import files
from itertools import groupby
from typing import TYPE_CHECKING

from jinja2 import Environment, StrictUndefined, Template

from tuimove.errors import PresetError
from tuimove.reports.pictures import Picture
from tuimove.reports.source_document.agreement import Compared, beside_document, comparison_table
from tuimove.reports.source_document.printed import SOURCE
from tuimove.reports.study import JUDGED, all_pictures
from tuimove.settings.matrix_role import are_own
from tuimove.settings.preset_reading import preset_from_table

if TYPE_CHECKING:
    from tuimove.recording.reading.course import Course
    from tuimove.reports.study import Study

TEMPLATE = "report.html.jinja"
Drawing = Callable[[Picture], str]
"""Draws a picture as an SVG element."""


def report_page(studies: Sequence[Study], compared: Sequence[Compared], draw: Drawing | None, lacking: str) -> str:
    """Return the page as HTML.

    Parameters
    ----------
    studies
        At least one.
    compared
        Numbers of the source document with those of our runs.
    draw
        Draws the figures; None for a page without any.
    lacking
        Why there are no figures, and how to get them.
    """
    courses = [course for study in studies for course in study.courses]
    return _template().render(
        title=studies[0].title if len(studies) == 1 else f"{len(studies)} studies, {len(courses)} runs",
        studies=studies,
        courses=courses,
        places=_by_place(compared),
        draw=draw,
        lacking=lacking,
        source=SOURCE,
        judged=JUDGED,
        comparison_table=comparison_table,
        beside_document=beside_document,
        all_pictures=all_pictures,
        preset_text=_preset_text,
    )


@cache
def _template() -> Template:
    """Return the page's template, read once; it escapes every value."""
    environment = Environment(autoescape=True, undefined=StrictUndefined, keep_trailing_newline=True)
    return environment.from_string(files(__package__).joinpath(TEMPLATE).read_text(encoding="utf-8"))


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
