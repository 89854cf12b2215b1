"""The loops that show a processor's limits do the loads and the multiply-adds that they say."""

from __future__ import annotations

import numpy as np
import pytest
from tuimove.kernels import limits
from tuimove.kernels.vectors import HALF

from tuimove.training.network import LANES


@pytest.mark.parametrize("halves", range(1, 17))
def test_every_number_that_is_to_be_loaded_is(halves: int) -> None:
    """A load that was left out would show in the sum of the entries, or in the combined bits."""
    random = np.random.default_rng(halves)
    entries = random.integers(0, 2**16, limits.ENTRIES).astype(np.uint16)
    scales = random.random(limits.ENTRIES, np.float32)
    rows = random.random(limits.ENTRIES * halves * HALF, np.float32)
    bits = random.random(limits.ENTRIES * LANES, np.float32)
    total, expected_total, expected_bits = np.array([7]), np.array([7]), bits.copy()
    limits.plain_combine_loads(5, halves, entries, scales, rows, expected_total, expected_bits)
    limits.load_entries(5, halves, entries, scales, rows, total, bits)
    np.testing.assert_array_equal(total, expected_total)
    np.testing.assert_array_equal(bits.view(np.int32), expected_bits.view(np.int32))


@pytest.mark.parametrize("chains", limits.CHAINS)
def test_every_multiply_add_is_done(chains: int) -> None:
    sums = np.random.default_rng(chains).random(chains * LANES, np.float32)
    expected = sums.copy()
    limits.plain_chain_multiply_adds(5, chains, np.float32(0.75), np.float32(1.5), expected)
    limits.multiply_and_add(5, chains, np.float32(0.75), np.float32(1.5), sums)
    np.testing.assert_allclose(sums, expected, rtol=1e-6)
