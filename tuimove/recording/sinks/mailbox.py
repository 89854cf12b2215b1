"""What a screen polls: the run's records since the last look, bounded, so that a stalled terminal stops nothing."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable

from tuimove.recording.checkpoint import Weights
from tuimove.recording.record import MeasurementRecord, Record
from tuimove.recording.sinks.sink import Sink

MOST_MEASUREMENTS = 1024
"""Measurements waiting to be taken; the oldest is dropped for the next one."""
WAIT_SECONDS = 0.02
"""Between two looks at whether the screen has taken some."""


class Mailbox(Sink):
    """Holds what the training thread has to tell until the screen takes it; nobody ever waits for the other."""

    def __init__(self, most: int = MOST_MEASUREMENTS) -> None:
        self._lock = threading.Lock()
        self._most = most
        self._records: deque[Record] = deque()
        self._measurements = 0
        self.dropped = 0
        """Measurements that the screen was too slow for."""
        self.epoch = 0
        """Updates made so far."""
        self.first_weights: Weights | None = None
        """Copies of the starting weights, once there are any."""
        self.latest_look: tuple[int, Weights] | None = None
        """The epoch and a copy of the weights that were last asked for."""

    def write(self, record: Record) -> None:
        """Hold the record; only measurements are ever dropped."""
        with self._lock:
            self._records.append(record)
            if isinstance(record, MeasurementRecord):
                self._measurements += 1
                if self._measurements > self._most:
                    self._drop_oldest()

    def write_patiently(self, record: Record, is_over: Callable[[], bool]) -> None:
        """Hold a record of the past, once the screen has taken enough of what there is for none to be dropped."""
        while self._measurements >= self._most // 2 and not is_over():
            time.sleep(WAIT_SECONDS)
        self.write(record)

    def _drop_oldest(self) -> None:
        place = next(i for i, record in enumerate(self._records) if isinstance(record, MeasurementRecord))
        del self._records[place]
        self._measurements -= 1
        self.dropped += 1

    def advance(self, epoch: int) -> None:
        """Note how far the run is."""
        self.epoch = epoch

    def keep_weights(self, name: str, epoch: int, weights: Weights) -> None:
        """Hold the starting weights, and show the last ones."""
        if name == "first":
            self.first_weights = weights
        elif name == "last":
            self.latest_look = epoch, weights

    def look(self, epoch: int, weights: Weights) -> None:
        """Hold the weights that the screen asked for."""
        self.latest_look = epoch, weights

    @property
    def waiting(self) -> int:
        """Records that haven't been taken yet, by which a writer with time can wait for the screen."""
        return len(self._records)

    def take(self) -> list[Record]:
        """Return what has come since the last call, in order."""
        with self._lock:
            taken = list(self._records)
            self._records.clear()
            self._measurements = 0
        return taken
