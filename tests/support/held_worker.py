"""Loaded by the tests' Dask workers (`--preload`): jobs stand still at an epoch for as long as a file asks for it."""

from __future__ import annotations

import math
import os
import threading
import time
from pathlib import Path

from tuimove.experiments.dask import task
from tuimove.runs.steering.controls import Controls, StopReason

HOLD = "TUIMOVE_TEST_HOLD"
"""The variable with the name of the file, which holds the number of the epoch."""


def held_epoch() -> float:
    """Return the epoch at which jobs stand still."""
    try:
        return int(Path(os.environ[HOLD]).read_text())
    except FileNotFoundError:
        return math.inf


class HeldControls(Controls):
    """Controls of a job, which asks once an epoch whether it should stop; one that should is never held."""

    _epoch = -1

    @property
    def stop_reason(self) -> StopReason | None:
        """Why the run should stop; asked by the thread that trains, the answer may take long."""
        if threading.current_thread().name != "watch-job":
            self._epoch += 1
            while self._reason is None and self._epoch >= held_epoch():
                time.sleep(0.01)
        return self._reason


vars(task)["Controls"] = HeldControls
