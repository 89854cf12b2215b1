"""Which colour each run has."""

from __future__ import annotations

import pytest

from tuimove.recording.reading.course import Course
from tuimove.reports.page.chart import CATEGORIES, SOFT
from tuimove.reports.page.coloring import are_log_spaced, coloring_of, swept_keys, tones_of


def courses(**values: list[float | str]) -> list[Course]:
    """Return runs whose settings are the values of each place; `training.seed` where it isn't given is 1."""
    count = len(next(iter(values.values())))
    tables = [{"seed": 1} | {name: numbers[place] for name, numbers in values.items()} for place in range(count)]
    return [Course(f"run {place}", {"training": table}) for place, table in enumerate(tables)]


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [([0.1, 1, 10], True), ([1, 2, 4, 8], True), ([1, 5, 10], False), ([10, 20, 30], False), ([0, 1, 10], False),
     ([1, 2], False), ([0.001, 0.01, 0.1, 0.2, 0.5, 1, 4, 8], True), ([5], False)],
)  # fmt: skip
def test_values_spaced_by_factors_are_on_a_log_scale(numbers: list[float], expected: bool) -> None:
    assert are_log_spaced(numbers) == expected


def test_the_tones_lie_where_the_values_do() -> None:
    assert tones_of([0, 1, 10]) == {0: "q0", 1: "q1", 10: "q11"}
    assert tones_of([1, 10, 100]) == {1: "q0", 10: "q6", 100: "q11"}


def test_few_values_have_tones_that_differ_however_close_they_are() -> None:
    assert tones_of([0, 1, 2, 1000]) == {0: "q0", 1: "q4", 2: "q7", 1000: "q11"}


def test_names_beyond_the_number_of_colours_share_the_soft_one() -> None:
    tones = tones_of([f"name {place}" for place in range(CATEGORIES + 2)])
    assert [*tones.values()][-2:] == [SOFT, SOFT]
    assert len({*tones.values()}) == CATEGORIES + 1


def test_settings_that_change_together_count_once() -> None:
    assert swept_keys(courses(learning_rate=[0.1, 0.2, 0.1], epochs=[10, 20, 10])) == ["training.learning_rate"]


def test_the_setting_with_most_numbers_is_the_one_to_colour_by() -> None:
    runs = courses(name=["a", "b", "c"] * 2, epochs=[1, 1, 1, 2, 2, 2])
    assert swept_keys(runs) == ["training.epochs", "training.name"]
    assert coloring_of(runs).dashes == {"a": 0, "b": 1, "c": 2}


def test_runs_that_differ_by_their_seed_alone_are_replicas_of_one_colour() -> None:
    coloring = coloring_of(courses(seed=[1, 2, 3]))
    assert coloring.are_replicas
    assert {coloring.tone(course) for course in courses(seed=[1, 2, 3])} == {"k0"}


def test_runs_of_which_no_setting_is_known_have_a_colour_each_and_no_mean() -> None:
    coloring = coloring_of([Course("a"), Course("b")])
    assert not coloring.are_replicas
    assert [key.label for key in coloring.legend.keys] == ["a", "b"] if coloring.legend else False
