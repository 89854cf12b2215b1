"""Where records go. A sink only listens: it never talks to another one, nor back to the run."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from tuimove.errors import OutputError
from tuimove.recording.checkpoint import Weights
from tuimove.recording.record import Record


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
        self._tell(lambda sink: sink.write(record))

    def advance(self, epoch: int) -> None:
        """Tell every sink."""
        self._tell(lambda sink: sink.advance(epoch))

    def keep_weights(self, name: str, epoch: int, weights: Weights) -> None:
        """Give the weights to every sink."""
        self._tell(lambda sink: sink.keep_weights(name, epoch, weights))

    def look(self, epoch: int, weights: Weights) -> None:
        """Show the weights to every sink."""
        self._tell(lambda sink: sink.look(epoch, weights))

    def close(self) -> None:
        """Close every sink that hasn't failed."""
        self._tell(lambda sink: sink.close())

    def note_failure(self, error: OutputError) -> None:
        """Remember an error, unless there has been one before."""
        self.failure = self.failure or error

    def _tell(self, tell: Callable[[Sink], None]) -> None:
        for sink in tuple(self._sinks):
            try:
                tell(sink)
            except OutputError as error:
                self._sinks.remove(sink)
                self.note_failure(error)
