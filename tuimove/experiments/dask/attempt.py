"""A job on one worker of a Dask cluster, and which of its records have come."""

from __future__ import annotations

from dataclasses import dataclass

from distributed import Future

from tuimove.experiments.dask.run_copies import RunCopies
from tuimove.experiments.dask.task import JobResult
from tuimove.experiments.experiment import Job
from tuimove.recording.reading.written_record import WrittenRecord


@dataclass
class Attempt:
    """A job that a worker has been given."""

    job: Job
    tries: int
    """This one included."""
    worker: str
    """Its address."""
    future: Future[JobResult]
    copies: RunCopies
    """The run folders that are written of it."""
    lines: int = 0
    """Records that have come, without a gap."""

    def take(self, number: int, line: str) -> WrittenRecord | None:
        """Keep a record and return it to be passed on; None when some before it are lost, or it isn't one.

        Number 0 may come again: a worker that was started anew at its old address begins the job anew.
        """
        self.lines = 0 if number == 0 else self.lines
        if number != self.lines:
            return None
        self.lines += 1
        if record := WrittenRecord.read(line):
            self.copies.take(record)
        return record
