"""`tuimove report`: recorded runs as tables and charts in the terminal, one HTML page, and files for data frames.

Each run or experiment is one study; then all are compared with the source document.
"""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Iterator, Sequence
from pathlib import Path

from tuimove.errors import OutputError
from tuimove.recording.folder.run_folder import require_unused
from tuimove.recording.reading.course import Course, read_courses
from tuimove.recording.reading.run_folders import STANDARD_INPUT, experiments_in, folders_within, holds_records
from tuimove.reports.exports import has_parquet, write_csv, write_parquet
from tuimove.reports.found import MOST_FINDINGS
from tuimove.reports.paper import Paper, paper_of
from tuimove.reports.pictures import closing_kind, pictures_of
from tuimove.reports.source_document.agreement import Compared, compare_with_document, comparison_table
from tuimove.reports.study import JUDGED, Study
from tuimove.reports.text_plots import WIDEST, picture_text
from tuimove.reports.text_table import table_lines
from tuimove.reports.whole_folder import whole_folder
from tuimove.settings.files import is_folder, refusal, shown_path

PAGE, CSV, PARQUET = "report.html", "measurements.csv", "measurements.parquet"


def report_runs(places: Sequence[str], out: Path, *, is_ours: bool = False) -> None:
    """Print a report on runs and experiments, and write it into a folder.

    Parameters
    ----------
    places
        Run folders, experiments' folders, folders of experiments, files of records, or `-`.
    out
        A new folder, or with `is_ours` the folder of an earlier report.

    Raises
    ------
    TuimoveError
        When the places hold no record, or the folder exists already or can't be written.
    """
    if not is_ours:
        require_unused(out)
    studies = [_read_study(part) for place in places for part in _experiments_in(place)]
    courses = [course for study in studies for course in study.courses]
    compared, paper = compare_with_document(courses), paper_of(sys.stdout)
    written = list(_write_files(studies, courses, compared, out))  # also when the reader of standard output stops early
    for line in (*_study_lines(studies, courses, paper), *comparison_lines(compared, paper.columns), *written):
        print(line if paper.is_unicode else line.replace("±", "+-"))


def _read_study(place: str) -> Study:
    remarks: list[str] = []
    courses = read_courses(place, remarks.append)
    return Study(shown_path(place), courses, tuple(remarks[:MOST_FINDINGS]))


def _experiments_in(place: str) -> list[str]:
    """Return the experiments' folders of a folder that holds some, or the place itself."""
    folder = Path(place)
    if place == STANDARD_INPUT or not is_folder(folder) or holds_records(folder) or folders_within(folder).runs:
        return [place]
    experiments, closed = experiments_in(folder)
    for path in closed if experiments else ():
        print(f"passed over: {shown_path(path)}: Permission denied", file=sys.stderr)
    return [*map(str, experiments)] or [place]


def _study_lines(studies: Sequence[Study], courses: Sequence[Course], paper: Paper) -> Iterator[str]:
    """Yield each study as text: its table, its closing pictures and its findings."""
    for study in studies:
        yield study.title
        yield study.summary()
        yield from study.remarks
        yield from table_lines(study.rows())
        for picture in pictures_of(study.courses, closing_kind(study.courses), courses):
            yield from filter(None, [picture_text(picture, paper)])
        for severity, rule, matrix, runs, epoch, words in study.findings():
            yield f"{severity}: {rule} on {matrix} in {runs} runs, first at {study.clock} {epoch}: {words}"
        yield from filter(None, [study.missing()])
        yield ""


def comparison_lines(rows: Sequence[Compared], columns: int) -> Iterator[str]:
    """Yield the source document's numbers beside ours as text; nothing where no run has the settings of any."""
    if not rows:
        return
    yield "Beside the source document"
    yield from table_lines(comparison_table(rows), left=1, columns=columns)
    tried = dict.fromkeys(row.line.tried for row in rows if row.line.tried and not row.agrees)
    for words in (*tried, JUDGED):
        yield ""
        yield from textwrap.wrap(words, min(columns, WIDEST))
    yield ""


def _write_files(
    studies: Sequence[Study], courses: Sequence[Course], compared: Sequence[Compared], out: Path
) -> Iterator[str]:
    """Write the page and the tables, and yield a line about each; raises an OutputError when one can't be written."""
    try:
        with whole_folder(out) as part:
            write_csv(courses, part / CSV)
            yield f"measurements: {shown_path(out / CSV)}"
            if has_parquet():
                write_parquet(courses, part / PARQUET)
                yield f"measurements: {shown_path(out / PARQUET)}"
            else:
                yield "no Parquet file: it needs pyarrow; pip install 'tuimove[parquet]' brings it"
            _write_page(studies, compared, part / PAGE)
            yield f"page: {shown_path(out / PAGE)}"
    except OSError as error:
        raise OutputError(refusal(out, error)) from None


def _write_page(studies: Sequence[Study], compared: Sequence[Compared], path: Path) -> None:
    from tuimove.reports.report_page import report_page

    path.write_text(report_page(studies, compared), encoding="utf-8")
