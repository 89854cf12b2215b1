"""One process watches and steers what another trains, through a socket that only its user can reach."""

from __future__ import annotations

import os
import socket
import stat
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

from tests.support.waiting import wait_until
from tuimove.recording.folder.array_files import NetworkShape
from tuimove.recording.sinks.mailbox import Mailbox
from tuimove.runs.steering.control_server import MOST_WATCHING, ControlServer
from tuimove.runs.steering.control_socket import SOCKET, connect_to, receive_line, send_line
from tuimove.runs.steering.controls import Controls
from tuimove.runs.steering.remote_controls import RemoteControls

SHAPES = NetworkShape(inputs=5, hidden=3, classes=4).expected()
WEIGHTS = {name: np.full(shape, 0.5, np.float32) for name, (shape, _) in SHAPES.items()}


@pytest.fixture
def controls() -> Controls:
    return Controls()


@pytest.fixture
def server(tmp_path: Path, controls: Controls) -> Iterator[ControlServer]:
    server = ControlServer(tmp_path, controls, is_steered_here=False)
    yield server
    server.close()


@pytest.fixture
def watch(tmp_path: Path, server: ControlServer) -> Iterator[Callable[[], RemoteControls]]:
    """Return what attaches another watcher."""
    attached: list[RemoteControls] = []

    def attach() -> RemoteControls:
        attached.append(RemoteControls(tmp_path, Mailbox(), SHAPES))
        return attached[-1]

    assert server
    yield attach
    for remote in attached:
        remote.close()


Watch = Callable[[], RemoteControls]


def test_what_is_asked_reaches_the_run(watch: Watch, controls: Controls) -> None:
    remote = watch()
    remote.pause()
    wait_until(lambda: controls.is_paused, "a pause")
    remote.step()
    wait_until(controls.allows_epoch, "one epoch")
    remote.resume()
    wait_until(lambda: not controls.is_paused, "the pause's end")
    remote.scale_rate(0.5)
    wait_until(lambda: controls.take_rate_factor() == 0.5, "half the rate")
    remote.ask_for_snapshot()
    wait_until(controls.take_snapshot, "a snapshot")
    remote.stop("detached")
    assert controls.stop_reason is None
    remote.stop()
    wait_until(lambda: controls.stop_reason == "stopped", "a stop")


def test_the_epoch_and_the_pause_of_the_run_come_back(watch: Watch, server: ControlServer, controls: Controls) -> None:
    remote = watch()
    server.advance(41)
    controls.pause()
    wait_until(lambda: remote._mailbox.epoch == 41 and remote.is_paused, "the epoch and the pause")


def test_weights_that_are_looked_at_come_over(watch: Watch, server: ControlServer, controls: Controls) -> None:
    remote = watch()
    server.show_weights(12, WEIGHTS)
    remote.ask_for_weights()
    wait_until(lambda: remote._mailbox.latest_weights is not None, "weights")
    assert controls.take_weights_request()
    assert remote._mailbox.latest_weights
    epoch, weights = remote._mailbox.latest_weights
    assert epoch == 12
    assert all(np.array_equal(weights[name], WEIGHTS[name]) for name in WEIGHTS)


def test_two_may_watch_and_one_steers_until_it_leaves(watch: Watch, controls: Controls) -> None:
    first, second = watch(), watch()
    first.pause()
    wait_until(lambda: controls.is_paused, "a pause")
    wait_until(lambda: not second.may_steer, "the first watcher steering")
    second.stop()
    wait_until(lambda: second.refused == "another screen steers this run", "a refusal")
    assert controls.stop_reason is None
    first.close()
    wait_until(lambda: second.may_steer, "nobody steering")
    second.stop()
    wait_until(lambda: controls.stop_reason == "stopped", "a stop")


def test_whoever_has_the_run_on_a_screen_steers_it(tmp_path: Path, controls: Controls) -> None:
    server = ControlServer(tmp_path, controls, is_steered_here=True)
    remote = RemoteControls(tmp_path, Mailbox(), SHAPES)
    remote.stop()
    wait_until(lambda: remote.refused != "", "a refusal")
    assert controls.stop_reason is None
    server.close()
    wait_until(lambda: not remote.is_connected, "the connection's end")


def test_the_socket_is_its_owner_s_alone_and_goes_with_the_run(tmp_path: Path, controls: Controls) -> None:
    (tmp_path / SOCKET).touch()  # as a killed process might have left something
    server = ControlServer(tmp_path, controls, is_steered_here=False)
    about = (tmp_path / SOCKET).stat()
    assert stat.S_ISSOCK(about.st_mode)
    assert stat.S_IMODE(about.st_mode) == 0o600
    server.close()
    assert not (tmp_path / SOCKET).exists()
    with pytest.raises(OSError, match="No such file"):
        connect_to(tmp_path)


def test_a_folder_with_a_long_name_has_a_socket_too(tmp_path: Path, controls: Controls) -> None:
    folder = tmp_path / ("x" * 200)
    folder.mkdir()
    server = ControlServer(folder, controls, is_steered_here=False)
    connect_to(folder).close()
    server.close()


def test_what_is_no_socket_or_another_user_s_is_not_talked_to(tmp_path: Path) -> None:
    (tmp_path / SOCKET).symlink_to("/dev/null")
    with pytest.raises(PermissionError):
        connect_to(tmp_path)
    if os.geteuid() == 0:
        (tmp_path / SOCKET).unlink()
        listening = socket.socket(socket.AF_UNIX)
        listening.bind(str(tmp_path / SOCKET))
        os.chown(tmp_path / SOCKET, 12345, 12345)
        with pytest.raises(PermissionError):
            connect_to(tmp_path)
        listening.close()


@pytest.mark.parametrize(
    "rubbish",
    [
        b"\n",
        b"[]\n",
        b"\xff\xfe\n",
        b"{" * 100_000,
        b'{"ask":"scale_rate","factor":1e300}\n',
        b'{"ask":["stop"]}\n',
        b"",
    ],
)
def test_rubbish_ends_the_connection_or_does_nothing(
    tmp_path: Path, watch: Watch, controls: Controls, rubbish: bytes
) -> None:
    with connect_to(tmp_path) as connection, suppress(ConnectionError):
        connection.sendall(rubbish)
        connection.shutdown(socket.SHUT_WR)
        connection.recv(1000)
    assert controls.stop_reason is None
    assert controls.take_rate_factor() == 1
    remote = watch()
    remote.stop()
    wait_until(lambda: controls.stop_reason == "stopped", "a stop")


def test_more_than_a_few_watchers_are_turned_away(tmp_path: Path, server: ControlServer) -> None:
    assert server
    connections = [connect_to(tmp_path) for _ in range(MOST_WATCHING)]
    wait_until(lambda: len(server._watching) == MOST_WATCHING, "all watchers")
    answer = None
    with connect_to(tmp_path) as late, suppress(ConnectionError), late.makefile("rwb") as stream:
        send_line(stream, {"ask": "state"})
        answer = receive_line(stream)
    assert answer is None
    for connection in connections:
        connection.close()
    wait_until(lambda: not server._watching, "no watcher")


def test_a_process_that_sends_rubbish_back_is_left_alone(tmp_path: Path) -> None:
    for answer in (b"garbage\n", b"[]\n", b'{"epoch":1,"bytes":100000000000}\n' * 3, b""):
        listening = socket.socket(socket.AF_UNIX)
        listening.bind(str(tmp_path / SOCKET))
        listening.listen()
        remote = RemoteControls(tmp_path, Mailbox(), SHAPES)
        remote.ask_for_weights()
        other, _ = listening.accept()
        other.sendall(answer)
        other.close()
        wait_until(lambda: not remote.is_connected, "the connection's end")  # noqa: B023
        assert remote._mailbox.latest_weights is None
        listening.close()
        (tmp_path / SOCKET).unlink()
