"""The distribution tests against SciPy's, histograms against NumPy's, and what each is meant to notice."""

from __future__ import annotations

import math

import numba
import numpy as np
import numpy.typing as npt
import pytest
from scipy import special, stats
from tuimove.kernels.distribution import NORMAL_REACH

from tuimove.diagnosis.distribution_tests import bin_count, chi_square_tail, kolmogorov_tail, normal_table
from tuimove.diagnosis.matrix_measurement import MatrixMeasurement
from tuimove.diagnosis.measurement import measure_matrix
from tuimove.settings.starting_law import StartingLaw
from tuimove.training.network import Floats32, draw_entries

UNIFORM = StartingLaw("uniform", 0.5)
NORMAL = StartingLaw("normal", 1.3)
JIT_IS_OFF = bool(numba.config.DISABLE_JIT)  # type: ignore[attr-defined]
SIZES = (100,) if JIT_IS_OFF else (100, 1000, 8000)
"""Entries of a matrix; as plain Python, where nothing is compiled, a few walk the same lines."""


def draw(law: StartingLaw, entries: int, seed: int = 0) -> Floats32:
    return draw_entries(law, np.random.default_rng(seed), (entries // 4, 4))


def result_for(matrix: Floats32, law: StartingLaw, live: npt.NDArray[np.bool_] | None = None) -> MatrixMeasurement:
    return measure(matrix, matrix, law, live)


def measure(
    now: Floats32, start: Floats32, law: StartingLaw, live: npt.NDArray[np.bool_] | None = None
) -> MatrixMeasurement:
    live = np.ones(len(now), np.bool_) if live is None else live
    return measure_matrix(now, start, start, live, law)


@pytest.mark.parametrize("entries", SIZES)
@pytest.mark.parametrize("shift", [0, 0.05])
def test_kolmogorov_smirnov_agrees_with_scipy(entries: int, shift: float) -> None:
    """D to 1e-4 at any size; p to 1 % plus what an error of D by 1e-4 makes."""
    matrix = draw(NORMAL, entries) + np.float32(shift)
    got = result_for(matrix, NORMAL)
    expected = stats.kstest(matrix.ravel().astype(float), stats.norm(0, 1.3).cdf)
    assert got.test == "ks"
    assert abs(got.statistic - expected.statistic) < 1e-4
    assert got.effect == got.statistic
    assert got.p_value == pytest.approx(expected.pvalue, rel=0.03, abs=0.01)


@pytest.mark.parametrize("entries", SIZES)
def test_chi_square_agrees_with_scipy(entries: int) -> None:
    matrix = draw(UNIFORM, entries)
    got = result_for(matrix, UNIFORM)
    observed, _ = np.histogram(matrix, bins=bin_count(entries), range=(-0.5, 0.5))
    expected = stats.chisquare(observed)
    assert got.test == "chi2"
    assert got.statistic == pytest.approx(expected.statistic)
    assert got.p_value == pytest.approx(expected.pvalue)
    assert got.escaped == 0


def test_the_laws_behind_p_values_agree_with_scipy() -> None:
    """To 12 digits wherever the chance isn't too small for a double."""
    statistics = np.concatenate([[0], np.geomspace(1e-9, 1400, 300)])
    for degrees in range(1, 64):
        got = [chi_square_tail(degrees, each) for each in statistics.tolist()]
        np.testing.assert_allclose(got, special.chdtrc(degrees, statistics), rtol=1e-12, atol=1e-300)
    distances = np.linspace(0, 18, 2001)
    got = [kolmogorov_tail(each) for each in distances.tolist()]
    np.testing.assert_allclose(got, special.kolmogorov(distances), rtol=1e-12, atol=1e-300)
    places = np.linspace(-NORMAL_REACH, NORMAL_REACH, len(normal_table()))
    np.testing.assert_allclose(normal_table(), special.ndtr(places), rtol=1e-12)


@pytest.mark.parametrize("law", [UNIFORM, NORMAL])
def test_p_values_of_fresh_draws_are_spread_evenly(law: StartingLaw) -> None:
    p_values = [result_for(draw(law, 800, seed), law).p_value for seed in range(20 if JIT_IS_OFF else 200)]
    assert stats.kstest(p_values, "uniform").pvalue > 0.001


def test_escaped_entries_are_reported_and_neither_clipped_nor_binned() -> None:
    matrix = draw(UNIFORM, 4000)
    matrix[:50, 0], matrix[50:100, 1] = 0.6, -3
    got = result_for(matrix, UNIFORM)
    assert got.escaped == pytest.approx(0.025)
    assert got.p_value > 0.01


def test_a_uniform_start_that_turns_bell_like_is_noticed() -> None:
    matrix = draw(UNIFORM, 4000)
    matrix *= np.abs(matrix) * 2
    got = result_for(matrix, UNIFORM)
    assert got.p_value < 1e-6
    assert got.effect > 0.3


def test_a_normal_start_that_widens_is_noticed() -> None:
    got = result_for(np.float32(1.3) * draw(NORMAL, 4000), NORMAL)
    assert got.p_value < 1e-6
    assert got.effect == pytest.approx(0.0629, abs=0.02)  # largest gap between N(0, 1) and N(0, 1.3^2)


@pytest.mark.parametrize("law", [UNIFORM, NORMAL])
def test_rows_that_cannot_move_are_left_out(law: StartingLaw) -> None:
    matrix, live = draw(law, 2000), np.ones(500, np.bool_)
    alone = result_for(matrix[:400], law)
    matrix[400:], live[400:] = 0, False
    together = result_for(matrix, law, live)
    for name in ("statistic", "p_value", "effect", "escaped", "mean", "sd", "kurtosis", "live_entries"):
        assert getattr(together, name) == pytest.approx(getattr(alone, name), nan_ok=True), name


@pytest.mark.parametrize("law", [UNIFORM, NORMAL, StartingLaw("zero", 1.0)])
@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_what_is_no_number_has_no_p_value_or_a_tiny_one(law: StartingLaw, bad: float) -> None:
    matrix = np.full((10, 16), bad, np.float32)
    got = result_for(matrix, law)
    assert math.isnan(got.p_value) or got.p_value < 1e-6


def test_a_few_biases_are_too_few_for_a_chi_square() -> None:
    matrix = draw(UNIFORM, 8)
    assert math.isnan(result_for(matrix, UNIFORM).p_value)


@pytest.mark.parametrize(("entries", "bins"), [(10, 2), (100, 16), (200, 16), (1000, 32), (78400, 64), (10**8, 64)])
def test_bins_grow_with_the_entries(entries: int, bins: int) -> None:
    assert bin_count(entries) == bins


@pytest.mark.parametrize(("law", "reach", "moved"), [(UNIFORM, 1.0, 0.5), (NORMAL, 5.2, 0.65)])
def test_histograms_agree_with_numpy(law: StartingLaw, reach: float, moved: float) -> None:
    start = draw(law, 2000, seed=1)
    now = (start + np.float32(0.1) * draw(NORMAL, 2000, seed=2)).astype(np.float32)
    now[7] = start[7]  # frozen entries are left out of the movement's histogram
    measured = measure(now, start, law)
    entries, moves = now.astype(float), (now.astype(float) - start)
    for histogram, values, edge in (
        (measured.histogram, entries, reach),
        (measured.movement_histogram, moves[moves != 0], moved),
    ):
        expected, _ = np.histogram(values, bins=len(histogram.counts), range=(-edge, edge))
        assert histogram.low == pytest.approx(-edge)
        assert histogram.high == pytest.approx(edge)
        assert histogram.counts == expected.tolist()
        assert histogram.below == (values < -edge).sum()
        assert histogram.above == (values > edge).sum()


@pytest.mark.parametrize("size", [1e-4, 0.03, 1, 30, 1e30])
def test_the_bins_follow_how_far_entries_lie_and_have_moved(size: float) -> None:
    """Ten biases that moved far lie in bins, and a small movement isn't one spike."""
    start = np.zeros((1, 10), np.float32)
    now = np.linspace(-size, size, 10, dtype=np.float32).reshape(1, 10)
    measured = measure(now, start, StartingLaw("zero", 0.5))
    for histogram in (measured.histogram, measured.movement_histogram):
        assert (histogram.below, sum(histogram.counts), histogram.above) == (0, 10, 0)
        assert size < histogram.high <= 2 * size * (1 + 1e-6)


def test_one_far_entry_leaves_the_bins_to_the_others_and_is_counted_beside_them() -> None:
    start = draw(UNIFORM, 2000)
    now = start + np.float32(0.01)
    now[3, 2] = 1e6
    measured = measure(now, start, UNIFORM)
    assert (measured.histogram.high, measured.histogram.above) == (1.0, 1)
    assert measured.movement_histogram.high == pytest.approx(0.25 / 16)
    assert measured.movement_histogram.above == 1


@pytest.mark.parametrize("law", [UNIFORM, NORMAL])
def test_moments_agree_with_scipy(law: StartingLaw) -> None:
    matrix = draw(law, 2000)
    measured, entries = measure(matrix, matrix, law), matrix.ravel().astype(float)
    assert measured.mean == pytest.approx(entries.mean(), abs=1e-6)
    assert measured.sd == pytest.approx(entries.std())
    assert measured.kurtosis == pytest.approx(stats.kurtosis(entries), abs=1e-6)
