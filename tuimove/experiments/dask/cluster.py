"""The engine of an experiment on a Dask cluster: one job at a time for each worker, with all of its threads.

Jobs wait here, not at the scheduler, so queued ones need no cancelling and a worker that joins late gets its share.
Records arrive as numbered events, in order; a job whose worker dies, or that lost a record, is tried again. Run folders
are written here. `task.py` is what workers run, `workforce.py` knows which there are.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError
from contextlib import suppress
from functools import lru_cache
from itertools import count
from queue import Empty, SimpleQueue
from typing import Any

from distributed import Client

from tuimove.errors import TuimoveError
from tuimove.experiments.dask.attempt import Attempt
from tuimove.experiments.dask.run_copies import RunCopies
from tuimove.experiments.dask.task import MissingDataError, drop_experiment, keep_data, stop_experiment, train_job
from tuimove.experiments.dask.workforce import Workforce
from tuimove.experiments.experiment import Job, Listener
from tuimove.settings.data_name import BUNDLED
from tuimove.settings.wording import counted
from tuimove.training.image_set import read_digits

TICK_SECONDS = 0.2
"""Seconds between two checks of the jobs, where no event wakes the engine sooner."""
LOOK_SECONDS = 1.0
"""Seconds between two checks of the workers."""
RESULT_SECONDS = 30.0
"""Seconds that the transfer of a job's weights may take."""
GRACE_SECONDS = 5.0
"""Seconds to wait for records after the end of their job; normally none are late."""
MOST_TRIES = 3
"""Tries of a job: one that has ended this many workers isn't tried again."""
PATIENCE_SECONDS = 60.0
"""Seconds that an experiment without any worker waits for one."""


class DaskCluster:
    """Trains one group on each worker of a cluster at once."""

    keeps_checkpoints = False

    def __init__(self, client: Client, address: str, say: Callable[[str], None]) -> None:
        """Find the workers; raises a TuimoveError when there are none, or one has another version of tuimove."""
        self._client, self._address, self._say = client, address, say
        self._workforce = Workforce(client, address, say)
        self._inbox: SimpleQueue[dict[str, Any] | None] = SimpleQueue()
        self._waiting: deque[tuple[Job, int]] = deque()
        self._running: dict[str, Attempt] = {}
        self._sent: set[tuple[str, str]] = set()
        self._numbers = count()
        self._read = lru_cache(maxsize=1)(read_digits)
        self._stops = self._stops_handled = 0
        self._looked_at = self._worked_at = time.monotonic()

    @property
    def slots(self) -> int:
        """Groups that are trained at once."""
        return len(self._workforce.threads)

    def stop(self) -> None:
        """End runs after the current epoch and start no others; a second call doesn't wait for them."""
        self._stops += 1
        self._inbox.put(None)

    def train(self, jobs: Sequence[Job], listener: Listener) -> None:
        """Train all jobs and return after the last; raises OutputError where a run's folder can't be written."""
        self._waiting.extend((job, 0) for job in jobs)
        self._client.subscribe_topic(self._experiment, self._receive)
        try:
            while self._waiting or self._running:
                self._assign_jobs(listener)
                self._take_records(listener)
                self._take_results(listener)
                self._check_cluster(listener)
                self._handle_stops(listener)
        finally:
            self._leave()

    @property
    def _experiment(self) -> str:
        """Topic of the experiment's events on the cluster; the scheduler stores a client's last events for an hour."""
        return str(self._client.id)

    def _receive(self, event: tuple[float, dict[str, Any]]) -> None:
        """Queue an event; called in the client's own thread."""
        if "job" in event[1]:
            self._inbox.put(event[1])

    # Jobs and their ends

    def _assign_jobs(self, listener: Listener) -> None:
        """Submit a job to every idle worker; one whose data can't be read is finished with an error."""
        busy = {attempt.worker for attempt in self._running.values()}
        for worker, threads in self._workforce.threads.items():
            if self._waiting and worker not in busy:
                job, tries = self._waiting.popleft()
                try:
                    self._submit(job, tries + 1, worker, threads)
                except TuimoveError as error:
                    listener.finish(job, str(error))

    def _submit(self, job: Job, tries: int, worker: str, threads: int) -> None:
        self._send_data(job, worker)
        copies = RunCopies(job.table["runs"])
        histograms = job.table["histograms"] or copies.are_wanted
        table = {**job.table, "threads": threads, "histograms": histograms}
        future = self._client.submit(
            train_job, self._experiment, table, keeps_weights=copies.are_wanted, workers=[worker], pure=False,
            key=f"{self._experiment}-{next(self._numbers)}",
        )  # fmt: skip
        future.add_done_callback(lambda _: self._inbox.put(None))
        self._running[str(future.key)] = Attempt(job, tries, worker, future, copies)

    def _send_data(self, job: Job, worker: str) -> None:
        """Send a worker the job's data set, once; MNIST is installed there."""
        name = job.table["runs"][0]["preset"]["data"]["name"]
        if name != BUNDLED and (worker, name) not in self._sent:
            digits = self._read(name)
            self._client.run(keep_data, self._experiment, name, digits, workers=[worker], on_error="ignore")
            self._sent.add((worker, name))

    def _take_records(self, listener: Listener) -> None:
        """Pass on the records that have arrived; wait a moment for the first."""
        with suppress(Empty):
            self._take_event(self._inbox.get(timeout=TICK_SECONDS), listener)
            for _ in range(self._inbox.qsize()):
                self._take_event(self._inbox.get_nowait(), listener)

    def _take_event(self, message: dict[str, Any] | None, listener: Listener) -> None:
        if message and (attempt := self._running.get(message["job"])):
            if words := message.get("words"):
                self._say(f"worker {attempt.worker} {words}")
                return
            if record := attempt.take(message["number"], message["line"]):
                listener.receive(attempt.job, record)

    def _take_results(self, listener: Listener) -> None:
        for attempt in tuple(self._running.values()):
            match attempt.future.status:
                case "finished":
                    self._take_result(attempt, listener)
                case "error":
                    self._take_error(attempt, listener)
                case "cancelled" | "lost":
                    self._abandon(f"the scheduler at {self._address} has gone", listener)
                    return

    def _take_result(self, attempt: Attempt, listener: Listener) -> None:
        """Finish a job whose records have all arrived."""
        try:
            result = attempt.future.result(timeout=RESULT_SECONDS)
        except (TimeoutError, CancelledError, OSError):
            return  # its worker died with it: the check of the workers finds that
        deadline = time.monotonic() + GRACE_SECONDS
        while attempt.lines < result.lines and time.monotonic() < deadline:
            self._take_records(listener)
        if attempt.lines == result.lines:
            attempt.copies.complete(result.weights)
            self._end(attempt, "", listener)
        else:
            self._retry(attempt, "lost records of its job", listener)

    def _take_error(self, attempt: Attempt, listener: Listener) -> None:
        error = attempt.future.exception(timeout=RESULT_SECONDS)
        if isinstance(error, MissingDataError):
            self._sent.discard((attempt.worker, str(error)))
            self._retry(attempt, "no longer has the data", listener)
        else:
            complaint = str(error) if isinstance(error, TuimoveError) else f"its job failed: {error!r}"
            self._end(attempt, complaint, listener)

    def _retry(self, attempt: Attempt, why: str, listener: Listener) -> None:
        """Put a job first in the queue, unless it has had its tries."""
        if attempt.tries >= MOST_TRIES or self._stops:
            tried = counted(attempt.tries, "time")
            self._end(attempt, f"tried {tried}; at last worker {attempt.worker} {why}", listener)
            return
        self._say(f"worker {attempt.worker} {why}; {counted(len(attempt.job.places), 'run')} begun again")
        self._discard(attempt)
        self._waiting.appendleft((attempt.job, attempt.tries))

    def _discard(self, attempt: Attempt) -> None:
        del self._running[str(attempt.future.key)]
        attempt.copies.close()
        attempt.future.cancel()

    def _end(self, attempt: Attempt, complaint: str, listener: Listener) -> None:
        self._discard(attempt)
        listener.finish(attempt.job, complaint)

    def _abandon(self, why: str, listener: Listener) -> None:
        """Give up all jobs; runs that haven't started stay untouched."""
        if not self._stops:
            left = sum(len(job.places) for job, _ in self._waiting)
            self._say(f"{why}; {counted(left, 'run')} not begun")
        self._waiting.clear()
        for attempt in tuple(self._running.values()):
            self._end(attempt, why, listener)

    # Workers

    def _check_cluster(self, listener: Listener) -> None:
        """Check the scheduler and the workers, at most once per LOOK_SECONDS."""
        now = time.monotonic()
        if now < self._looked_at + LOOK_SECONDS:
            return
        self._looked_at = now
        if self._client.status != "running":
            self._abandon(f"the scheduler at {self._address} has gone", listener)
            return
        self._workforce.refresh()
        for attempt in tuple(self._running.values()):
            if attempt.worker not in self._workforce.present:
                self._retry(attempt, "was lost", listener)
        self._abandon_without_workers(now, listener)

    def _abandon_without_workers(self, now: float, listener: Listener) -> None:
        """Abandon the experiment when there has been no worker for a minute."""
        if self._workforce.threads or self._running:
            self._worked_at = now
        elif now > self._worked_at + PATIENCE_SECONDS:
            self._abandon(f"no worker left for {PATIENCE_SECONDS:.0f} s", listener)

    # The end

    def _handle_stops(self, listener: Listener) -> None:
        """Act on calls of `stop`, which only counts them, since it may run in a signal handler."""
        if not self._stops:
            return
        self._waiting.clear()
        if not self._stops_handled:
            self._run_everywhere(stop_experiment)
        elif self._stops > self._stops_handled:
            self._abandon("interrupted", listener)
        self._stops_handled = self._stops

    def _leave(self) -> None:
        """Remove the experiment's tasks and data from the cluster."""
        for attempt in tuple(self._running.values()):
            self._discard(attempt)
        self._run_everywhere(drop_experiment)

    def _run_everywhere(self, function: Callable[[str], None]) -> None:
        if self._client.status == "running":
            self._client.run(function, self._experiment, on_error="ignore")
