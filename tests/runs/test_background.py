"""A run or an experiment that is left to the background: another process holds it, or the user learns why none does.

| report | what it is about |
|---|---|
| F1 | a detached run is trained by nobody, without a word |
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.runs.test_child_process import SEEDS, hostile_folder  # noqa: F401
from tests.support import processes
from tests.support.processes import TUIMOVE
from tests.support.terminal import Terminal
from tests.support.waiting import wait_until
from tuimove.command_line.main import main
from tuimove.experiments.experiment import ExperimentOptions
from tuimove.experiments.plan import found_experiment
from tuimove.recording.folder.run_lock import LOCK, living_holder
from tuimove.recording.folder.store import run_name, runs_folder
from tuimove.runs import background
from tuimove.runs.background import LOG, HandOverError, hand_over, report_locked
from tuimove.runs.child_process import start_module
from tuimove.runs.run_options import RunOptions
from tuimove.screen.sources.trained_experiment import ExperimentThread
from tuimove.screen.sources.trained_run import TrainingThread
from tuimove.settings.preset import Preset

ENDLESS = ("--set", "data.train=200", "--set", "training.epochs=1000000000")

ONE, MANY = ("quick-look",), ("repeatability", *SEEDS)
IMPATIENT = [sys.executable, "-P", "-c", (
    "import sys; from tuimove.screen import departure; from tuimove.screen.sources import trained_experiment\n"
    "from tuimove.command_line.main import main\n"
    "departure.STOP_SECONDS = trained_experiment.STOP_SECONDS = 0.0; sys.exit(main())"
)]  # fmt: skip
"""tuimove, as if no epoch ended in time."""

Open = Callable[..., Terminal]


@pytest.fixture
def out(tmp_path: Path) -> Iterator[Path]:
    """Return the folder of a run; whoever trains it is ended after the test."""
    folder = tmp_path / "out"
    yield folder

    def is_left() -> bool:
        if holder := living_holder(folder):
            os.kill(holder.pid, signal.SIGTERM)
        return holder is None

    wait_until(is_left, "the end of what trains in the background")


@pytest.fixture
def open_dashboard(workplace: Path, idx_folder: Path, out: Path) -> Iterator[Open]:
    """Open dashboards on endless runs, and wait until they train."""
    opened: list[Terminal] = []

    def begin(preset: tuple[str, ...], command: list[str] = TUIMOVE) -> Terminal:
        arguments = ["run", *preset, *ENDLESS, "--data", str(idx_folder), "--out", str(out)]
        opened.append(Terminal([*command, *arguments], workplace))
        opened[-1].read_words("training")
        opened[-1].read_until(lambda: any(out.glob("**/records.jsonl")), "the records of a run")
        return opened[-1]

    yield begin
    for terminal in opened:
        terminal.close()


def leave(terminal: Terminal, how: str | signal.Signals) -> int:
    """Leave the dashboard by a key or a signal, and return the exit code."""
    if isinstance(how, str):
        terminal.press(how)
    else:
        terminal.process.send_signal(how)
    return terminal.wait()


@pytest.mark.usefixtures("hostile_folder")
@pytest.mark.parametrize(
    ("preset", "how", "code", "command"),
    [
        pytest.param(ONE, "d", 0, TUIMOVE, id="one-d"),
        pytest.param(ONE, signal.SIGHUP, 130, TUIMOVE, id="one-hang-up"),
        pytest.param(ONE, signal.SIGHUP, 130, IMPATIENT, id="one-in-the-middle-of-an-epoch"),
        pytest.param(MANY, "d", 0, TUIMOVE, id="many-d"),
        pytest.param(MANY, signal.SIGHUP, 130, TUIMOVE, id="many-hang-up"),
        pytest.param(MANY, "d", 0, IMPATIENT, id="many-in-the-middle-of-an-epoch"),
    ],
)
def test_once_the_dashboard_is_gone_another_process_holds_what_it_handed_over(
    open_dashboard: Open, out: Path, preset: tuple[str, ...], how: str | signal.Signals, code: int, command: list[str]
) -> None:
    terminal = open_dashboard(preset, command)
    assert leave(terminal, how) == code, terminal.output[-1000:]
    holder = living_holder(out)
    assert holder is not None
    assert holder.pid != terminal.process.pid
    assert (f"tuimove attach {out} shows it".encode() in terminal.output) == (how == "d")


@pytest.mark.parametrize(("preset", "name"), [(ONE, "records.jsonl"), (MANY, "experiment.json")], ids=["one", "many"])
@pytest.mark.parametrize("how", ["d", signal.SIGHUP], ids=["d", "hang-up"])
def test_a_run_that_no_process_goes_on_with_is_told_of_with_the_reason_and_how_to_go_on(
    open_dashboard: Open, out: Path, preset: tuple[str, ...], name: str, how: str | signal.Signals
) -> None:
    terminal = open_dashboard(preset)
    (out / name).write_text("{}\n")
    assert leave(terminal, how) == 1
    words = (out / LOG).read_text().splitlines()[-1]
    assert words.startswith(f"could not be handed over: {out / name}: ")
    assert words.endswith(f"; go on with: tuimove resume {out}")
    assert (words.encode() in terminal.output) == (how == "d")
    assert not (out / LOCK).exists()


def fail_to_hand_over(folder: Path) -> str:
    with pytest.raises(HandOverError, match=r"^could not be handed over: ") as failed:
        hand_over(folder, [], lambda _: None)
    assert failed.value.exit_code == 1
    return str(failed.value)


def run_instead(monkeypatch: pytest.MonkeyPatch, folder: Path, code: str) -> None:
    """Have other code run in the process that a run is handed over to."""
    (folder / "own_module.py").write_text(code)
    monkeypatch.setenv("PYTHONPATH", str(folder))
    monkeypatch.setattr(
        background, "start_module", lambda _, *args, **settings: start_module("own_module", *args, **settings)
    )


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("import os; os.kill(os.getpid(), 9)", "its process was killed by SIGKILL"),
        ("raise SystemExit(7)", "its process ended with exit code 7"),
        ("pass", "its process ended with exit code 0"),
        ("import no_such_module", "ModuleNotFoundError: No module named 'no_such_module'"),
        ("import sys; sys.exit('tuimove: error: no room\\n\\n')", "no room"),
        ("import sys; sys.stderr.buffer.write(b'x' * 200000 + b'\\n\\xff\\n')", "\ufffd"),
    ],
)
def test_the_reason_is_the_last_thing_that_the_other_process_said_or_how_it_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str, reason: str
) -> None:
    (tmp_path / LOG).write_text("what an earlier process said\n")
    run_instead(monkeypatch, tmp_path, code)
    assert fail_to_hand_over(tmp_path).partition(": ")[2].startswith(f"{reason}; go on with")


def test_a_process_that_neither_takes_the_run_nor_ends_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[subprocess.Popen[bytes]] = []
    run_instead(monkeypatch, tmp_path, "import signal; signal.pause()")

    def start(_module: str, *arguments: Any, **settings: Any) -> subprocess.Popen[bytes]:
        started.append(start_module("own_module", *arguments, **settings))
        return started[-1]

    monkeypatch.setattr(background, "start_module", start)
    monkeypatch.setattr(background, "PATIENCE_SECONDS", 0.0)
    assert "its process didn't take it within 0 s" in fail_to_hand_over(tmp_path)
    assert processes.wait(started[0]) == -signal.SIGTERM


def test_a_process_that_can_not_be_started_is_told_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "no-python"))
    assert f"{tmp_path / 'no-python'} can't be started: No such file or directory" in fail_to_hand_over(tmp_path)


@pytest.mark.parametrize("kind", ["link", "folder", "pipe"])
def test_what_lies_in_place_of_the_log_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    log, precious = tmp_path / LOG, tmp_path / "precious"
    precious.write_text("dear")
    match kind:
        case "link":
            log.symlink_to(precious)
        case "folder":
            log.mkdir()
        case "pipe":
            os.mkfifo(log)
    run_instead(monkeypatch, tmp_path, "raise SystemExit(7)")
    assert "its process ended with exit code 7" in fail_to_hand_over(tmp_path)
    assert precious.read_text() == "dear"


@pytest.mark.parametrize("is_many", [False, True], ids=["one", "many"])
def test_data_that_have_moved_are_found_by_whoever_a_run_is_handed_over_to(
    tmp_path: Path, idx_folder: Path, monkeypatch: pytest.MonkeyPatch, *, is_many: bool
) -> None:
    """Though the run is handed over before this process has come so far as to keep where they are now."""
    folder, short = tmp_path / "r", ("--set", "data.train=100", "--set", "training.epochs=20")
    data = ("--data", str(idx_folder), "--out", str(folder))
    if is_many:
        assert main(["run", *MANY, *short, "--no-ui", *data]) == 0
        shutil.rmtree(folder / "00001")
    else:
        assert main(["run", *ONE, *short, "--no-ui", *data]) == 0
        lines = (folder / "records.jsonl").read_text().splitlines(keepends=True)
        (folder / "records.jsonl").write_text(lines[0])
    monkeypatch.chdir(idx_folder.rename(tmp_path / "moved").parent)
    thread: ExperimentThread | TrainingThread
    if is_many:
        options = ExperimentOptions(out=folder, is_resumed=True, moved=Path("moved"))
        thread = ExperimentThread(found_experiment(folder, Path("moved"), print), options, None)
        thread.out, thread._is_detached = folder, True
    else:
        thread = TrainingThread(Preset("quick-look"), RunOptions(moved=Path("moved")), folder)
        thread.stop("detached")
    started: list[subprocess.Popen[bytes]] = []

    def start(*arguments: Any, **settings: Any) -> subprocess.Popen[bytes]:
        started.append(start_module(*arguments, **settings))
        return started[-1]

    monkeypatch.setattr(background, "start_module", start)
    thread.hand_over(lambda _: None)
    assert processes.wait(started[0]) == 0, (folder / LOG).read_text()
    for path in [folder / "00000", folder / "00001"] if is_many else [folder]:
        assert b'"status":"finished"' in (path / "records.jsonl").read_bytes()
    assert str(tmp_path / "moved") in (folder / ("experiment.json" if is_many else "preset.toml")).read_text()


def test_a_run_that_is_not_handed_over_is_resumed_with_its_data_where_they_are_now(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_instead(monkeypatch, tmp_path, "raise SystemExit(7)")
    with pytest.raises(HandOverError, match=f"tuimove resume {tmp_path} '--data={tmp_path}/my data'$"):
        hand_over(tmp_path, [], lambda _: None, tmp_path / "my data")


@pytest.mark.parametrize("number", [None, 987])
def test_nobody_needs_to_wait_for_a_run_to_be_taken(number: int | None) -> None:
    report_locked(number)


def test_a_run_is_named_so_that_a_shell_finds_it(tmp_path: Path) -> None:
    assert run_name(runs_folder() / "mine-1") == "mine-1"
    assert run_name(Path("my runs/1")) == "'my runs/1'"
    assert run_name(tmp_path / "x") == str(tmp_path / "x")
