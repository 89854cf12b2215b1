"""The least time in which one thread of this machine can take an epoch, whatever the code.

For the sparse form it is the time of its loads or of its multiply-adds, whichever takes longer: both are run, as many
as an epoch needs and nothing else, in turn with the epoch itself. For dense code it is the time of its multiply-adds
at the rate of a large product of matrices.
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
"""Multiply-adds by which the best number of sums under way at once is found."""

PASSES = 2
"""Over the non-zero pixels in an epoch: forward, to the hidden layer's sums, and backward, to W1's gradient."""

LOADS, MULTIPLY_ADDS = "least loads", "least multiply-adds"
"""What the turns that show the limit are called among an epoch's contenders."""


@dataclass(frozen=True)
class Limits:
    """What one thread of this machine can do at most."""

    sgemm_gflops: float
    """float32 multiply-adds of a dense product, each counted as two, in 10^9 a second."""
    read_gbytes: float
    """Bytes of a long array read in 10^9 a second."""


@dataclass(frozen=True)
class SparseWork:
    """What both passes over the non-zero pixels need at least."""

    nonzeros: int
    """Of all training images."""
    neurons: int
    """Columns of W1 that hold weights."""

    @property
    def vectors(self) -> float:
        """Vectors of 16 lanes that are needed for a row of W1, in halves."""
        return sum(self.strip_halves) / 2

    @property
    def idle_lanes(self) -> int:
        """Lanes of these that are padding."""
        return int(LANES * self.vectors) - self.neurons

    @property
    def strip_halves(self) -> list[int]:
        """Half vectors of each strip of a row: only so many are summed in registers while the entries are read once."""
        halves = -(-self.neurons // vectors.HALF)
        parts = -(-halves // (2 * vectors.MOST_VECTORS))
        return [halves * (n + 1) // parts - halves * n // parts for n in range(parts)]

    @property
    def loads(self) -> int:
        """Of an entry (2 bytes) and its scale (4 bytes) for each strip, and of a row's vectors, whole or half."""
        return PASSES * self.nonzeros * sum(2 + (halves + 1) // 2 for halves in self.strip_halves)

    @property
    def multiply_adds(self) -> float:
        """Of whole vectors, a half counted as half of one."""
        return PASSES * self.nonzeros * self.vectors


@dataclass(frozen=True)
class SparseReach:
    """How near to the processor's limit an epoch of one network in the sparse form is, with one thread."""

    neurons: int
    work: SparseWork
    load_seconds: float
    """In which the processor does the loads alone."""
    multiply_seconds: float
    """In which the processor does the multiply-adds alone."""
    reached: float
    """Share of an epoch's time that the longer of both takes; 1 is the limit."""
    binds: str
    """`loads` or `multiply-adds`: which of them takes longer."""

    def to_json(self) -> dict[str, Any]:
        """Return it with the counts of its work."""
        return {**asdict(self), "loads": self.work.loads, "multiply_adds": self.work.multiply_adds}

    def line(self) -> str:
        """Return it in words."""
        width = LANES * self.work.vectors
        return (
            f"    reaches {self.reached:.0%} of the processor's limit ({self.binds} bind): "
            f"{self.work.loads / 1e6:.3g} million loads take {1e3 * self.load_seconds:.1f} ms at least, "
            f"{self.work.multiply_adds / 1e6:.3g} million multiply-adds of {LANES} lanes "
            f"{1e3 * self.multiply_seconds:.1f} ms; {self.work.idle_lanes} of {width:.0f} lanes are padding"
        )


def measure_limits() -> Limits:
    """Return what one thread reaches in a large dense product and in reading a long array."""
    matrix = np.random.default_rng(0).random((SGEMM_SIZE, SGEMM_SIZE), np.float32)
    long = np.ones(READ_BYTES // 4, np.float32)
    product, sum_of_squares = timed(lambda: matrix @ matrix), timed(lambda: long @ long)
    with threadpool_limits(1, "blas"):
        multiply = min(product() for _ in range(5))
        read = min(sum_of_squares() for _ in range(5))
    return Limits(2 * SGEMM_SIZE**3 / multiply / 1e9, READ_BYTES / read / 1e9)


def sparse_work(digits: Digits, hidden: int) -> SparseWork:
    """Return what an epoch of one network needs."""
    return SparseWork(int(np.count_nonzero(digits.train_images)), hidden)


def limit_turns(work: SparseWork) -> dict[str, Turn]:
    """Return turns that do the loads of an epoch, and its multiply-adds, as quickly as the processor can."""
    return {LOADS: timed(_loads(work)), MULTIPLY_ADDS: timed(_multiply_adds(int(work.multiply_adds), best_chains()))}


def best_chains() -> int:
    """Return the number of sums under way at once with which multiply-adds are quickest."""

    def seconds(chains: int) -> float:
        turn = timed(_multiply_adds(TRIAL_VECTORS, chains))
        return min(turn() for _ in range(5))

    return int(min(limits.CHAINS, key=seconds))


def sparse_reach(comparison: Comparison, hidden: int, work: SparseWork) -> SparseReach:
    """Return how near an epoch is to the limit, from turns of `limit_turns` beside it."""
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
    """Return in words how an epoch's time compares with dense code, and with the memory."""
    least = 2 * PASSES * digits.train_images.size * hidden / (measured.sgemm_gflops * 1e9)
    read = PASSES * 2 * np.count_nonzero(digits.train_images)  # entries are of two bytes
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
