"""Requests from a front end to a training run; the only way from the screen back to the trainer.

Any thread makes requests, and the session handles them between two epochs. Only `stop` may also be called in a signal
handler: that may interrupt the thread that holds the lock, so it takes none.
"""

from __future__ import annotations

import threading
from typing import Literal, Protocol

StopReason = Literal["stopped", "interrupted", "detached"]
"""Why a run stops; a detached run doesn't end, since another process continues it."""

WAKE_SECONDS = 0.05
"""Seconds in which a paused run notices a request to stop or to copy its weights."""


class Steering(Protocol):
    """Requests from a screen to a run that is trained in this process or in another."""

    @property
    def is_paused(self) -> bool:
        """Whether the run is paused, or will be after the current epoch."""

    def stop(self, reason: StopReason = "stopped") -> None:
        """Ask the run to end after the current epoch."""

    def pause(self) -> None:
        """Ask the run to pause after the current epoch."""

    def resume(self) -> None:
        """Ask a paused run to continue."""

    def step(self) -> None:
        """Ask the run to train one epoch and then pause."""

    def scale_rate(self, factor: float) -> None:
        """Ask for the learning rate to be multiplied by a factor from the next epoch on."""

    def ask_for_weights(self) -> None:
        """Ask for a copy of the weights."""

    def ask_for_snapshot(self) -> None:
        """Ask for the weights to be stored as a file."""


class Controls(Steering):
    """Requests to stop, pause, step, change the learning rate, and to show or store weights."""

    def __init__(self) -> None:
        self._reason: StopReason | None = None
        self._changed = threading.Condition()
        self._is_paused = False
        self._steps = 0
        self._rate_factor = 1.0
        self._wants_weights = self._wants_snapshot = False

    def stop(self, reason: StopReason = "stopped") -> None:
        """Ask the run to end after the current epoch, paused or not; the first reason is kept."""
        self._reason = self._reason or reason

    @property
    def stop_reason(self) -> StopReason | None:
        """Why the run should stop, or None while it may go on."""
        return self._reason

    @property
    def is_paused(self) -> bool:
        """Whether the run is paused, or will be after the current epoch."""
        return self._is_paused

    def pause(self) -> None:
        """Ask the run to pause after the current epoch."""
        self._set_pace(is_paused=True, steps=0)

    def resume(self) -> None:
        """Ask a paused run to continue."""
        self._set_pace(is_paused=False, steps=0)

    def step(self) -> None:
        """Ask the run to train one epoch and then pause."""
        self._set_pace(is_paused=True, steps=1)

    def _set_pace(self, *, is_paused: bool, steps: int) -> None:
        with self._changed:
            self._is_paused, self._steps = is_paused, steps
            self._changed.notify_all()

    def scale_rate(self, factor: float) -> None:
        """Ask for the learning rate to be multiplied by a factor from the next epoch on; factors multiply."""
        with self._changed:
            self._rate_factor *= factor

    def ask_for_weights(self) -> None:
        """Ask for a copy of the weights after the current epoch."""
        self._wants_weights = True

    def ask_for_snapshot(self) -> None:
        """Ask for the weights after the current epoch to be stored as a file."""
        self._wants_snapshot = True

    def allows_epoch(self) -> bool:
        """Return whether the next epoch may begin; where it may not, wait a moment first."""
        with self._changed:
            if self._is_paused and not self._steps:
                self._changed.wait(WAKE_SECONDS)
            if not self._is_paused:
                return True
            allowed, self._steps = self._steps > 0, 0
            return allowed

    def take_rate_factor(self) -> float:
        """Return the factor for the learning rate, and reset it to 1."""
        with self._changed:
            factor, self._rate_factor = self._rate_factor, 1.0
        return factor

    def take_weights_request(self) -> bool:
        """Return whether a copy of the weights is wanted, and clear the request."""
        wanted, self._wants_weights = self._wants_weights, False
        return wanted

    def take_snapshot(self) -> bool:
        """Return whether the weights are to be stored, and clear the request."""
        wanted, self._wants_snapshot = self._wants_snapshot, False
        return wanted
