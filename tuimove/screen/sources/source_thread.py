"""What the threads behind the screens have in common."""

from __future__ import annotations

import threading
from abc import abstractmethod
from collections import deque
from collections.abc import Callable

from tuimove.errors import ExitCode, TuimoveError


class SourceThread(threading.Thread):
    """Does the work behind a screen, and keeps whatever goes wrong for the screen to show.

    It is a daemon, since work that doesn't end must not hold the process.
    """

    def __init__(self, name: str) -> None:
        """Take the name of what it does, such as `training`."""
        super().__init__(name=name, daemon=True)
        self.error: BaseException | None = None
        """What kept it from its work."""
        self.words: deque[str] = deque()
        """What there is to say beside the records, until the screen has."""

    def run(self) -> None:
        """Work, and keep an error."""
        try:
            self.work()
        except BaseException as error:
            self.error = error

    @abstractmethod
    def work(self) -> None:
        """Do what the thread is for."""

    @property
    def trouble(self) -> str:
        """What kept it from its work, in words; empty when nothing did."""
        if self.error is None:
            return ""
        kind = "" if isinstance(self.error, TuimoveError) else f"{type(self.error).__name__}: "
        return f"{kind}{self.error}"

    @property
    def remark(self) -> str:
        """The next thing to say beside the records; empty when there is nothing."""
        return self.words.popleft() if self.words else ""

    def hand_over(self, say: Callable[[str], None]) -> None:
        """Do nothing: nothing is trained here that another process could go on with."""

    def conclude(self) -> int:
        """Return the exit code; raises what kept it from its work."""
        if isinstance(self.error, TuimoveError):
            raise self.error
        if self.error is not None:
            raise RuntimeError(f"{self.name} failed") from self.error
        return ExitCode.FINISHED
