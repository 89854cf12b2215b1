"""Where the runs of a screen of many come from: an experiment that trains in threads, or records that are read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from tuimove.runs.steering.controls import StopReason
from tuimove.screen.sources.board import Board
from tuimove.screen.sources.run_source import Source

STOP_SECONDS = 2.0
"""How long a run may take to end its epoch and save when the screen is left."""


class Background(Protocol):
    """A thread behind a screen, as far as ending it goes."""

    @property
    def out(self) -> Path | None:
        """The folder that it keeps everything in, once there is one."""

    def stop(self, reason: StopReason = "stopped") -> None:
        """Ask it to end, or to leave what it trains to another process (`detached`) where that is kept.

        May be called in a signal handler, and more than once.
        """

    def hand_over(self, say: Callable[[str], None]) -> None:
        """Have another process go on with what was detached, if anything was; called once.

        Raises
        ------
        HandOverError
            When no other process does.
        """

    def is_alive(self) -> bool:
        """Whether it still goes on."""

    def join(self, timeout: float | None = None) -> None:
        """Wait for its end."""

    def conclude(self) -> int:
        """Say on stderr how it came out and return the exit code; raises what kept it from its work."""


class RunsFeed(Source, Background, Protocol):
    """Many runs: what they have come to, and what may be asked of them."""

    board: Board
    data: Path | None
    """The folder of the runs' images, where the user has named one."""

    @property
    def can_be_stopped(self) -> bool:
        """Whether anything is trained that could be stopped."""

    def folder_of(self, place: int) -> Path | None:
        """Return where the records of a run are, or will be; None where they aren't kept."""
