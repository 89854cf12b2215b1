"""The dashboard in a real terminal: started, steered, resized, and ended in every way a terminal ends things."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from tuimove.run_lock import living_holder

from .conftest import Tuimove, parse_records, random_digits, write_idx_folder
from .terminal import TUIMOVE, Terminal

ENDLESS = ("--set", "training.epochs=1000000000", "--set", "measure.every=100")

COLOUR = re.compile(rb"\x1b\[(?:[0-9]+;)*(?:3[0-8]|4[0-8]|9[0-7])(?:;[0-9]+)*m")
UNDERLINED = re.compile(rb"\x1b\[(?:[0-9]+;)*4(?:;[0-9]+)*m[^\x1b]*alarm")

BROKEN_WIDGET = """
import sys
from tuimove.screen.header import RunHeader
def show(self, state, rate):
    if state.epoch > 100:
        raise ValueError("a widget went wrong")
RunHeader.show = show
from tuimove.command_line import main
sys.exit(main(sys.argv[1:]))
"""


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return write_idx_folder(tmp_path / "data", random_digits(200, (6, 5), 4))


@pytest.fixture
def open_terminal(tmp_path: Path, data: Path) -> Iterator[Callable[..., Terminal]]:
    """Return what opens the dashboard of an endless run of a small network in a terminal."""
    opened: list[Terminal] = []

    def start(*arguments: object, command: list[str] = TUIMOVE, **settings: object) -> Terminal:
        run = ["run", "same-network", "--data", str(data), "--out", str(tmp_path / "run"), *ENDLESS]
        opened.append(Terminal([*command, *run, *map(str, arguments)], tmp_path, **settings))  # type: ignore[arg-type]
        return opened[-1]

    yield start
    for terminal in opened:
        terminal.close()


def records(tmp_path: Path) -> list[dict[str, object]]:
    return parse_records((tmp_path / "run" / "records.jsonl").read_text())


def wait_for_training(terminal: Terminal, tmp_path: Path) -> None:
    path = tmp_path / "run" / "records.jsonl"
    terminal.read_until(lambda: path.exists() and path.read_text().count("\n") > 20)
    terminal.read_words("training")


def test_quitting_leaves_terminal_and_run_folder_in_order(
    open_terminal: Callable[..., Terminal], tmp_path: Path
) -> None:
    terminal = open_terminal()
    wait_for_training(terminal, tmp_path)
    began = time.monotonic()
    terminal.press("q")
    assert terminal.wait() == 0
    assert time.monotonic() - began < 4
    assert terminal.is_as_before()
    assert terminal.output.rstrip().endswith(b"epochs, kept as run")
    assert b"\x1b[?1049l" in terminal.output
    assert records(tmp_path)[-1]["status"] == "stopped"
    assert (tmp_path / "run" / "last.npz").exists()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_everything_in_order(
    open_terminal: Callable[..., Terminal], tmp_path: Path, number: signal.Signals
) -> None:
    terminal = open_terminal()
    wait_for_training(terminal, tmp_path)
    terminal.process.send_signal(number)
    assert terminal.wait() == 130
    assert terminal.is_as_before()
    assert b"\x1b[?1049l" in terminal.output
    assert records(tmp_path)[-1]["status"] == "interrupted"
    assert (tmp_path / "run" / "last.npz").exists()


@pytest.fixture
def background(tmp_path: Path) -> Iterator[Callable[[], int]]:
    """Return what waits for another process to go on with the run and gives its number; the test's end is its."""
    found: list[int] = []

    def wait() -> int:
        deadline = time.monotonic() + 60
        while (holder := living_holder(tmp_path / "run")) is None or "resume" not in " ".join(command_of(holder.pid)):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        found.append(holder.pid)
        return holder.pid

    yield wait
    for pid in found:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def command_of(pid: int) -> list[str]:
    try:
        return list(psutil.Process(pid).cmdline())
    except psutil.Error:
        return []


@pytest.mark.parametrize("how", ["d", "closed"])
def test_a_run_goes_on_in_the_background(
    open_terminal: Callable[..., Terminal], tmp_path: Path, background: Callable[[], int], how: str
) -> None:
    terminal = open_terminal()
    wait_for_training(terminal, tmp_path)
    if how == "d":
        terminal.press("d")
        assert terminal.wait(20) == 0
        shown = f"goes on in the background; tuimove attach {tmp_path / 'run'} shows it"
        assert shown.encode() in terminal.output
        assert terminal.is_as_before()
    else:
        terminal.process.send_signal(signal.SIGHUP)
        terminal.process.wait(20)
    pid = background()
    before = len(records(tmp_path))
    deadline = time.monotonic() + 60
    while len(records(tmp_path)) <= before + 20:
        assert time.monotonic() < deadline, (tmp_path / "run" / "background.log").read_text()
        time.sleep(0.05)
    os.kill(pid, signal.SIGTERM)
    while records(tmp_path)[-1]["record"] != "end":
        assert time.monotonic() < deadline
        time.sleep(0.05)
    told = [record["epoch"] for record in records(tmp_path) if record["record"] == "measurement"]
    assert told == [*range(0, 100 * len(told), 100)]
    assert records(tmp_path)[-1]["status"] == "interrupted"


def test_a_stalled_terminal_stops_neither_training_nor_sigterm(
    open_terminal: Callable[..., Terminal], tmp_path: Path
) -> None:
    """Nobody reads what is written, as after Ctrl-S or behind a frozen link."""
    terminal = open_terminal("--fps", 30)
    wait_for_training(terminal, tmp_path)
    time.sleep(6)
    before = len(records(tmp_path))
    time.sleep(1)
    assert len(records(tmp_path)) > before
    terminal.process.send_signal(signal.SIGTERM)
    terminal.process.wait(8)
    assert terminal.process.returncode == 130
    assert records(tmp_path)[-1]["status"] == "interrupted"
    assert (tmp_path / "run" / "last.npz").exists()
    assert terminal.is_as_before()


def test_an_exception_in_a_widget_is_shown_after_the_screen_is_gone(
    open_terminal: Callable[..., Terminal], tmp_path: Path
) -> None:
    terminal = open_terminal(command=[sys.executable, "-c", BROKEN_WIDGET])
    assert terminal.wait(60) == 1
    after = terminal.output.split(b"\x1b[?1049l")[-1].decode()
    assert "a widget went wrong" in after
    assert terminal.is_as_before()
    assert records(tmp_path)[-1]["status"] == "stopped"
    assert (tmp_path / "run" / "last.npz").exists()


def test_bad_data_are_reported_in_one_line_when_the_screen_is_gone(tmp_path: Path) -> None:
    terminal = Terminal([*TUIMOVE, "run", "quick-look", "--data", "nowhere"], tmp_path)
    try:
        terminal.read_words("failed")
        terminal.press("q")
        assert terminal.wait() == 2
        last = terminal.output.decode().rstrip().splitlines()[-1]
        assert "tuimove: error: data.name = 'nowhere': neither 'mnist' nor a folder" in last
    finally:
        terminal.close()


@pytest.mark.parametrize("arguments", [(), ("run", "quick-look")])
def test_without_a_terminal_one_line_says_what_to_do(tuimove: Tuimove, arguments: tuple[str, ...]) -> None:
    ran = tuimove(*arguments, stdin=subprocess.DEVNULL)
    assert ran.returncode == 2
    assert ran.stderr == "tuimove: error: no terminal to draw on: add --no-ui to train without a dashboard\n"


@pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed")
def test_a_run_is_watched_in_tmux_from_start_to_quit(tmp_path: Path, data: Path) -> None:
    """Start, wait for charts, press keys, resize, quit; the shell gets the exit code and its terminal back."""

    def tmux(*arguments: str) -> str:
        command = ["tmux", "-L", f"tuimove-{os.getpid()}", "-f", os.devnull, *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=True, timeout=30).stdout

    def wait_for(words: str, seconds: float = 60.0) -> str:
        deadline = time.monotonic() + seconds
        while words not in (text := tmux("capture-pane", "-p", "-t", "t")):
            assert time.monotonic() < deadline, text
            time.sleep(0.05)
        return text

    run = [*TUIMOVE, "run", "same-network", "--data", str(data), *ENDLESS]
    shell = f"cd {tmp_path}; PYTHONPATH={Path(__file__).parents[1]} {' '.join(map(json.dumps, run))}; echo exit $?; cat"
    tmux("new-session", "-d", "-x", "120", "-y", "40", "-s", "t", shell)
    try:
        text = wait_for("● training")
        assert "1 chart" in text
        assert "Distance from the start of W1 [weight]" in wait_for("⡤")
        tmux("send-keys", "-t", "t", "v")
        wait_for("Norm of W1 [weight]")
        tmux("send-keys", "-t", "t", "Space")
        wait_for("‖ paused")
        tmux("send-keys", "-t", "t", "?")
        wait_for("halve the learning rate")
        tmux("send-keys", "-t", "t", "Escape")
        tmux("resize-window", "-t", "t", "-x", "80", "-y", "24")
        text = wait_for("‖ paused")
        assert "Norm of W1 [weight]" in wait_for("1 chart")
        tmux("resize-window", "-t", "t", "-x", "40", "-y", "12")
        wait_for("5 findings")
        tmux("send-keys", "-t", "t", "q")
        assert "stopped after" in wait_for("exit 0", 15)
    finally:
        tmux("kill-server")


def test_without_colours_none_are_written_and_the_chosen_line_stands_out(
    tmp_path: Path, open_terminal: Callable[..., Terminal]
) -> None:
    terminal = open_terminal("--set", "training.learning_rate=300", NO_COLOR="1")
    wait_for_training(terminal, tmp_path)
    terminal.read_words("alarm")
    seen = len(terminal.output)
    terminal.press("5j")
    terminal.read_for(1.0)
    assert not COLOUR.search(terminal.output)
    assert UNDERLINED.search(terminal.output[seen:])
