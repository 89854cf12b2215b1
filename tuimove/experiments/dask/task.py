"""What a Dask worker does for an experiment: it trains one job and sends its records as events meanwhile.

The client's side is `cluster.py`. Nothing heavy is imported before a job comes: a worker's event loop loads this.
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
from tuimove.runs.steering.controls import Controls
from tuimove.settings.data_name import BUNDLED
from tuimove.training.image_set import Digits, read_digits

if TYPE_CHECKING:
    from tuimove.settings.preset import Preset

WATCH_SECONDS = 0.2
"""Between two looks at whether a job should still go on."""
MOST_DATA = 4
"""Data sets of experiments that a worker keeps; the oldest goes first."""
ENDED = ("cancelled", "resumed", "released", "forgotten")
"""States of a task that nobody waits for any more: its client has gone, or taken it back."""

_data: dict[tuple[str, str], Digits] = {}
_stopped: set[str] = set()
_bundled = lru_cache(maxsize=1)(read_digits)


class MissingDataError(Exception):
    """The worker hasn't the job's data: it has started anew, or others needed the room."""


class JobResult(NamedTuple):
    """What a job gives back at its end; its records have gone ahead."""

    lines: int
    """Records that were sent."""
    weights: dict[str, dict[str, bytes]]
    """By run id, `.npz` files by their name; empty where nobody keeps them."""


def keep_data(experiment: str, name: str, digits: Digits) -> None:
    """Keep a data set for an experiment's jobs on this worker."""
    while len(_data) >= MOST_DATA:
        del _data[next(iter(_data))]
    _data[experiment, name] = digits


def drop_experiment(experiment: str) -> None:
    """Let go of what an experiment has left on this worker."""
    for place in [place for place in _data if place[0] == experiment]:
        del _data[place]


def stop_experiment(experiment: str) -> None:
    """Have an experiment's jobs on this worker end after the current epoch, those included that haven't begun."""
    _stopped.add(experiment)


def train_job(experiment: str, table: Mapping[str, Any], *, keeps_weights: bool) -> JobResult:
    """Train a job's runs on this worker; their records are events of the topic named as the experiment.

    Raises
    ------
    MissingDataError
        When the experiment's own data aren't here.
    TuimoveError
        When memory or the data won't do.
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
    """Compile the kernels, and say so first where this machine's cache doesn't hold them."""
    import_module("tuimove.runs.session")  # and with it the kernels
    from tuimove.kernels.compilation import compile_kernels

    compile_kernels(lambda: say("is compiling kernels (a minute at first)"))


class Outbox:
    """Numbers the lines of a job as they are sent, so that a lost one is noticed."""

    def __init__(self, send: Callable[[int, str], None]) -> None:
        self.sent = 0
        self._send = send

    def put(self, line: str) -> None:
        """Send a line."""
        self._send(self.sent, line)
        self.sent += 1


class SentRun(Sink):
    """Sends a run's records, and keeps its weights to be given back."""

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
        """Keep them as the file that a run folder has of them."""
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
    """Stop a job whose experiment is stopped, or whose client has gone."""
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
