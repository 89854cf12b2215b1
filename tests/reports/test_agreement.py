"""Our runs beside the source document's lines."""

from __future__ import annotations

import math

import pytest
from scipy.stats import spearmanr

from tests.support.recordings import course_of, recorded
from tuimove.recording.history import history_columns
from tuimove.recording.reading.course import Course
from tuimove.reports.source_document.agreement import Compared, beside_document, compare_with_document, comparison_table
from tuimove.reports.source_document.printed import CLAIMS, PRESETS, Claim
from tuimove.reports.source_document.quantities import READINGS, TOGETHER
from tuimove.settings.matrix_role import OWN_NAMES


def four(seed: int, **keys: object) -> Course:
    settings = {"network__init": "uniform", "training__learning_rate": 0.5, "network__activation": "tanh"}
    return course_of(recorded("four-networks", seed, **{**settings, **keys}))  # type: ignore[arg-type]


def course_with(column: str, numbers: list[float]) -> Course:
    return Course("a", rows=[{"epoch": 10.0 * place, column: number} for place, number in enumerate(numbers)])


def test_every_line_names_a_preset_of_the_document_and_something_that_is_measured() -> None:
    assert {line.preset for line in CLAIMS} == set(PRESETS)
    assert all(line.quantity in {*READINGS, *TOGETHER, *history_columns(OWN_NAMES)} for line in CLAIMS)
    assert all(bool(line.printed) != bool(line.said) for line in CLAIMS)


def test_a_run_stands_for_a_line_by_its_settings_whatever_its_seed_and_name() -> None:
    compared = {row.line.words: row for row in compare_with_document([four(1), four(7)])}
    assert len(compared["W1, uniform start, learning rate 0.5"].ours) == 2
    assert "W1, normal start, learning rate 0.5" not in compared


@pytest.mark.parametrize("change", [{"data__train": 40000}, {"network__hidden": 99}, {"network__activation": "relu"}])
def test_a_run_with_another_setting_stands_for_none(change: dict[str, object]) -> None:
    assert compare_with_document([four(1, **change)]) == []


def test_a_run_that_did_not_finish_stands_for_none() -> None:
    unfinished = four(1)
    unfinished.status = "interrupted"
    assert compare_with_document([unfinished]) == []


def test_a_printed_number_agrees_within_two_standard_errors_of_the_difference() -> None:
    line = Claim("", "", "", "", (10.0,))
    ours = (10.0, 12.0, 11.0)  # mean 11, sd 1: the error is sqrt(1 + 1/3) = 1.155
    assert Compared(line, ours).agrees
    assert not Compared(line, tuple(number + 1.4 for number in ours)).agrees
    assert Compared(line, (10.5,)).agrees is None


def test_the_table_says_by_how_much_ours_differs() -> None:
    line = Claim("", "W1", "", "", (10.0,))
    assert comparison_table([Compared(line, (12.0, 12.1))])[1] == [
        "W1", "10.000000", "12.050 ± 0.071 (2)", "no, +20.5%",
    ]  # fmt: skip


def test_the_printed_numbers_are_drawn_beside_ours() -> None:
    (picture,) = beside_document([row for row in compare_with_document([four(1), four(2)]) if row.line.printed])
    assert [series.label for series in picture.series] == ["the document", "ours"]
    assert list(picture.series[0].y) == [11.398360]


@pytest.mark.parametrize(
    ("quantity", "column", "numbers", "expected"),
    [
        ("settled", "W1.distance", [0, 5, 9.95, 10, 10], 20),
        ("late_growth", "W1.distance", [0, 5, 10, 11, 12], 0.2),
        ("norm_minimum", "W1.norm", [5, 4, 6, 5, 4, 3, 2, 3, 4, 5, 6, 7], 60),
        ("norm_straightness", "W1.norm", [9, 8, *range(20)], 1.0),
        ("norm_straightness", "W1.norm", [5] * 20, math.nan),
        ("late_change", "W1.distance", [0] * 20 + [10, 10.5], 0.05),
    ],
)
def test_quantities_are_read_off_a_course(quantity: str, column: str, numbers: list[float], expected: float) -> None:
    assert READINGS[quantity](course_with(column, numbers)) == pytest.approx(expected, nan_ok=True)


@pytest.mark.parametrize("quantity", READINGS)
def test_a_run_without_the_numbers_has_no_quantity(quantity: str) -> None:
    assert READINGS[quantity](Course("a")) != READINGS[quantity](Course("a"))  # NaN alone isn't itself


@pytest.mark.parametrize(
    "ends",
    [
        [(10, 1.0), (10, 2.0), (20, 2.0), (30, 3.0), (30, 3.0), (40, 2.5)],
        [(1, 3.0), (2, 3.0), (3, 3.0), (4, 1.0)],
        [(1, 0.1), (2, 0.2), (3, 0.4)],
    ],
)
def test_the_trend_is_spearman_s_rank_correlation_with_equal_epochs_too(ends: list[tuple[int, float]]) -> None:
    courses = [
        Course("", {"training": {"epochs": epochs}}, rows=[{"epoch": epochs, "W1.distance": distance}])
        for epochs, distance in ends
    ]
    expected = spearmanr(*zip(*ends, strict=True)).statistic
    assert TOGETHER["distance_trend"](courses) == pytest.approx(expected, abs=1e-12)
