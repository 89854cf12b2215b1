"""Distance, norm and cosine: against the definition one entry at a time, and as a metric should be."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tests.support import naive
from tuimove.diagnosis.matrix_measurement import MatrixMeasurement
from tuimove.diagnosis.measurement import measure_matrix
from tuimove.settings.starting_law import StartingLaw
from tuimove.training.network import Floats32

LAW = StartingLaw("uniform", 0.5)


def random_matrix(seed: int, rows: int = 6, columns: int = 5) -> Floats32:
    return np.random.default_rng(seed).uniform(-0.5, 0.5, (rows, columns)).astype(np.float32)


def measure(now: Floats32, start: Floats32, last: Floats32 | None = None) -> MatrixMeasurement:
    last = start if last is None else last
    return measure_matrix(now, start, last, np.ones(len(now), np.bool_), LAW)


def test_every_number_agrees_with_its_definition() -> None:
    now, start, last = random_matrix(1), random_matrix(2), random_matrix(3)
    now[2, :3] = start[2, :3]
    measured = measure(now, start, last)
    for name, expected in naive.measured(now, start, last).items():
        assert getattr(measured, name) == pytest.approx(expected, rel=1e-6), name


def test_nothing_has_moved_at_the_start() -> None:
    start = random_matrix(1)
    measured = measure(start.copy(), start)
    assert measured.distance == 0
    assert measured.step == 0
    assert measured.frozen == 1
    assert math.isnan(measured.cosine)


def test_scaling_both_scales_distance_and_norm() -> None:
    now, start = random_matrix(1), random_matrix(2)
    once, twice = measure(now, start), measure(2 * now, 2 * start)
    assert twice.distance == pytest.approx(2 * once.distance)
    assert twice.norm == pytest.approx(2 * once.norm)
    assert twice.cosine == pytest.approx(once.cosine)


def test_no_detour_is_shorter() -> None:
    first, second, third = random_matrix(1), random_matrix(2), random_matrix(3)
    direct = measure(third, first).distance
    assert direct <= measure(second, first).distance + measure(third, second).distance


def test_the_order_of_rows_is_indifferent() -> None:
    now, start = random_matrix(1), random_matrix(2)
    order = np.random.default_rng(0).permutation(len(now))
    assert measure(now[order], start[order]).distance == pytest.approx(measure(now, start).distance)


def test_growing_points_along_the_start() -> None:
    start = random_matrix(1)
    assert measure(np.float32(1.25) * start, start).cosine == pytest.approx(1, abs=1e-6)
    assert measure(np.float32(0.75) * start, start).cosine == pytest.approx(-1, abs=1e-6)


def test_norm_distance_and_cosine_fit_together() -> None:
    """|W_t|^2 = |W_0|^2 + d^2 + 2 c |W_0| d."""
    now, start = random_matrix(1), random_matrix(2)
    m, began = measure(now, start), measure(start, start).norm
    assert m.norm**2 == pytest.approx(began**2 + m.distance**2 + 2 * m.cosine * began * m.distance)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_entries_that_are_no_numbers_are_counted(bad: float) -> None:
    now, start = random_matrix(1), random_matrix(2)
    now[1, 1] = now[4, 0] = bad
    measured = measure(now, start)
    assert measured.non_finite == 2
    assert not math.isfinite(measured.distance)
    assert not math.isfinite(measured.norm)
