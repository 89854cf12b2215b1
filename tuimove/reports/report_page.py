"""What the HTML page of a report says, and in which order: the document's numbers beside ours, then study by study."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from tuimove.errors import PresetError
from tuimove.reports.html import element, figure, folded, page, table
from tuimove.reports.pictures import Picture
from tuimove.reports.source_document.agreement import Compared, beside_document, comparison_table
from tuimove.reports.source_document.printed import SOURCE
from tuimove.reports.study import FINDINGS_HEADER, JUDGED, all_pictures
from tuimove.settings.matrix_role import are_own
from tuimove.settings.preset import preset_from_table

if TYPE_CHECKING:
    from tuimove.recording.reading.course import Course
    from tuimove.reports.study import Study


Drawing = Callable[[Picture], str]
"""Makes an SVG element of a picture."""


def report_page(studies: Sequence[Study], compared: Sequence[Compared], draw: Drawing | None, lacking: str) -> str:
    """Return the page.

    Without a way to `draw` it has no figures, and says in the words of `lacking` how to get them.
    """
    courses = [course for study in studies for course in study.courses]
    title = studies[0].title if len(studies) == 1 else f"{len(studies)} studies, {len(courses)} runs"
    parts = [element("h1", title), *([] if draw else [element("p", lacking)]), *_comparison(compared, draw)]
    for study in studies:
        parts += _study(study, courses, draw)
    return page(f"tuimove: {title}", parts)


def _comparison(rows: Sequence[Compared], draw: Drawing | None) -> Iterator[str]:
    if not rows:
        return
    yield element("h2", "Beside the source document")
    yield element("p", f"{SOURCE}. {JUDGED}", "soft")
    for place in dict.fromkeys(row.line.place for row in rows):
        of_place = [row for row in rows if row.line.place == place]
        yield element("h3", place)
        yield table(comparison_table(of_place))
        yield from (element("p", f"{row.line.words}: {row.line.tried}", "soft")
                    for row in of_place if row.line.tried and not row.agrees)  # fmt: skip
        yield from (_drawn(picture, draw) for picture in beside_document(of_place) if draw)


def _study(study: Study, courses: Sequence[Course], draw: Drawing | None) -> Iterator[str]:
    yield element("h2", study.title)
    yield from (element("p", words, "soft") for words in (study.summary(), *study.remarks))
    yield from (_drawn(picture, draw) for picture in all_pictures(study, courses) if draw)
    if missing := study.missing():
        yield element("p", missing, "soft")
    yield element("h3", "Runs at their end")
    yield table(study.rows())
    yield element("h3", "Findings")
    found = study.findings()
    yield table([FINDINGS_HEADER, *found], of_words=True) if found else element("p", "None.")
    yield folded("The preset of the first run", _preset_text(study.courses[0]))


def _drawn(picture: Picture, draw: Drawing) -> str:
    return figure(draw(picture), f"Stands for the document's “{picture.figure}”." if picture.figure else "")


def _preset_text(course: Course) -> str:
    """Return the preset as TOML or, where another program or version recorded it, as it was recorded."""
    if not are_own(course.roles):
        return json.dumps(course.preset, indent=1)
    keys = {name: value for name, value in course.preset.items() if name != "name"}
    try:
        return preset_from_table(course.label, keys).as_toml()
    except PresetError:
        return json.dumps(course.preset, indent=1)
