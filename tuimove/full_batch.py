"""The images as the kernels read them, and the threads that walk them.

Holds the non-zero pixels, the samples' split into slices, and each slice's own gradients. The split is the
same for any number of threads and slices are summed in one order, so the thread count never changes a bit.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from tuimove.kernels import epoch
from tuimove.network import Network
from tuimove.preset import ACTIVATIONS

SLICES = 16
"""Slices of the samples, each with its own sums; also the most threads that can share an epoch."""


@dataclass(frozen=True)
class Verdict:
    """How a network does on all images of a set."""

    loss: float
    """Mean cross-entropy, in nats."""
    accuracy: float
    """Share of the images whose largest output is the right one."""


@dataclass(frozen=True)
class Gradients:
    """Gradients of the summed loss, one row of sums per slice."""

    W1: npt.NDArray[np.float32]
    b1: npt.NDArray[np.float32]
    W2: npt.NDArray[np.float32]
    b2: npt.NDArray[np.float32]


def usable_threads() -> int:
    """Return how many processors this process may use, at most one a slice."""
    return min(
        len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1, SLICES
    )


class FullBatch:
    """A set of images that a network is judged on as a whole."""

    def __init__(
        self, images: npt.NDArray[np.uint8], labels: npt.NDArray[np.uint8], pool: ThreadPool
    ) -> None:
        self.labels = np.ascontiguousarray(labels)
        self.pool = pool
        self.bounds = np.linspace(0, len(images), SLICES + 1).astype(np.int64)
        self.starts = np.zeros(len(images) + 1, np.int64)
        np.cumsum(np.count_nonzero(images, axis=1), out=self.starts[1:])
        self.columns = np.empty(self.starts[-1], np.uint16)
        self.values = np.empty(self.starts[-1], np.uint8)
        epoch.compress_pixels(np.ascontiguousarray(images), self.starts, self.columns, self.values)
        self._losses = np.zeros(SLICES)
        self._hits = np.zeros(SLICES, np.int64)
        self._gradients: Gradients | None = None

    @property
    def samples(self) -> int:
        """Images in the set."""
        return len(self.labels)

    def evaluate(self, network: Network) -> Verdict:
        """Return the loss and accuracy of a network on all images."""
        arguments = self._arguments(network)
        self.pool.over_slices(lambda first, last: epoch.sum_losses(first, last, *arguments))
        return self._verdict()

    def differentiate(self, network: Network) -> tuple[Verdict, Gradients]:
        """Return loss and accuracy, and the gradients; these are overwritten by the next call."""
        sums = self._gradients = self._gradients or _gradient_slices(network)
        inputs, results = self._arguments(network)[:-2], self._arguments(network)[-2:]
        self.pool.over_slices(
            lambda first, last: epoch.sum_gradients(
                first, last, *inputs, sums.W1, sums.b1, sums.W2, sums.b2, *results
            )
        )
        return self._verdict(), sums

    def _arguments(self, network: Network) -> tuple[object, ...]:
        pixels = (self.bounds, self.starts, self.columns, self.values, self.labels)
        parameters = (network.W1, network.b1, network.W2, network.b2)
        shape = (network.hidden, network.classes, ACTIVATIONS.index(network.activation))
        return (*pixels, *parameters, *shape, self._losses, self._hits)

    def _verdict(self) -> Verdict:
        return Verdict(float(self._losses.sum()) / self.samples, int(self._hits.sum()) / self.samples)


def _gradient_slices(network: Network) -> Gradients:
    shapes = (network.W1.shape, network.b1.shape, network.W2.shape, network.b2.shape)
    return Gradients(*(np.zeros((SLICES, *shape), np.float32) for shape in shapes))


class ThreadPool:
    """A few threads, each given a run of neighbouring slices."""

    def __init__(self, threads: int) -> None:
        cuts = np.linspace(0, SLICES, min(threads, SLICES) + 1).astype(int).tolist()
        self._shares = list(pairwise(cuts))
        self.threads = len(self._shares)
        self._executor = ThreadPoolExecutor(len(self._shares)) if len(self._shares) > 1 else None

    def over_slices(self, work) -> None:  # type: ignore[no-untyped-def]
        """Call `work(first, last)` for every thread's slices and wait for all of them."""
        if self._executor is None:
            work(*self._shares[0])
            return
        for done in [self._executor.submit(work, *share) for share in self._shares]:
            done.result()

    def close(self) -> None:
        """End the threads."""
        if self._executor is not None:
            self._executor.shutdown()
