"""The page's table of runs shows what matters first, for a narrow window shows nothing else."""

from __future__ import annotations

from tuimove.recording.reading.course import Course
from tuimove.reports.page.coloring import coloring_of
from tuimove.reports.page.run_table import run_table
from tuimove.reports.study import Study


def test_state_finding_and_accuracy_stand_first_after_the_name() -> None:
    courses = []
    for rate in (0.1, 0.2):
        course = Course(f"rate {rate}", {"training": {"learning_rate": rate, "seed": 1}})
        course.take({"record": "measurement", "epoch": 20, "test_accuracy": 0.5})
        courses.append(course)
    table = run_table(Study("x", courses), coloring_of(courses))
    assert table.header[:5] == ["learning_rate", "status", "finding", "test acc", "epochs"]
    assert [row.cells[:5] for row in table.rows] == [
        ["0.1", "unfinished", "-", "0.5000", "20"],
        ["0.2", "unfinished", "-", "0.5000", "20"],
    ]
