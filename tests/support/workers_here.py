"""An experiment's engine that trains in the test's own process, for what doesn't ask where runs are trained."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from tuimove.experiments.continuation import kept_in
from tuimove.experiments.experiment import Job, Listener
from tuimove.experiments.job_training import train
from tuimove.recording.reading.written_record import WrittenRecord
from tuimove.recording.record import Record, to_json
from tuimove.recording.sinks.sink import Sink
from tuimove.runs.steering.controls import Controls


@pytest.fixture
def workers_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have experiments trained by `WorkersHere`."""
    monkeypatch.setattr("tuimove.experiments.local.processes.WorkerProcesses", WorkersHere)


class WorkersHere:
    """Trains a few groups one after the other, as `WorkerProcesses` does with a process for each."""

    keeps_checkpoints = True

    def __init__(self, slots: int) -> None:
        self.slots = slots

    def train(self, jobs: Sequence[Job], listener: Listener) -> None:
        """Train all jobs."""
        for job in jobs:
            told = [Telling(job, listener)]
            train(job.table, Controls(), lambda *_, told=told: told, kept_in=kept_in)
            listener.finish(job, "it has no end")

    def stop(self) -> None:
        """Nothing is trained while anybody could ask for this."""


class Telling(Sink):
    """Tells a listener of a job's records."""

    def __init__(self, job: Job, listener: Listener) -> None:
        self._job, self._listener = job, listener

    def write(self, record: Record) -> None:
        """Pass a record on as a worker's standard output would."""
        written = WrittenRecord.read(to_json(record, histograms=self._job.table["histograms"]))
        assert written
        self._listener.receive(self._job, written)
