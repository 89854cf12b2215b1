"""A sink that lets other processes of the same user watch and steer a run that is trained here.

They read records from the run's folder; the socket carries requests, the epoch, and weights on request. One watching
process steers: the first to ask, until it disconnects.
"""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

from tuimove.recording.checkpoint import Weights
from tuimove.recording.folder.array_files import packed_arrays
from tuimove.recording.sinks.sink import Sink
from tuimove.runs.steering.control_socket import (
    SOCKET,
    SocketStream,
    listen_in,
    receive_line,
    require_same_user,
    send_line,
)
from tuimove.runs.steering.controls import Controls

MOST_WATCHING = 16
"""Connections at once; further ones are closed."""


class ControlServer(Sink):
    """Answers requests in its own threads; the training thread never waits for them."""

    def __init__(self, folder: Path, controls: Controls, *, is_steered_here: bool) -> None:
        """Listen in the run's folder; where that fails, the run trains on and can't be steered from elsewhere."""
        self._folder, self._controls, self._is_steered_here = folder, controls, is_steered_here
        self._epoch = 0
        self._newest: tuple[int, Weights] | None = None
        self._lock = threading.Lock()
        self._steering: socket.socket | None = None
        self._watching: set[socket.socket] = set()
        self._listening: socket.socket | None = None
        with suppress(OSError):
            self._listening = listen_in(folder)
            threading.Thread(target=self._accept, name="listening", daemon=True).start()

    def advance(self, epoch: int) -> None:
        """Store the epoch for answers."""
        self._epoch = epoch

    def show_weights(self, epoch: int, weights: Weights) -> None:
        """Store the weights that a watching process asked for."""
        self._newest = epoch, weights

    def close(self) -> None:
        """Disconnect all watching processes and remove the socket."""
        if self._listening is None:
            return
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        for connection in tuple(self._watching):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        with suppress(OSError):
            (self._folder / SOCKET).unlink()

    def _accept(self) -> None:
        assert self._listening
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return  # closed
            if len(self._watching) >= MOST_WATCHING:
                connection.close()
                continue
            self._watching.add(connection)
            threading.Thread(target=self._serve, args=(connection,), name="serving", daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        """Answer one watching process until it disconnects."""
        with suppress(OSError), connection, connection.makefile("rwb") as stream:
            require_same_user(connection)
            while (request := receive_line(stream)) is not None:
                if request.get("ask") == "look":
                    self._send_weights(stream, request)
                else:
                    send_line(stream, self._answer(request, connection))
        self._watching.discard(connection)
        with self._lock:
            if self._steering is connection:
                self._steering = None

    def _send_weights(self, stream: SocketStream, request: dict[str, Any]) -> None:
        """Send the newest weights unless the watching process has them, and ask the run for newer ones."""
        self._controls.ask_for_weights()
        newest = self._newest
        if newest is None or newest[0] == request.get("held"):
            send_line(stream, {"epoch": None})
        else:
            send_line(stream, {"epoch": newest[0]}, packed_arrays(newest[1]))

    def _answer(self, request: dict[str, Any], connection: socket.socket) -> dict[str, Any]:
        """Carry out a request, if the watching process may steer, and return the run's state."""
        ask = request.get("ask")
        refusal = "" if ask == "state" else self._refusal(connection)
        if ask != "state" and not refusal:
            self._obey(str(ask), request)
        state = {
            "epoch": self._epoch, "paused": self._controls.is_paused, "may_steer": self._may_steer(connection),
            "steers": self._steering is connection,
        }  # fmt: skip
        return {**state, "refused": refusal} if refusal else state

    def _may_steer(self, connection: socket.socket) -> bool:
        return not self._is_steered_here and self._steering in (None, connection)

    def _refusal(self, connection: socket.socket) -> str:
        """Return why a watching process can't steer; where it can, it steers from now on."""
        with self._lock:
            if not self._may_steer(connection):
                return "another screen steers this run"
            self._steering = connection
            return ""

    def _obey(self, ask: str, request: dict[str, Any]) -> None:
        controls = self._controls
        match ask:
            case "pause":
                controls.pause()
            case "resume":
                controls.resume()
            case "step":
                controls.step()
            case "stop":
                controls.stop()
            case "snapshot":
                controls.ask_for_snapshot()
            case "scale_rate" if request.get("factor") in (0.5, 2):
                controls.scale_rate(request["factor"])
