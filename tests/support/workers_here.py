"""An experiment's engine that trains in the test's own process, for what doesn't ask where runs are trained."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from tuimove.experiments.experiment import Job, Listener
from tuimove.experiments.job_training import train
from tuimove.recording.folder.run_folder import RunFolder
from tuimove.recording.reading.written_record import WrittenRecord
from tuimove.recording.record import Record, to_json
from tuimove.recording.sinks.sink import Sink
from tuimove.runs.steering.controls import Controls
from tuimove.settings.preset import Preset


@pytest.fixture
def workers_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have experiments trained by `WorkersHere`."""
    monkeypatch.setattr("tuimove.experiments.local.processes.WorkerProcesses", WorkersHere)


class WorkersHere:
    """Trains a few groups one after the other, as `WorkerProcesses` does with a process for each."""

    def __init__(self, slots: int) -> None:
        self.slots = slots

    def train(self, jobs: Sequence[Job], listener: Listener) -> None:
        """Train all jobs."""
        for job in jobs:
            train(job.table, Controls(), Telling(job, listener).sinks_of)
            listener.finish(job, "it has no end")

    def stop(self) -> None:
        """Nothing is trained while anybody could ask for this."""


class Telling(Sink):
    """Tells a listener of a job's records."""

    def __init__(self, job: Job, listener: Listener) -> None:
        self._job, self._listener = job, listener

    def sinks_of(self, run: Mapping[str, Any], preset: Preset) -> Iterable[Sink]:
        """Return what a run is told to."""
        return [self] if run["folder"] is None else [self, RunFolder(Path(run["folder"]), preset)]

    def write(self, record: Record) -> None:
        """Pass a record on as a worker's standard output would."""
        written = WrittenRecord.read(to_json(record, histograms=self._job.table["histograms"]))
        assert written
        self._listener.receive(self._job, written)
