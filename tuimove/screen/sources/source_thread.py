"""The base class of the threads behind the screens."""

from __future__ import annotations

import threading
from abc import abstractmethod
from collections import deque
from collections.abc import Callable
from pathlib import Path

from tuimove.errors import ExitCode, TuimoveError
from tuimove.recording.folder.store import run_name


def gone_words(folder: Path) -> str:
    """Return what to do where the process has gone that trained: in a line of 80 columns for most names."""
    return f"process gone; to go on: tuimove resume {run_name(folder)}"


class SourceThread(threading.Thread):
    """Does a screen's work, and stores its error for the screen to show.

    It is a daemon, so that work that doesn't end can't block the process's exit.
    """

    def __init__(self, name: str) -> None:
        """Set the thread's name, such as `training`."""
        super().__init__(name=name, daemon=True)
        self.error: BaseException | None = None
        """The error that ended the work."""
        self.words: deque[str] = deque()
        """Messages that the screen hasn't shown yet."""

    def run(self) -> None:
        """Work, and store an error."""
        try:
            self.work()
        except BaseException as error:
            self.error = error

    @abstractmethod
    def work(self) -> None:
        """Do the thread's work."""

    @property
    def role(self) -> str:
        """Who trains what it shows, and what the screen may do; empty for what is only read."""
        return ""

    @property
    def why_watched(self) -> str:
        """Why it can't be steered."""
        return "this run can only be watched from here"

    @property
    def trains_here(self) -> bool:
        """Whether it trains, and hasn't been asked to stop."""
        return False

    @property
    def can_be_handed_over(self) -> bool:
        """Whether what it trains is kept, so that another process can go on with it."""
        return False

    @property
    def is_unkept(self) -> bool:
        """Whether it trains what is stored nowhere, as the user has asked."""
        return False

    @property
    def trouble(self) -> str:
        """Message of the error; empty when there is none."""
        if self.error is None:
            return ""
        kind = "" if isinstance(self.error, TuimoveError) else f"{type(self.error).__name__}: "
        return f"{kind}{self.error}"

    @property
    def remark(self) -> str:
        """The next message; empty when there is none."""
        return self.words.popleft() if self.words else ""

    def hand_over(self, say: Callable[[str], None]) -> None:
        """Do nothing: no training could be handed over."""

    def conclude(self) -> int:
        """Return the exit code; raises the thread's error."""
        if isinstance(self.error, TuimoveError):
            raise self.error
        if self.error is not None:
            raise RuntimeError(f"{self.name} failed") from self.error
        return ExitCode.FINISHED
