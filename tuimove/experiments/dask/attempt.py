"""A job on one worker of a Dask cluster, and which of its records have come."""

from __future__ import annotations

import json
from dataclasses import dataclass

from distributed import Future

from tuimove.experiments.dask.run_copies import RunCopies
from tuimove.experiments.dask.task import JobResult
from tuimove.experiments.experiment import Job
from tuimove.recording.record import line_of, without_histograms


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

    def take(self, number: int, line: str) -> str | None:
        """Keep a record and return it as it is to be passed on; None when some before it are lost.

        Number 0 may come again: a worker that was started anew at its old address begins the job anew.
        """
        self.lines = 0 if number == 0 else self.lines
        if number != self.lines:
            return None
        self.lines += 1
        self.copies.take(line)
        is_asked_for = self.job.table["histograms"] or '"histogram"' not in line
        return line if is_asked_for else line_of(without_histograms(json.loads(line)))
