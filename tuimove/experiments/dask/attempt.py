"""One try of a Dask worker at a job, and the number of its records that have arrived."""

from __future__ import annotations

from dataclasses import dataclass

from distributed import Future

from tuimove.experiments.dask.run_copies import RunCopies
from tuimove.experiments.dask.task import JobResult
from tuimove.experiments.experiment import Job
from tuimove.recording.reading.written_record import WrittenRecord


@dataclass
class Attempt:
    """A job that has been submitted to a worker."""

    job: Job
    tries: int
    """Number of this try, from 1."""
    worker: str
    """The worker's address."""
    future: Future[JobResult]
    copies: RunCopies
    """The run folders that are written from its records."""
    lines: int = 0
    """Records that have arrived without a gap."""

    def take(self, number: int, line: str) -> WrittenRecord | None:
        """Parse a record, write it to its run's folder and return it; None after a gap, or where it is invalid.

        Number 0 may arrive again: a worker that restarts at its old address runs the job again.
        """
        self.lines = 0 if number == 0 else self.lines
        if number != self.lines:
            return None
        self.lines += 1
        if record := WrittenRecord.read(line):
            self.copies.take(record)
        return record
