"""The interface of a screen of many runs: an experiment that trains in threads, or recorded runs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from tuimove.runs.steering.controls import StopReason
from tuimove.screen.sources.board import Board
from tuimove.screen.sources.run_source import Source

STOP_SECONDS = 2.0
"""Seconds that a run may take to end its epoch and save when the application closes."""


class Background(Protocol):
    """A thread behind a screen, as the application's exit sees it."""

    @property
    def out(self) -> Path | None:
        """The folder of its records, once there is one."""

    @property
    def trains_here(self) -> bool:
        """Whether it trains, and hasn't been asked to stop."""

    @property
    def can_be_handed_over(self) -> bool:
        """Whether what it trains is kept, so that another process can go on with it."""

    def stop(self, reason: StopReason = "stopped") -> None:
        """Ask the thread to end, or to leave its training to another process (`detached`) where that is stored.

        May be called in a signal handler, and more than once.
        """

    def hand_over(self, say: Callable[[str], None]) -> None:
        """Hand a detached run over to another process; does nothing without one, or a second time.

        Raises
        ------
        HandOverError
            When no other process takes it.
        """

    def is_alive(self) -> bool:
        """Whether the thread still runs."""

    def join(self, timeout: float | None = None) -> None:
        """Wait for the thread's end."""

    def conclude(self) -> int:
        """Print the result on stderr and return the exit code; raises the thread's error."""


class RunsFeed(Source, Background, Protocol):
    """Many runs with their board."""

    board: Board
    data: Path | None
    """Folder of the runs' images, if the user has named one."""

    @property
    def can_be_stopped(self) -> bool:
        """Whether it trains runs, which can be stopped."""

    def folder_of(self, place: int) -> Path | None:
        """Return the place of a run's records, which may not exist yet; None where they aren't stored."""
