"""A fixed sample of a matrix's entries, which stands for it where it is large."""

from __future__ import annotations

import zlib

import numpy as np
import numpy.typing as npt

Places = npt.NDArray[np.int64]


def sampled_places(name: str, entries: int, most: int) -> Places | None:
    """Return the flat places of at most `most` entries of a matrix, (places,), ascending; None for all of them.

    One place is drawn at random from each of `most` stretches of equal length, with a seed made of the name: a matrix
    has the same sample at every look, and in every run.
    """
    if entries <= most:
        return None
    random = np.random.default_rng(zlib.crc32(name.encode()))
    edges = np.arange(most + 1, dtype=np.int64) * entries // most
    return edges[:-1] + (random.random(most) * np.diff(edges)).astype(np.int64)
