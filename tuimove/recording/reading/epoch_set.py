"""Which epochs of a run have been read: mostly evenly spaced, so that a million of them take no room."""

from __future__ import annotations

from bisect import bisect_right


class EpochSet:
    """Epochs that are added in ascending order, as ranges of one spacing each."""

    def __init__(self) -> None:
        self._ranges: list[range] = []
        self._starts: list[int] = []

    def append(self, epoch: int) -> None:
        """Add an epoch greater than all others."""
        last = self._ranges[-1] if self._ranges else range(0)
        step = epoch - last[-1] if last else 0
        if last and (len(last) == 1 or step == last.step):
            self._ranges[-1] = range(last.start, epoch + 1, step)
        else:
            self._ranges.append(range(epoch, epoch + 1))
            self._starts.append(epoch)

    def __contains__(self, epoch: int) -> bool:
        place = bisect_right(self._starts, epoch) - 1
        return place >= 0 and epoch in self._ranges[place]
