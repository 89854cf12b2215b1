"""Evaluates and differentiates networks over a whole set of images, on several threads.

The samples are cut into slices that don't depend on the number of threads, and slices are summed in one order, so the
thread count never changes a bit.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits

from tuimove.training.image_layout import Form, Sums, arrange_images, empty_sums
from tuimove.training.network import SLICES, Networks


@dataclass(frozen=True)
class Score:
    """Loss and accuracy of a network on all images of a set."""

    loss: float
    """Mean cross-entropy, in nats."""
    accuracy: float
    """Share of the images whose largest output is the right one."""


class FullBatch:
    """A set of images on which networks of one shape are evaluated and trained."""

    def __init__(
        self,
        images: npt.NDArray[np.uint8],
        labels: npt.NDArray[np.uint8],
        networks: Networks,
        pool: ThreadPool,
        *,
        gradients: bool,
        form: Form | None = None,
    ) -> None:
        """Lay out images, (samples, inputs), for these networks or others as wide; `gradients` allocates their sums."""
        self.samples = len(labels)
        self._pool = pool
        self._images = arrange_images(
            images, np.ascontiguousarray(labels), networks.W1.shape[1], form, gradients=gradients
        )
        self._sums = empty_sums(networks, gradients=gradients)

    @property
    def form(self) -> Form:
        """Format of the images in memory: `sparse` or `dense`."""
        return self._images.form

    def evaluate(self, networks: Networks) -> list[Score]:
        """Return each network's loss and accuracy."""
        self._walk(networks, gradients=False)
        return self._verdicts()

    def differentiate(self, networks: Networks) -> tuple[list[Score], Sums]:
        """Return each network's score, and the sums of its gradients, which the next call overwrites."""
        self._walk(networks, gradients=True)
        return self._verdicts(), self._sums

    def _walk(self, networks: Networks, *, gradients: bool) -> None:
        one_blas_thread = threadpool_limits(1, "blas") if self.form == "dense" else nullcontext()
        with one_blas_thread:
            self._pool.over_slices(
                lambda first, last: self._images.walk(networks, self._sums, first, last, gradients=gradients)
            )

    def _verdicts(self) -> list[Score]:
        losses, hits = self._sums.losses.sum(axis=0), self._sums.hits.sum(axis=0)
        return [
            Score(loss / self.samples, hit / self.samples)
            for loss, hit in zip(losses.tolist(), hits.tolist(), strict=True)
        ]


def usable_threads() -> int:
    """Return the number of processors that this process may use, at most one per slice."""
    if hasattr(os, "sched_getaffinity"):
        return min(len(os.sched_getaffinity(0)), SLICES)
    return min(os.cpu_count() or 1, SLICES)


class ThreadPool:
    """Threads that each work on neighbouring slices."""

    def __init__(self, threads: int) -> None:
        cuts = np.linspace(0, SLICES, min(threads, SLICES) + 1).astype(int).tolist()
        self._shares = list(pairwise(cuts))
        self.threads = len(self._shares)
        self._executor = ThreadPoolExecutor(self.threads) if self.threads > 1 else None

    def over_slices(self, work: Callable[[int, int], None]) -> None:
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
