"""Offsets of measurements in a file of records, so that one can be read back; bounded in memory."""

from __future__ import annotations

from array import array
from bisect import bisect_right

MOST_ENTRIES = 1 << 14
"""Most offsets stored; when they are full, every second one is dropped, and later ones are stored half as often."""


class MeasurementIndex:
    """Offsets by epoch, of every n-th measurement; epochs must be ascending."""

    def __init__(self, most_entries: int = MOST_ENTRIES) -> None:
        self._most = most_entries
        self._epochs, self._offsets = array("q"), array("q")
        self._every, self._seen = 1, 0

    def __len__(self) -> int:
        return len(self._epochs)

    def append(self, epoch: int, offset: int) -> None:
        """Add a measurement."""
        if self._seen % self._every == 0:
            if len(self._epochs) == self._most:
                self._thin()
            if self._seen % self._every == 0:
                self._epochs.append(epoch)
                self._offsets.append(offset)
        self._seen += 1

    def _thin(self) -> None:
        self._epochs, self._offsets = self._epochs[::2], self._offsets[::2]
        self._every *= 2

    def offset_before(self, epoch: int) -> int | None:
        """Return the offset of an epoch's measurement, or of a stored one before it; None where there is none."""
        place = bisect_right(self._epochs, epoch) - 1
        return self._offsets[place] if place >= 0 else None
