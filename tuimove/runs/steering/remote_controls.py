"""Controls of a run that another process trains: sends requests through its socket, puts answers into a mailbox.

A separate thread does the talking, so that the screen never waits.
"""

from __future__ import annotations

import select
import threading
import time
from collections import deque
from contextlib import suppress
from pathlib import Path
from typing import Any

from tuimove.errors import DataError
from tuimove.recording.folder.array_files import Expected, most_bytes, unpacked_arrays
from tuimove.recording.sinks.mailbox import Mailbox
from tuimove.runs.steering.control_socket import SocketStream, connect_to, receive_line, send_line
from tuimove.runs.steering.controls import Steering, StopReason

ASK_SECONDS = 0.25
"""Seconds between two requests for the run's state."""
SILENT_SECONDS = 3.0
"""Seconds without an answer after which the process counts as silent: it may be suspended."""


class RemoteControls(Steering):
    """Sends requests to the process that trains the run."""

    def __init__(self, folder: Path, mailbox: Mailbox, shapes: Expected) -> None:
        """Connect to the process that trains a folder's run; `shapes` are the shapes and types of its weights.

        Raises
        ------
        OSError
            When no process listens there.
        """
        self._mailbox, self._shapes = mailbox, shapes
        self._asked: deque[dict[str, Any]] = deque(maxlen=100)
        self._wakes = threading.Event()
        self._is_paused, self._wants_weights, self._looked_at = False, False, -1
        self._connection = connect_to(folder)
        self.is_connected, self.may_steer = True, True
        self.is_steering = False
        """Whether this process is the one that steers; until somebody does, whoever asks first."""
        self.is_silent = False
        """Whether the process hasn't answered for a while, though its connection is open."""
        self.has_answered = False
        """Whether the process has said how the run stands and who may steer it."""
        self.refused = ""
        """Why the last request was refused; empty where it wasn't."""
        threading.Thread(target=self._talk, name="steering", daemon=True).start()

    def close(self) -> None:
        """Disconnect; the run goes on."""
        self.is_connected = False
        self._wakes.set()

    # Requests of the screen.

    @property
    def is_paused(self) -> bool:
        """Whether the run is paused: as this process last asked, or else as the other one last answered."""
        return self._is_paused

    def take_refusal(self) -> str:
        """Return why the last request was refused, and clear it; empty where it wasn't."""
        refused, self.refused = self.refused, ""
        return refused

    def stop(self, reason: StopReason = "stopped") -> None:
        """Ask the run to end; with the reason `detached` nothing is sent, since the screen only disconnects."""
        if reason == "stopped":
            self._ask("stop")

    def pause(self) -> None:
        """Ask the run to pause."""
        self._is_paused = True
        self._ask("pause")

    def resume(self) -> None:
        """Ask the run to continue."""
        self._is_paused = False
        self._ask("resume")

    def step(self) -> None:
        """Ask the run to train one epoch and then pause."""
        self._ask("step")

    def scale_rate(self, factor: float) -> None:
        """Ask for the learning rate to be multiplied by a factor."""
        self._ask("scale_rate", factor=factor)

    def ask_for_weights(self) -> None:
        """Ask for a copy of the current weights."""
        self._wants_weights = True
        self._wakes.set()

    def ask_for_snapshot(self) -> None:
        """Ask for the weights to be stored as a file."""
        self._ask("snapshot")

    def _ask(self, word: str, **values: float) -> None:
        self._asked.append({"ask": word, **values})
        self._wakes.set()

    # The socket's thread.

    def _talk(self) -> None:
        with suppress(OSError, DataError), self._connection, self._connection.makefile("rwb") as stream:
            while self.is_connected:
                self._exchange(stream, self._asked.popleft() if self._asked else {"ask": "state"})
                if self._wants_weights:
                    self._wants_weights = False
                    self._fetch_weights(stream)
                if not self._asked:
                    self._wakes.wait(ASK_SECONDS)
                    self._wakes.clear()
        self.is_connected = False

    def _answer_to(self, stream: SocketStream, request: dict[str, Any]) -> dict[str, Any]:
        """Return the answer to a request, however late: a process that was suspended gives it when it goes on."""
        send_line(stream, request)
        asked_at = time.monotonic()
        while self.is_connected and not select.select([self._connection], [], [], ASK_SECONDS)[0]:
            self.is_silent = time.monotonic() >= asked_at + SILENT_SECONDS
        self.is_silent = False
        answer = receive_line(stream) if self.is_connected else None
        if answer is None:
            raise ConnectionResetError
        return answer

    def _exchange(self, stream: SocketStream, request: dict[str, Any]) -> None:
        answer = self._answer_to(stream, request)
        epoch = answer.get("epoch")
        if isinstance(epoch, int):
            self._mailbox.advance(max(epoch, self._mailbox.epoch))
        if not self._asked:
            self._is_paused = answer.get("paused") is True
        self.may_steer = answer.get("may_steer") is True
        self.is_steering = answer.get("steers") is True
        self.has_answered = True
        self.refused = str(answer.get("refused") or self.refused)

    def _fetch_weights(self, stream: SocketStream) -> None:
        answer = self._answer_to(stream, {"ask": "look", "held": self._looked_at})
        epoch, size = answer.get("epoch"), answer.get("bytes", 0)
        if not isinstance(epoch, int) or not isinstance(size, int) or not 0 < size <= most_bytes(self._shapes):
            return
        content = stream.read(size)
        self._looked_at = epoch
        self._mailbox.show_weights(epoch, unpacked_arrays("weights", content, self._shapes))
