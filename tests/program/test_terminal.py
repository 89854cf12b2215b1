"""The dashboard in a real terminal: started, steered, resized, and ended in every way a terminal ends things."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import psutil
import pytest

from tests.conftest import Tuimove, parse_records, random_digits, write_idx_folder
from tests.support.processes import ROOT, wait
from tests.support.terminal import TUIMOVE, Terminal
from tests.support.tmux import Tmux
from tests.support.waiting import wait_until
from tuimove.recording.folder.run_lock import living_holder

ENDLESS = ("--set", "training.epochs=1000000000", "--set", "measure.every=100")

COLOUR = re.compile(rb"\x1b\[(?:[0-9]+;)*(?:3[0-8]|4[0-8]|9[0-7])(?:;[0-9]+)*m")
UNDERLINED = re.compile(rb"\x1b\[(?:[0-9]+;)*4(?:;[0-9]+)*m[^\x1b]*alarm")

BROKEN_WIDGET = """
import sys
from tuimove.screen.one_run.header import RunHeader
def show(self, state, role):
    if state.epoch > 100:
        raise ValueError("a widget went wrong")
RunHeader.show = show
from tuimove.command_line.main import main
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
    text = (tmp_path / "run" / "records.jsonl").read_text()
    return parse_records(text[: text.rfind("\n") + 1])  # the last line may still be on its way


def wait_for_training(terminal: Terminal, tmp_path: Path) -> None:
    path = tmp_path / "run" / "records.jsonl"
    terminal.read_until(lambda: path.exists() and path.read_text().count("\n") > 20, "20 records")
    terminal.read_words("training")


def test_quitting_leaves_terminal_and_run_folder_in_order(
    open_terminal: Callable[..., Terminal], tmp_path: Path
) -> None:
    terminal = open_terminal()
    wait_for_training(terminal, tmp_path)
    terminal.stop_run()
    assert terminal.wait() == 0
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


def wait_for_background(run: Path) -> int:
    """Wait until another process goes on with a run, and return its number."""

    def found() -> int | None:
        holder = living_holder(run)
        return holder.pid if holder and "resume" in command_of(holder.pid) else None

    pid = wait_until(found, "a process that resumes the run")
    assert pid
    return pid


def command_of(pid: int) -> list[str]:
    try:
        return list(psutil.Process(pid).cmdline())
    except psutil.Error:
        return []


@pytest.mark.parametrize("how", ["d", "closed"])
def test_a_run_goes_on_in_the_background(open_terminal: Callable[..., Terminal], tmp_path: Path, how: str) -> None:
    terminal = open_terminal()
    wait_for_training(terminal, tmp_path)
    if how == "d":
        terminal.press("d")
        assert terminal.wait() == 0
        shown = f"goes on in the background; tuimove attach {tmp_path / 'run'} shows it"
        assert shown.encode() in terminal.output
        assert terminal.is_as_before()
    else:
        terminal.process.send_signal(signal.SIGHUP)
        wait(terminal.process)
    pid = wait_for_background(tmp_path / "run")
    before = len(records(tmp_path))
    log = (tmp_path / "run" / "background.log").read_text
    wait_until(lambda: len(records(tmp_path)) > before + 20, "20 more records", seen=log)
    os.kill(pid, signal.SIGTERM)
    wait_until(lambda: records(tmp_path)[-1]["record"] == "end", "the end's record", seen=log)
    told = [record["epoch"] for record in records(tmp_path) if record["record"] == "measurement"]
    assert told == [*range(0, 100 * len(told), 100)]
    assert records(tmp_path)[-1]["status"] == "interrupted"


def seconds_trained(tmp_path: Path) -> float:
    return max(float(str(record["seconds"])) for record in records(tmp_path) if "loss" in record)


def test_a_stalled_terminal_stops_neither_training_nor_sigterm(
    open_terminal: Callable[..., Terminal], tmp_path: Path
) -> None:
    """Nobody reads what is written, as after Ctrl-S or behind a frozen link; one that answers never gets so much."""
    terminal = open_terminal("--fps", 30)
    terminal.answers = False
    wait_for_training(terminal, tmp_path)
    wait_until(lambda: terminal.is_full, "a terminal that takes no more")
    stalled = seconds_trained(tmp_path)
    wait_until(lambda: seconds_trained(tmp_path) > stalled + 3, "three more seconds of training")
    wait_until(lambda: terminal.is_full, "a terminal that still takes no more")
    terminal.process.send_signal(signal.SIGTERM)
    assert wait(terminal.process) == 130
    assert records(tmp_path)[-1]["status"] == "interrupted"
    assert (tmp_path / "run" / "last.npz").exists()
    assert terminal.is_as_before()


def test_an_exception_in_a_widget_is_shown_after_the_screen_is_gone(
    open_terminal: Callable[..., Terminal], tmp_path: Path
) -> None:
    terminal = open_terminal(command=[sys.executable, "-c", BROKEN_WIDGET])
    assert terminal.wait() == 1
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


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "tuimove run PRESET --no-ui trains without a dashboard"),
        (("run", "quick-look"), "add --no-ui to train without a dashboard"),
    ],
)
def test_without_a_terminal_one_line_says_what_to_do(tuimove: Tuimove, arguments: tuple[str, ...], words: str) -> None:
    ran = tuimove(*arguments, stdin=subprocess.DEVNULL)
    assert ran.returncode == 2
    assert ran.stderr == f"tuimove: error: no terminal to draw on: {words}\n"


@pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed")
def test_a_run_is_watched_in_tmux_from_start_to_quit(tmp_path: Path, data: Path) -> None:
    """Start, wait for charts, press keys, resize, quit; the shell gets the exit code and its terminal back."""
    run = [*TUIMOVE, "run", "same-network", "--data", str(data), *ENDLESS]
    shell = f"PYTHONPATH={ROOT} {' '.join(map(json.dumps, run))}; echo exit $?; cat"
    with closing(Tmux(tmp_path)) as tmux:
        tmux.open("t", shell)
        text = tmux.read_words("t", "● training")
        assert "1 chart" in text
        assert "W1: distance from its start [weight]" in tmux.read_words("t", "⡇")
        tmux.call("send-keys", "-t", "t", "v")
        tmux.read_words("t", "W1: norm, its own length [weight]")
        tmux.call("send-keys", "-t", "t", "Space")
        tmux.read_words("t", "‖ paused")
        tmux.call("send-keys", "-t", "t", "?")
        tmux.read_words("t", "halve or double the rate")
        tmux.call("send-keys", "-t", "t", "Escape")
        tmux.call("resize-window", "-t", "t", "-x", "80", "-y", "24")
        text = tmux.read_words("t", "‖ paused")
        assert "W1: norm, its own length [weight]" in tmux.read_words("t", "1 chart")
        tmux.call("resize-window", "-t", "t", "-x", "40", "-y", "12")
        tmux.read_words("t", "5 findings")
        tmux.call("send-keys", "-t", "t", "q")
        if "stop it" in tmux.read_any("t", "stop it", "exit 0"):
            tmux.call("send-keys", "-t", "t", "S")
        assert "stopped after" in tmux.read_words("t", "exit 0")


def test_without_colours_none_are_written_and_the_chosen_line_stands_out(
    tmp_path: Path, open_terminal: Callable[..., Terminal]
) -> None:
    terminal = open_terminal("--set", "training.learning_rate=300", NO_COLOR="1")
    wait_for_training(terminal, tmp_path)
    terminal.read_words("alarm")
    seen = len(terminal.output)
    terminal.press("5j")
    terminal.read_until(lambda: UNDERLINED.search(terminal.output[seen:]) is not None, "an underlined alarm")
    assert not COLOUR.search(terminal.output)
