"""The interface of a run's sinks. A sink only listens: it calls neither another sink nor the run."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from tuimove.errors import OutputError
from tuimove.recording.checkpoint import Weights
from tuimove.recording.record import Record


class Sink:
    """Receives a run's records, epochs and weights. Every method does nothing: override what you need."""

    def write(self, record: Record) -> None:
        """Receive a record.

        Raises
        ------
        OutputError
            When the record can't be stored; the sink receives nothing more.
        """

    def advance(self, epoch: int) -> None:
        """Note that `epoch` updates have been made; called after every epoch, so it must be quick."""

    def keep_weights(self, name: str, epoch: int, weights: Weights) -> None:
        """Store weights under a name: `first`, `last` or `epoch-000120`; raises OutputError as `write` does."""

    def show_weights(self, epoch: int, weights: Weights) -> None:
        """Receive the weights that a user asked to see."""

    def close(self) -> None:
        """Close files; called once, also after an error."""


class Broadcast(Sink):
    """Passes everything on to several sinks; one that fails receives no more, and the first failure is stored."""

    def __init__(self, sinks: Iterable[Sink]) -> None:
        self._sinks = list(sinks)
        self.failure: OutputError | None = None
        """The first error of a sink."""

    def write(self, record: Record) -> None:
        """Pass the record to every sink."""
        self._call_each(lambda sink: sink.write(record))

    def advance(self, epoch: int) -> None:
        """Pass the epoch to every sink."""
        self._call_each(lambda sink: sink.advance(epoch))

    def keep_weights(self, name: str, epoch: int, weights: Weights) -> None:
        """Pass the weights to every sink to be stored."""
        self._call_each(lambda sink: sink.keep_weights(name, epoch, weights))

    def show_weights(self, epoch: int, weights: Weights) -> None:
        """Pass the weights to every sink to be shown."""
        self._call_each(lambda sink: sink.show_weights(epoch, weights))

    def close(self) -> None:
        """Close every sink that hasn't failed."""
        self._call_each(lambda sink: sink.close())

    def note_failure(self, error: OutputError) -> None:
        """Store an error, unless there has been one before."""
        self.failure = self.failure or error

    def _call_each(self, call: Callable[[Sink], None]) -> None:
        for sink in tuple(self._sinks):
            try:
                call(sink)
            except OutputError as error:
                self._sinks.remove(sink)
                self.note_failure(error)
