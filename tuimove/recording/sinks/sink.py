"""Where records go. A sink only listens: it never talks to another one, nor back to the run."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from tuimove.errors import OutputError
from tuimove.recording.checkpoint import Weights
from tuimove.recording.record import Record

if TYPE_CHECKING:
    from tuimove.recording.checkpoint import Checkpoint


class Sink:
    """Something that takes what a run has to tell; what it doesn't care for it ignores."""

    def write(self, record: Record) -> None:
        """Take a record.

        Raises
        ------
        OutputError
            When it can't be kept; the sink is told nothing more.
        """

    def advance(self, epoch: int) -> None:
        """Take note that `epoch` updates have been made; called after every epoch, so it must be quick."""

    def keep_weights(self, name: str, epoch: int, weights: Weights) -> None:
        """Keep weights under a name: `first`, `last` or `epoch-000120`; raises OutputError as `write` does."""

    def look(self, epoch: int, weights: Weights) -> None:
        """Take the weights that somebody asked to see."""

    def wants_checkpoint(self, *, is_measured: bool) -> bool:  # noqa: ARG002
        """Return whether it is time for a checkpoint, after an epoch that was measured or wasn't; must be quick."""
        return False

    def keep_checkpoint(self, checkpoint: Checkpoint) -> None:
        """Keep what the run can go on from; raises OutputError as `write` does."""

    def close(self) -> None:
        """Let go of files; called once, also after an error."""


class Broadcast(Sink):
    """Tells several sinks; one that fails is told no more, and the first failure is remembered."""

    def __init__(self, sinks: Iterable[Sink]) -> None:
        self._sinks = list(sinks)
        self.failure: OutputError | None = None
        """Why a sink had to be given up."""

    def write(self, record: Record) -> None:
        """Give the record to every sink."""
        self._tell("write", record)

    def advance(self, epoch: int) -> None:
        """Tell every sink."""
        self._tell("advance", epoch)

    def keep_weights(self, name: str, epoch: int, weights: Weights) -> None:
        """Give the weights to every sink."""
        self._tell("keep_weights", name, epoch, weights)

    def look(self, epoch: int, weights: Weights) -> None:
        """Show the weights to every sink."""
        self._tell("look", epoch, weights)

    def wants_checkpoint(self, *, is_measured: bool) -> bool:
        """Return whether any sink wants one."""
        return any(sink.wants_checkpoint(is_measured=is_measured) for sink in self._sinks)

    def keep_checkpoint(self, checkpoint: Checkpoint) -> None:
        """Give the checkpoint to every sink."""
        self._tell("keep_checkpoint", checkpoint)

    def close(self) -> None:
        """Close every sink that hasn't failed."""
        self._tell("close")

    def _tell(self, method: str, *arguments: object) -> None:
        for sink in tuple(self._sinks):
            try:
                getattr(sink, method)(*arguments)
            except OutputError as error:
                self._sinks.remove(sink)
                self.failure = self.failure or error
