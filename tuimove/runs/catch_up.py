"""The sinks and the keeper of a resumed run, which are given only what has not been recorded before."""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from tuimove.recording.checkpoint import Checkpoint, CheckpointKeeper
from tuimove.recording.record import EndRecord, MeasurementRecord, Record, RunRecord, table_of
from tuimove.recording.sinks.sink import Broadcast, Sink
from tuimove.runs.resumed_data import require_same_start
from tuimove.runs.resumption import Resumption


class CatchUp(Broadcast):
    """The sinks of a resumed run: told nothing that has been recorded before, as long as it comes out the same."""

    def __init__(self, sinks: Iterable[Sink], resumption: Resumption) -> None:
        super().__init__(sinks)
        self._kept, self._say, self._is_begun = resumption.kept, resumption.say, resumption.record is not None
        self._is_moved = resumption.is_moved
        self._lines = resumption.lines(resumption.recorded)
        self._size, self._sum = resumption.size, resumption.records_sum
        self._go_on()

    def _go_on(self) -> None:
        """Go on to the next record that is there already; after the last the folder takes more."""
        self._next = next(self._lines, None)
        if self._next is None:
            self._kept.cut(self._size, self._sum)

    def write(self, record: Record) -> None:
        """Pass the record on unless it is there already; what is there and differs is cut off and made again."""
        if isinstance(record, RunRecord) and self._is_begun:
            return  # whoever resumes tells of it, where it is wanted
        if self._next is not None and not isinstance(record, EndRecord):
            offset, content, table = self._next
            if _is_same(table, table_of(record)):
                self._sum = zlib.crc32(content, self._sum)
                self._go_on()
                return
            if self._is_moved and isinstance(record, MeasurementRecord):
                require_same_start(table, record)
            self._say(f"the records from byte {offset} on differ from what comes out now: they are made again")
            self._kept.cut(offset, self._sum)
            self._next = None
        super().write(record)

    @property
    def is_caught_up(self) -> bool:
        """Whether everything that has been recorded before has come out again."""
        return self._next is None


@dataclass(frozen=True)
class WaitingKeeper:
    """A resumed run's keeper: it wants no checkpoint as long as the records are ahead of it."""

    keeper: CheckpointKeeper
    told: CatchUp

    def wants_checkpoint(self, *, is_measured: bool) -> bool:
        """Return whether it is time for one, and the records have been caught up with."""
        return self.told.is_caught_up and self.keeper.wants_checkpoint(is_measured=is_measured)

    def keep_checkpoint(self, checkpoint: Checkpoint) -> None:
        """Store a checkpoint, unless the records are ahead of it; raises OutputError as the keeper does."""
        if self.told.is_caught_up:
            self.keeper.keep_checkpoint(checkpoint)


def _is_same(recorded: dict[str, Any], made: dict[str, Any]) -> bool:
    """Return whether two records say the same, but for the time it took."""
    return {**recorded, "seconds": None} == {**made, "seconds": None}
