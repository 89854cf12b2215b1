"""A bounded queue of a run's records that a screen polls; a stalled terminal blocks nothing."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable

from tuimove.recording.checkpoint import Weights
from tuimove.recording.record import MeasurementRecord, Record
from tuimove.recording.sinks.sink import Sink

MOST_MEASUREMENTS = 1024
"""Most measurements in the queue; a further one replaces the oldest."""
WAIT_SECONDS = 0.02
"""Seconds between two checks of whether the screen has taken some."""


class Mailbox(Sink):
    """Queues records from the training thread for the screen; neither waits for the other."""

    def __init__(self, most: int = MOST_MEASUREMENTS) -> None:
        self._lock = threading.Lock()
        self._most = most
        self._records: deque[Record] = deque()
        self._measurements = 0
        self.dropped = 0
        """Number of measurements dropped because the screen was too slow."""
        self.epoch = 0
        """Updates made so far."""
        self.first_weights: Weights | None = None
        """Copies of the starting weights, once there are any."""
        self.latest_weights: tuple[int, Weights] | None = None
        """Epoch and copy of the weights that were last requested."""

    def write(self, record: Record) -> None:
        """Queue the record; only measurements are ever dropped."""
        with self._lock:
            self._records.append(record)
            if isinstance(record, MeasurementRecord):
                self._measurements += 1
                if self._measurements > self._most:
                    self._drop_oldest()

    def write_patiently(self, record: Record, is_over: Callable[[], bool]) -> None:
        """Queue a record of the past, after waiting for room, so that none is dropped."""
        while self._measurements >= self._most // 2 and not is_over():
            time.sleep(WAIT_SECONDS)
        self.write(record)

    def _drop_oldest(self) -> None:
        place = next(i for i, record in enumerate(self._records) if isinstance(record, MeasurementRecord))
        del self._records[place]
        self._measurements -= 1
        self.dropped += 1

    def advance(self, epoch: int) -> None:
        """Store the epoch."""
        self.epoch = epoch

    def keep_weights(self, name: str, epoch: int, weights: Weights) -> None:
        """Store the starting weights, and show the last ones."""
        if name == "first":
            self.first_weights = weights
        elif name == "last":
            self.latest_weights = epoch, weights

    def show_weights(self, epoch: int, weights: Weights) -> None:
        """Store the weights that the screen requested."""
        self.latest_weights = epoch, weights

    @property
    def waiting(self) -> int:
        """Number of queued records, by which a writer can wait for the screen."""
        return len(self._records)

    def take(self) -> list[Record]:
        """Remove and return the queued records, in order."""
        with self._lock:
            taken = list(self._records)
            self._records.clear()
            self._measurements = 0
        return taken
