"""A fixed sample of a matrix's entries, which stands for it where it is large."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

MOST_MEASURED = 2**18
"""Entries that stand for a larger matrix, where nobody says how many."""
Places = npt.NDArray[np.int64] | npt.NDArray[np.int32]


class Samples:
    """The places that are measured of matrices with more than `most` entries; equal for matrices of equal size."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._by_entries: dict[int, Places] = {}

    def of(self, entries: int) -> Places | None:
        """Return the flat places in a matrix of so many entries, (most,), ascending; None for all of them.

        One place is drawn at random from each of `most` stretches of equal length, with a seed made of the number of
        entries: a matrix has the same sample at every look, and in every run.
        """
        if entries <= self.most:
            return None
        if entries not in self._by_entries:
            self._by_entries[entries] = _drawn(entries, self.most)
        return self._by_entries[entries]


def _drawn(entries: int, most: int) -> Places:
    places = np.random.default_rng(entries).random(most)
    places += np.arange(most)
    places *= entries / most
    kind = np.int32 if entries <= np.iinfo(np.int32).max else np.int64
    drawn: Places = np.minimum(places.astype(kind), entries - 1)
    return drawn
