"""The engine of an experiment on this machine: a process for each group of runs, so that a crash costs one group."""

from __future__ import annotations

import json
import signal
import subprocess
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import IO

from tuimove.experiments.experiment import Job, Listener
from tuimove.recording.reading.written_record import WrittenRecord
from tuimove.runs.child_process import ChildError, death_of, start_module

WORKER = "tuimove.experiments.local.worker"
"""Module that a worker process runs."""


class WorkerProcesses:
    """Trains `slots` groups at once, each in its own process."""

    keeps_checkpoints = True

    def __init__(self, slots: int) -> None:
        self.slots = slots
        self._is_stopped = False
        self._processes: set[subprocess.Popen[bytes]] = set()
        self._lock = threading.Lock()

    def train(self, jobs: Sequence[Job], listener: Listener) -> None:
        """Train all jobs and return after the last."""
        with ThreadPoolExecutor(max(1, min(len(jobs), self.slots))) as pool:
            for future in [pool.submit(self._train_job, job, listener) for job in jobs]:
                future.result()

    def stop(self) -> None:
        """Signal every worker to end its runs after the current epoch, and start no others."""
        self._is_stopped = True
        for process in tuple(self._processes):
            process.send_signal(signal.SIGTERM)

    def _train_job(self, job: Job, listener: Listener) -> None:
        """Run a worker to its end, passing its records on."""
        if self._is_stopped:
            return
        try:
            process = start_module(WORKER, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        except ChildError as error:
            listener.finish(job, str(error))
            return
        with self._registered(process), process:
            complaint = _follow(process, job, listener)
        listener.finish(job, complaint or death_of(process))

    @contextmanager
    def _registered(self, process: subprocess.Popen[bytes]) -> Iterator[None]:
        """List a process among those that `stop` signals."""
        with self._lock:
            self._processes.add(process)
        if self._is_stopped:  # `stop` was called before the process was listed
            process.send_signal(signal.SIGTERM)
        try:
            yield
        finally:
            with self._lock:
                self._processes.discard(process)


def _follow(process: subprocess.Popen[bytes], job: Job, listener: Listener) -> str:
    """Send a worker its job, pass its records on, and return its last line on standard error."""
    assert process.stdin
    assert process.stdout
    assert process.stderr
    words: deque[bytes] = deque(maxlen=1)
    reader = threading.Thread(target=_read_words, args=(process.stderr, words), name="words of a worker", daemon=True)
    reader.start()
    with suppress(BrokenPipeError), process.stdin:  # a worker that has died has printed why
        process.stdin.write(json.dumps(job.table).encode())
    for line in process.stdout:
        if record := WrittenRecord.read(line.decode(errors="replace").rstrip("\n")):
            listener.receive(job, record)
    reader.join()
    return words[0].decode(errors="replace") if words else ""


def _read_words(stream: IO[bytes], words: deque[bytes]) -> None:
    """Read a stream to its end, so that the worker never blocks, and keep the last non-empty line."""
    words.extend(line for line in map(bytes.strip, stream) if line)
