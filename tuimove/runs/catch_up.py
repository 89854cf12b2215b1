"""The sinks and the checkpoint keeper of a resumed run while it recomputes records that are on disk already."""

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
    """Drops records that are on disk already; at the first difference, cuts the file there and then writes normally."""

    def __init__(self, sinks: Iterable[Sink], resumption: Resumption) -> None:
        super().__init__(sinks)
        self._folder, self._say, self._is_begun = resumption.run_folder, resumption.say, resumption.record is not None
        self._is_moved = resumption.is_moved
        self._lines = resumption.lines(resumption.recorded)
        self._size, self._sum = resumption.size, resumption.records_sum
        self._go_on()

    def _go_on(self) -> None:
        """Read the next record on disk; after the last, let the folder append."""
        self._next = next(self._lines, None)
        if self._next is None:
            self._folder.cut(self._size, self._sum)

    def write(self, record: Record) -> None:
        """Drop the record where the one on disk is equal; at the first difference, cut the file and write."""
        if isinstance(record, RunRecord) and self._is_begun:
            return  # the front end gets it from the recorded past
        if self._next is not None and not isinstance(record, EndRecord):
            offset, content, table = self._next
            if _is_same(table, table_of(record)):
                self._sum = zlib.crc32(content, self._sum)
                self._go_on()
                return
            if self._is_moved and isinstance(record, MeasurementRecord):
                require_same_start(table, record)
            self._say(f"the records from byte {offset} on differ from what comes out now: they are made again")
            self._folder.cut(offset, self._sum)
            self._next = None
        super().write(record)

    @property
    def is_caught_up(self) -> bool:
        """Whether all records on disk have been recomputed, or the file has been cut."""
        return self._next is None


@dataclass(frozen=True)
class WaitingKeeper:
    """The checkpoint keeper of a resumed run: stores no checkpoint until the recorded epochs have been recomputed."""

    keeper: CheckpointKeeper
    sinks: CatchUp

    def wants_checkpoint(self, *, is_measured: bool) -> bool:
        """Return whether a checkpoint is due and the run has caught up with its records."""
        return self.sinks.is_caught_up and self.keeper.wants_checkpoint(is_measured=is_measured)

    def keep_checkpoint(self, checkpoint: Checkpoint) -> None:
        """Store a checkpoint once the run has caught up with its records; raises OutputError as the keeper does."""
        if self.sinks.is_caught_up:
            self.keeper.keep_checkpoint(checkpoint)


def _is_same(recorded: dict[str, Any], made: dict[str, Any]) -> bool:
    """Return whether two records are equal except for their time in seconds."""
    return {**recorded, "seconds": None} == {**made, "seconds": None}
