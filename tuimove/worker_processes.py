"""The engine of an experiment on this machine: a process for each group of runs, whose death costs only its own."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from tuimove.experiment import Job, Listener

WORKER = [sys.executable, "-m", "tuimove.experiment_worker"]


class WorkerProcesses:
    """Trains a few groups at once, each in a process of its own."""

    def __init__(self, slots: int) -> None:
        self.slots = slots
        self._is_stopped = False
        self._processes: set[subprocess.Popen[str]] = set()
        self._lock = threading.Lock()

    def train(self, jobs: Sequence[Job], listener: Listener) -> None:
        """Train all jobs and return when the last is over."""
        with ThreadPoolExecutor(max(1, min(len(jobs), self.slots))) as pool:
            for future in [pool.submit(self._train_job, job, listener) for job in jobs]:
                future.result()

    def stop(self) -> None:
        """Send every worker the signal to end its runs after the current epoch, and start no others."""
        self._is_stopped = True
        for process in tuple(self._processes):
            process.send_signal(signal.SIGTERM)

    def _train_job(self, job: Job, listener: Listener) -> None:
        """Run a worker to its end, passing its records on."""
        if self._is_stopped:
            return
        with subprocess.Popen(WORKER, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              text=True, encoding="utf-8", start_new_session=True) as process:  # fmt: skip
            with self._lock:
                self._processes.add(process)
            if self._is_stopped:  # between the question above and here, so `stop` hasn't seen it
                process.send_signal(signal.SIGTERM)
            complaint = _follow(process, job, listener)
        with self._lock:
            self._processes.discard(process)
        listener.finish(job, complaint or _death(process.returncode))


def _follow(process: subprocess.Popen[str], job: Job, listener: Listener) -> str:
    """Give a worker its job, pass its records on, and return what it complained of."""
    assert process.stdin
    assert process.stdout
    assert process.stderr
    with suppress(BrokenPipeError):
        json.dump(job.table, process.stdin)
        process.stdin.close()
    for line in process.stdout:
        listener.take(job, line.rstrip("\n"))
    return process.stderr.read().strip().rpartition("\n")[2]


def _death(code: int) -> str:
    if code < 0:
        return f"its process was killed by {signal.Signals(-code).name}"
    return f"its process ended with exit code {code}"
