"""The table at the end of an experiment has a mean only where one means something."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from tuimove.recording.reading.standing import RunRow
from tuimove.reports.runs_table import MOST_ROWS, experiment_table
from tuimove.settings.preset import SEED

RATE = "training.learning_rate"


def table_of(keys: Sequence[str], values: Sequence[Sequence[Any]]) -> list[str]:
    """Return the table of runs with these values of the keys."""
    measured = {"epoch": 10, "test_accuracy": 0.5, "matrices": {}}
    runs = [
        RunRow(varied=tuple(zip(keys, of_run, strict=True)), measured=measured, status="finished") for of_run in values
    ]
    return [*experiment_table(keys, runs)]


@pytest.mark.parametrize(
    ("keys", "values", "has_mean"),
    [
        ([SEED], [[1], [2]], True),
        ([RATE], [[0.1], [0.2]], False),
        ([RATE, SEED], [[0.1, 1], [0.2, 1]], False),
        ([RATE, SEED], [[0.1, 1], [0.1, 2]], True),
    ],
)
def test_only_runs_that_differ_by_their_seed_alone_have_a_mean(
    keys: list[str], values: list[list[Any]], has_mean: bool
) -> None:
    lines = table_of(keys, values)
    assert len(lines) == 1 + len(values) + 2 * has_mean
    assert [any(word in line.split() for line in lines) for word in ("mean", "sd")] == [has_mean, has_mean]


def test_of_very_many_runs_the_first_are_listed_and_the_others_counted() -> None:
    *_, last = lines = table_of([RATE], [[rate] for rate in range(MOST_ROWS + 3)])
    assert (len(lines), last) == (1 + MOST_ROWS + 1, "and 3 more runs")
