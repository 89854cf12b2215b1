"""Requests from a front end to a training run; the only way back from the screen to the trainer.

Requests are made from any thread and answered by the session between two epochs. `stop` alone may also be called
in a signal handler, which may interrupt the thread that holds the lock: it takes none.
"""

from __future__ import annotations

import threading
from typing import Literal, Protocol

StopReason = Literal["stopped", "interrupted", "detached"]
"""A detached run doesn't end: another process goes on with it."""

WAKE_SECONDS = 0.05
"""How long a paused run may take to notice that it should stop, or that its weights are asked for."""


class Steering(Protocol):
    """What a screen asks of a run, trained in this process or in another."""

    @property
    def is_paused(self) -> bool:
        """Whether the run waits, or will wait after the current epoch."""

    def stop(self, reason: StopReason = "stopped") -> None:
        """Ask the run to end after the current epoch."""

    def pause(self) -> None:
        """Ask the run to wait after the current epoch."""

    def resume(self) -> None:
        """Let a paused run go on."""

    def step(self) -> None:
        """Let the run go one epoch on, and then wait."""

    def scale_rate(self, factor: float) -> None:
        """Ask for the learning rate times a factor from the next epoch on."""

    def ask_for_look(self) -> None:
        """Ask for a copy of the weights."""

    def ask_for_snapshot(self) -> None:
        """Ask for the weights to be kept."""


class Controls(Steering):
    """Requests to stop, pause, go one epoch on, change the learning rate, and to show or keep weights."""

    def __init__(self) -> None:
        self._reason: StopReason | None = None
        self._changed = threading.Condition()
        self._is_paused = False
        self._steps = 0
        self._rate_factor = 1.0
        self._wants_look = self._wants_snapshot = False

    def stop(self, reason: StopReason = "stopped") -> None:
        """Ask the run to end after the current epoch, paused or not; the first reason given stands."""
        self._reason = self._reason or reason

    @property
    def stop_reason(self) -> StopReason | None:
        """Why the run should stop, or None while it may go on."""
        return self._reason

    @property
    def is_paused(self) -> bool:
        """Whether the run waits, or will wait after the current epoch."""
        return self._is_paused

    def pause(self) -> None:
        """Ask the run to wait after the current epoch."""
        self._set_pace(is_paused=True, steps=0)

    def resume(self) -> None:
        """Let a paused run go on."""
        self._set_pace(is_paused=False, steps=0)

    def step(self) -> None:
        """Let the run go one epoch on, and then wait."""
        self._set_pace(is_paused=True, steps=1)

    def _set_pace(self, *, is_paused: bool, steps: int) -> None:
        with self._changed:
            self._is_paused, self._steps = is_paused, steps
            self._changed.notify_all()

    def scale_rate(self, factor: float) -> None:
        """Ask for the learning rate times a factor from the next epoch on; requests multiply."""
        with self._changed:
            self._rate_factor *= factor

    def ask_for_look(self) -> None:
        """Ask for a copy of the weights as they are after the current epoch."""
        self._wants_look = True

    def ask_for_snapshot(self) -> None:
        """Ask for the weights after the current epoch to be kept."""
        self._wants_snapshot = True

    def allows_epoch(self) -> bool:
        """Return whether the next epoch may begin; when it may not, wait a moment first."""
        with self._changed:
            if self._is_paused and not self._steps:
                self._changed.wait(WAKE_SECONDS)
            if not self._is_paused:
                return True
            allowed, self._steps = self._steps > 0, 0
            return allowed

    def take_rate_factor(self) -> float:
        """Return, once, what the learning rate is to be multiplied with."""
        with self._changed:
            factor, self._rate_factor = self._rate_factor, 1.0
        return factor

    def take_look(self) -> bool:
        """Return, once, whether a copy of the weights is wanted."""
        wanted, self._wants_look = self._wants_look, False
        return wanted

    def take_snapshot(self) -> bool:
        """Return, once, whether the weights are to be kept."""
        wanted, self._wants_snapshot = self._wants_snapshot, False
        return wanted
