"""The task that a Dask worker runs for an experiment: it trains one job and sends its records as events.

`cluster.py` is the client's side. Heavy imports wait for the first job: a worker's event loop imports this module.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

from distributed import Worker, get_worker

from tuimove.recording.checkpoint import Weights
from tuimove.recording.folder.run_folder import packed_weights
from tuimove.recording.record import Record, RunRecord, to_json
from tuimove.recording.sinks.sink import Sink
from tuimove.runs.chosen_processor import require_usable_processor
from tuimove.runs.steering.controls import Controls
from tuimove.settings.data_name import BUNDLED
from tuimove.training.image_set import Digits, read_digits

if TYPE_CHECKING:
    from tuimove.settings.preset import Preset

WATCH_SECONDS = 0.2
"""Seconds between two checks of whether a job should still go on."""
MOST_DATA = 4
"""Data sets that a worker stores; the oldest is dropped first."""
ENDED = ("cancelled", "resumed", "released", "forgotten")
"""States of a task that no client waits for: its client has ended or cancelled it."""

_data: dict[tuple[str, str], Digits] = {}
_stopped: set[str] = set()
_bundled = lru_cache(maxsize=1)(read_digits)


class MissingDataError(Exception):
    """The worker lacks the job's data: it has restarted, or dropped them for others."""


class JobResult(NamedTuple):
    """Result of a job; its records have been sent before as events."""

    lines: int
    """Number of records that were sent."""
    weights: dict[str, dict[str, bytes]]
    """Contents of `.npz` files by run id and file name; empty where no folder needs them."""


def keep_data(experiment: str, name: str, digits: Digits) -> None:
    """Store a data set for an experiment's jobs on this worker."""
    while len(_data) >= MOST_DATA:
        del _data[next(iter(_data))]
    _data[experiment, name] = digits


def drop_experiment(experiment: str) -> None:
    """Free the memory that an experiment uses on this worker."""
    for place in [place for place in _data if place[0] == experiment]:
        del _data[place]


def stop_experiment(experiment: str) -> None:
    """End an experiment's jobs on this worker after the current epoch, those included that haven't started."""
    _stopped.add(experiment)


def train_job(experiment: str, table: Mapping[str, Any], *, keeps_weights: bool) -> JobResult:
    """Train a job's runs on this worker; their records are events with the experiment's name as their topic.

    Raises
    ------
    MissingDataError
        When the experiment's data set isn't on this worker.
    TuimoveError
        When the memory isn't enough, the data are invalid, or kernels can't be compiled for what the worker's
        environment chooses.
    """
    worker = get_worker()
    key, controls = worker.get_current_task(), Controls()
    _compile_kernels(lambda words: worker.log_event(experiment, {"job": key, "words": words}))
    from tuimove.experiments.job_training import train

    outbox = Outbox(lambda number, line: worker.log_event(experiment, {"job": key, "number": number, "line": line}))
    sent: list[SentRun] = []

    def sinks_of(_run: Mapping[str, Any], _preset: Preset) -> list[Sink]:
        sent.append(SentRun(outbox, histograms=table["histograms"], keeps_weights=keeps_weights))
        return [sent[-1]]

    with _watching(worker, str(key), experiment, controls):
        train(table, controls, sinks_of, lambda name: _read(experiment, name))
    return JobResult(outbox.sent, {run.run: run.weights for run in sent if run.weights})


def _compile_kernels(say: Callable[[str], None]) -> None:
    """Compile the kernels, with a message first where this machine's cache lacks them."""
    require_usable_processor()  # of a worker's own environment; LLVM might end it
    import_module("tuimove.runs.session")  # imports and compiles the kernels
    from tuimove.kernels.compilation import compile_kernels

    compile_kernels(lambda: say("is compiling kernels (a minute at first)"))


class Outbox:
    """Numbers the lines of a job as they are sent, so that the client notices a lost one."""

    def __init__(self, send: Callable[[int, str], None]) -> None:
        self.sent = 0
        self._send = send

    def put(self, line: str) -> None:
        """Send a line."""
        self._send(self.sent, line)
        self.sent += 1


class SentRun(Sink):
    """Sends a run's records, and stores its weights for the job's result."""

    def __init__(self, outbox: Outbox, *, histograms: bool, keeps_weights: bool) -> None:
        self.run = ""
        self.weights: dict[str, bytes] = {}
        self._outbox, self._histograms, self._keeps_weights = outbox, histograms, keeps_weights

    def write(self, record: Record) -> None:
        """Send the record."""
        if isinstance(record, RunRecord):
            self.run = record.run
        self._outbox.put(to_json(record, histograms=self._histograms))

    def keep_weights(self, name: str, epoch: int, weights: Weights) -> None:
        """Store the weights as the file that a run folder has of them."""
        if self._keeps_weights:
            self.weights[f"{name}.npz"] = packed_weights(epoch, weights)


def _read(experiment: str, name: str) -> Digits:
    if name == BUNDLED:
        return _bundled(name)
    if (experiment, name) not in _data:
        raise MissingDataError(name)
    return _data[experiment, name]


@contextmanager
def _watching(worker: Worker, key: str, experiment: str, controls: Controls) -> Iterator[None]:
    """Stop a job whose experiment is stopped, or whose client has disconnected."""
    over = threading.Event()

    def watch() -> None:
        while not controls.stop_reason:
            task = worker.state.tasks.get(key)
            if experiment in _stopped or task is None or task.state in ENDED:
                controls.stop("interrupted")
            if over.wait(WATCH_SECONDS):
                return

    watcher = threading.Thread(target=watch, name="watch-job", daemon=True)
    watcher.start()
    try:
        yield
    finally:
        over.set()
        watcher.join()
