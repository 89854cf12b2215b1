"""Labels of lines: beside the last points, none over another, and none that jumps."""

from __future__ import annotations

import numpy as np

from tuimove.screen.drawing.line_ends import LineEnd, LineEnds


def rows_of(ends: LineEnds, *lines: LineEnd, rows: int = 20, columns: int = 40) -> dict[str, int]:
    placed = ends.place(lines, rows, columns)
    return {label.text.strip(): row for row, labels in placed.items() for label in labels}


def test_a_label_stands_beside_the_last_point() -> None:
    ((row, (label,)),) = LineEnds().place([LineEnd("A", 0, 12, 3.2)], 20, 40).items()
    assert (row, label.column, label.text) == (3, 13, " A")


def test_labels_of_lines_that_end_together_stand_one_below_the_other_in_the_order_of_the_lines() -> None:
    rows = rows_of(LineEnds(), LineEnd("A", 0, 30, 5.0), LineEnd("B", 1, 30, 5.2), LineEnd("C", 2, 30, 4.9))
    assert rows == {"A": 5, "B": 6, "C": 4}


def test_labels_that_are_crowded_stand_in_the_order_in_which_their_lines_end() -> None:
    ends = {"A": 5.1, "B": 5.3, "C": 5.0, "D": 5.2}
    rows = rows_of(LineEnds(), *(LineEnd(name, 0, 30, row) for name, row in ends.items()))
    assert sorted(rows, key=rows.__getitem__) == ["C", "A", "D", "B"]


def test_lines_that_end_elsewhere_keep_their_rows() -> None:
    assert rows_of(LineEnds(), LineEnd("A", 0, 10, 5.0), LineEnd("B", 1, 30, 5.0)) == {"A": 5, "B": 5}


def test_a_label_at_the_edge_stays_within_the_chart() -> None:
    ((_, (label,)),) = LineEnds().place([LineEnd("conv.weight", 0, 38, 3.0)], 20, 40).items()
    assert label.column + len(label.text) == 40


def test_what_finds_no_row_is_left_out() -> None:
    assert len(rows_of(LineEnds(), *(LineEnd(name, 0, 30, 0.0) for name in "ABCD"), rows=2)) == 2


def test_a_label_follows_a_line_that_wavers_without_jumping() -> None:
    """Between two rows, a hundred redraws of a line that trembles move the label once at most."""
    ends, random = LineEnds(), np.random.default_rng(1)
    rows = [rows_of(ends, LineEnd("A", 0, 30, 5.5 + random.normal(0, 0.1)))["A"] for _ in range(100)]
    assert len(set(rows)) == 1
    steady = [rows_of(ends, LineEnd("A", 0, 30, row))["A"] for row in np.linspace(5, 15, 200)]
    assert max(np.diff(steady)) == 1
    assert steady[-1] == 15


def test_two_lines_that_change_places_again_and_again_keep_theirs() -> None:
    ends = LineEnds()
    rows = {
        tuple(rows_of(ends, LineEnd("A", 0, 30, 5.0), LineEnd("B", 1, 30, 5.0 + shift)).items())
        for shift in (0.1, -0.1, 0.05, -0.15)
    }
    assert len(rows) == 1
