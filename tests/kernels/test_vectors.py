"""The explicit vectors do what their plain twins do, and the elementary functions what NumPy's do."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
import pytest
from tuimove.kernels import vectors
from tuimove.kernels.elementary import activate, exponential, multiply_by_slopes
from tuimove.kernels.epoch import add_product_rows, write_product_rows
from tuimove.kernels.vectors import ENTRIES_AT_ONCE

from tests.support import naive
from tuimove.settings.preset import ACTIVATIONS

JIT_IS_OFF = bool(numba.config.DISABLE_JIT)  # type: ignore[attr-defined]


@numba.njit
def compiled_add_row_groups(  # type: ignore[no-untyped-def]
    entries, starts, group, groups, scales, rows, row_place, row_stride, sums, sum_place, sum_stride, count
):  # fmt: skip
    vectors.add_row_groups(
        entries, starts, group, groups, scales, rows, row_place, row_stride, sums, sum_place, sum_stride, count
    )


@pytest.mark.parametrize("count", range(1, 17))
def test_rows_are_added_as_by_the_plain_twin(count: int) -> None:
    random = np.random.default_rng(count)
    row_stride, sum_stride, unroll = 8 * count + 32, 8 * count + 48, ENTRIES_AT_ONCE[(count + 1) // 2]
    starts = np.concatenate([[0], np.cumsum(unroll * np.array([0, 3, 1, 5]))]).astype(np.int64)
    entries = random.integers(0, 7 * 256, starts[-1]).astype(np.uint16)
    scales = random.random(256).astype(np.float32)
    rows = random.normal(size=7 * row_stride).astype(np.float32)
    sums = random.normal(size=4 * sum_stride).astype(np.float32)
    expected = sums.copy()
    places = (entries, starts, 0, 4, scales, rows, 16, row_stride)
    vectors.plain_add_row_groups(*places, expected, 16, sum_stride, count)
    compiled_add_row_groups(*places, sums, 16, sum_stride, count)
    np.testing.assert_allclose(sums, expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(("registers", "expected"), [(32, (4, 2, 2, 2, 2, 1, 1, 1)), (8, (4, 2, 2, 1, 1, 1, 1, 1))])
def test_sums_of_entries_under_way_fit_into_the_registers(registers: int, expected: tuple[int, ...]) -> None:
    assert tuple(vectors.entries_at_once(count, registers) for count in range(1, 9)) == expected


@pytest.mark.parametrize("rows", [1, 2, 7, 8, 10, 19])
@pytest.mark.parametrize(("anew", "function"), [(False, add_product_rows), (True, write_product_rows)])
def test_products_are_added_or_written_as_by_the_plain_twin(rows: int, anew: bool, function: Any) -> None:
    random = np.random.default_rng(rows)
    left, right = (random.normal(size=600).astype(np.float32) for _ in range(2))
    out = random.normal(size=20 * 20).astype(np.float32)
    expected = out.copy()
    places = (left, 3, 2, 20, 11, right, 5, 17)
    vectors.plain_add_products(*places, expected, 4, 20, anew, rows)
    function(*places, out, 4, 20, rows)
    np.testing.assert_allclose(out, expected, rtol=1e-5, atol=1e-5)


def test_the_exponential_is_exact_to_two_units_in_the_last_place() -> None:
    x = np.linspace(-87, 88, 2001, dtype=np.float32)
    got = np.array([exponential(number) for number in x])
    np.testing.assert_allclose(got, np.exp(x.astype(np.float64)), rtol=2.5e-7)
    assert np.isnan(exponential(np.float32(np.nan)))


@pytest.mark.parametrize("number", range(4))
def test_activations_and_their_slopes_agree_with_the_definitions(number: int) -> None:
    z = np.concatenate([np.linspace(-30, 30, 501), [0.0, 1e-6, -1e-6, 80, -80]]).astype(np.float32)
    activated, errors = np.empty_like(z), np.ones_like(z)
    activate(z, activated, number)
    multiply_by_slopes(errors, activated, number)
    exact = naive.activate(z.astype(np.float64), ACTIVATIONS[number])
    np.testing.assert_allclose(activated, exact, rtol=3e-7, atol=1e-37)
    np.testing.assert_allclose(errors, naive.slope(z.astype(np.float64), ACTIVATIONS[number]), atol=3e-7)


@pytest.mark.parametrize("number", range(4))
def test_activations_let_nan_through(number: int) -> None:
    values = np.full(40, np.nan, np.float32)
    activate(values, values, number)
    assert np.isnan(values).all()


@pytest.mark.skipif(JIT_IS_OFF, reason="plain Python has no machine code to look at")
def test_loops_are_vectorised() -> None:
    """The activations' loops become vector instructions, without which an epoch takes several times as long."""
    afresh = numba.njit("void(float32[::1], float32[::1], int64)", error_model="numpy")(activate.py_func)
    (code,) = afresh.inspect_llvm().values()
    assert " x float>" in code
