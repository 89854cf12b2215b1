"""The least time that one thread of this machine needs for an epoch, whatever the code.

For the sparse form it is the time of its loads or of its multiply-adds, whichever takes longer: both are run alone, as
many as an epoch needs, in turn with the epoch. For dense code it is the time of its multiply-adds at the rate of a
large matrix product.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from tuimove.command_line.bench.turns import Comparison, Turn, timed
from tuimove.kernels import limits, vectors
from tuimove.training.image_set import Digits
from tuimove.training.network import LANES, aligned_zeros

SGEMM_SIZE = 2048
READ_BYTES = 2**28
TRIAL_VECTORS = 2**22
"""Multiply-adds of a trial that finds the best number of independent sums."""

PASSES = 2
"""Passes over the non-zero pixels in an epoch: forward, to the hidden layer's sums, and backward, to W1's gradient."""

LOADS, MULTIPLY_ADDS = "least loads", "least multiply-adds"
"""Names of the two limits among an epoch's contenders."""


@dataclass(frozen=True)
class Limits:
    """Peak rates of one thread."""

    sgemm_gflops: float
    """Rate of a dense float32 product, in 10^9 operations a second; a multiply-add counts as two."""
    read_gbytes: float
    """Rate of reading a long array, in 10^9 bytes a second."""


@dataclass(frozen=True)
class SparseWork:
    """Least work of both passes over the non-zero pixels."""

    nonzeros: int
    """Non-zero pixels of all training images."""
    neurons: int
    """Columns of W1 that hold weights."""

    @property
    def vectors(self) -> float:
        """Vectors of 16 lanes for a row of W1, a multiple of one half."""
        return sum(self.strip_halves) / 2

    @property
    def idle_lanes(self) -> int:
        """Lanes of these vectors that are padding."""
        return int(LANES * self.vectors) - self.neurons

    @property
    def strip_halves(self) -> list[int]:
        """Half vectors of each strip of a row: a strip's sums fit into registers during one pass over the entries."""
        halves = -(-self.neurons // vectors.HALF)
        parts = -(-halves // (2 * vectors.MOST_VECTORS))
        return [halves * (n + 1) // parts - halves * n // parts for n in range(parts)]

    @property
    def loads(self) -> int:
        """Loads of an entry (2 bytes) and its scale (4 bytes) for each strip, and of a row's vectors, whole or half."""
        return PASSES * self.nonzeros * sum(2 + (halves + 1) // 2 for halves in self.strip_halves)

    @property
    def multiply_adds(self) -> float:
        """Multiply-adds of whole vectors; a half vector counts as one half."""
        return PASSES * self.nonzeros * self.vectors


@dataclass(frozen=True)
class SparseReach:
    """How close an epoch of one network in the sparse form is to the processor's limit, with one thread."""

    neurons: int
    work: SparseWork
    load_seconds: float
    """Seconds of the loads alone."""
    multiply_seconds: float
    """Seconds of the multiply-adds alone."""
    reached: float
    """The longer of both, divided by an epoch's time; 1 is the limit."""
    binds: str
    """The longer of both: `loads` or `multiply-adds`."""

    def to_json(self) -> dict[str, Any]:
        """Return the fields with the counts of the work."""
        return {**asdict(self), "loads": self.work.loads, "multiply_adds": self.work.multiply_adds}

    def line(self) -> str:
        """Return the result as a line of text."""
        width = LANES * self.work.vectors
        return (
            f"    reaches {self.reached:.0%} of the processor's limit ({self.binds} bind): "
            f"{self.work.loads / 1e6:.3g} million loads take {1e3 * self.load_seconds:.1f} ms at least, "
            f"{self.work.multiply_adds / 1e6:.3g} million multiply-adds of {LANES} lanes "
            f"{1e3 * self.multiply_seconds:.1f} ms; {self.work.idle_lanes} of {width:.0f} lanes are padding"
        )


def measure_limits() -> Limits:
    """Return the rates of one thread in a large dense product and in reading a long array."""
    matrix = np.random.default_rng(0).random((SGEMM_SIZE, SGEMM_SIZE), np.float32)
    long = np.ones(READ_BYTES // 4, np.float32)
    product, sum_of_squares = timed(lambda: matrix @ matrix), timed(lambda: long @ long)
    with threadpool_limits(1, "blas"):
        multiply = min(product() for _ in range(5))
        read = min(sum_of_squares() for _ in range(5))
    return Limits(2 * SGEMM_SIZE**3 / multiply / 1e9, READ_BYTES / read / 1e9)


def sparse_work(digits: Digits, hidden: int) -> SparseWork:
    """Return the work of an epoch of one network."""
    return SparseWork(int(np.count_nonzero(digits.train_images)), hidden)


def limit_turns(work: SparseWork) -> dict[str, Turn]:
    """Return turns that do only an epoch's loads, and only its multiply-adds."""
    return {LOADS: timed(_loads(work)), MULTIPLY_ADDS: timed(_multiply_adds(int(work.multiply_adds), best_chains()))}


def best_chains() -> int:
    """Return the number of independent sums with which multiply-adds are quickest."""

    def seconds(chains: int) -> float:
        turn = timed(_multiply_adds(TRIAL_VECTORS, chains))
        return min(turn() for _ in range(5))

    return int(min(limits.CHAINS, key=seconds))


def sparse_reach(comparison: Comparison, hidden: int, work: SparseWork) -> SparseReach:
    """Return how close an epoch is to the limit, from turns of `limit_turns` beside it."""
    loads, multiply_adds = comparison.ratios[LOADS], comparison.ratios[MULTIPLY_ADDS]
    return SparseReach(
        neurons=hidden,
        work=work,
        load_seconds=comparison.seconds[LOADS],
        multiply_seconds=comparison.seconds[MULTIPLY_ADDS],
        reached=max(loads, multiply_adds),
        binds="loads" if loads >= multiply_adds else "multiply-adds",
    )


def dense_line(epoch_seconds: float, digits: Digits, hidden: int, measured: Limits) -> str:
    """Return a line that compares an epoch's time with dense code and with the memory's rate."""
    least = 2 * PASSES * digits.train_images.size * hidden / (measured.sgemm_gflops * 1e9)
    read = PASSES * 2 * np.count_nonzero(digits.train_images)  # an entry has two bytes
    share = read / epoch_seconds / 1e9 / measured.read_gbytes
    return (
        f"    takes {epoch_seconds / least:.2f} of the least time of dense code ({1e3 * least:.1f} ms, its "
        f"multiply-adds at the rate of sgemm), and reads pixels at {share:.0%} of the memory's rate"
    )


def _loads(work: SparseWork) -> Callable[[], None]:
    turns = PASSES * work.nonzeros // limits.ENTRIES
    entries = np.arange(limits.ENTRIES, dtype=np.uint16)
    scales, bits = aligned_zeros((limits.ENTRIES,)), aligned_zeros((limits.ENTRIES * LANES,))
    rows = aligned_zeros((limits.ENTRIES * LANES * vectors.MOST_VECTORS,))
    total = np.zeros(1, np.int64)

    def load() -> None:
        for halves in work.strip_halves:
            limits.load_entries(turns, halves, entries, scales, rows, total, bits)

    return load


def _multiply_adds(count: int, chains: int) -> Callable[[], None]:
    sums = aligned_zeros((LANES * chains,))
    return lambda: limits.multiply_and_add(count // chains, chains, np.float32(0.5), np.float32(1), sums)
