"""Experiments and comparisons on the screen of a real terminal: trained, quit, ended by signals, opened, read back."""

from __future__ import annotations

import re
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from tests.command_line.test_compare import write_run
from tests.conftest import Tuimove
from tests.support import held_loading
from tests.support.processes import wait
from tests.support.terminal import TUIMOVE, Terminal
from tests.support.waiting import wait_until
from tuimove.recording.folder.run_lock import living_holder

PRESET = """
title = "a few seeds"
[network]
hidden = 5
[training]
epochs = 30
[measure]
every = 5
[sweep]
"training.seed" = [1, 2, 3]
"""

Open = Callable[..., Terminal]


@pytest.fixture
def open_experiment(tmp_path: Path, idx_folder: Path) -> Iterator[Open]:
    """Return what opens an experiment of three seeds in a terminal."""
    (tmp_path / "mine.toml").write_text(PRESET)
    opened: list[Terminal] = []

    def start(*arguments: object, tuimove: list[str] = TUIMOVE) -> Terminal:
        command = [*tuimove, "run", "mine.toml", "--data", idx_folder, "--out", "x", *arguments]
        opened.append(Terminal([*map(str, command)], tmp_path))
        return opened[-1]

    yield start
    for terminal in opened:
        terminal.close()


def workers_of(terminal: Terminal) -> list[psutil.Process]:
    return [process for process in psutil.Process(terminal.process.pid).children()
            if "tuimove.experiments.local.worker" in process.cmdline()]  # fmt: skip


def last_statuses(tmp_path: Path) -> list[str]:
    """Return the last line of every run's records."""
    paths = sorted((tmp_path / "x").glob("*/records.jsonl"))
    lines = [path.read_text().rpartition("\n")[0].rpartition("\n")[2] for path in paths]
    return [line.partition('"status":"')[2].partition('"')[0] for line in lines]


def closing(terminal: Terminal) -> str:
    """Return what was written after the screen was gone."""
    text = terminal.output.split(b"\x1b[?1049l")[-1].decode()
    return re.sub(r"\x1b\[\?[0-9]+[hl]", "", text)


def test_an_experiment_is_trained_a_run_is_opened_and_the_table_comes_last(
    open_experiment: Open, tmp_path: Path
) -> None:
    terminal = open_experiment()
    terminal.read_words("3 of 3 runs")
    terminal.press("j\r")
    terminal.read_words("esc goes back")
    terminal.press_for("\x1b", "3 of 3 runs")
    terminal.press("q")
    assert terminal.wait() == 0
    header, *rows = closing(terminal).split("seed", 1)[1].splitlines()
    assert header.split()[:2] == ["epochs", "W1"]
    assert [row.split()[0] for row in rows] == ["1", "2", "3", "mean", "sd"]
    assert terminal.is_as_before()
    assert last_statuses(tmp_path) == ["finished"] * 3


def wait_for_training(terminal: Terminal, tmp_path: Path) -> list[psutil.Process]:
    """Wait until every run has been measured, and return the workers."""

    def lines() -> int:
        return min((path.read_text().count("\n") for path in (tmp_path / "x").glob("*/records.jsonl")), default=0)

    terminal.read_until(lambda: lines() > 2, "two records of every run")
    terminal.read_words("training")
    return workers_of(terminal)


ENDLESS = ("--set", "training.epochs=1000000000", "--set", "measure.every=1000")


def test_quitting_interrupts_what_is_trained_and_leaves_no_worker(open_experiment: Open, tmp_path: Path) -> None:
    terminal = open_experiment(*ENDLESS)
    workers = wait_for_training(terminal, tmp_path)
    assert workers
    terminal.stop_run()
    assert terminal.wait() == 130
    assert terminal.is_as_before()
    assert "interrupted" in closing(terminal)
    assert last_statuses(tmp_path) == ["interrupted"] * 3
    assert not any(worker.is_running() for worker in workers)


def test_a_signal_ends_workers_and_screen_in_order(open_experiment: Open, tmp_path: Path) -> None:
    terminal = open_experiment(*ENDLESS)
    workers = wait_for_training(terminal, tmp_path)
    terminal.process.send_signal(signal.SIGTERM)
    assert terminal.wait() == 130
    assert terminal.is_as_before()
    assert b"\x1b[?1049l" in terminal.output
    assert last_statuses(tmp_path) == ["interrupted"] * 3
    assert not any(worker.is_running() for worker in workers)


def test_when_the_terminal_is_closed_another_process_goes_on(open_experiment: Open, tmp_path: Path) -> None:
    terminal = open_experiment(*ENDLESS)
    workers = wait_for_training(terminal, tmp_path)
    terminal.process.send_signal(signal.SIGHUP)
    wait(terminal.process)
    assert not any(worker.is_running() for worker in workers)
    log = (tmp_path / "x" / "background.log").read_text
    wait_until(lambda: last_statuses(tmp_path) == [""] * 3, "three runs that go on", seen=log)
    holder = wait_until(lambda: living_holder(tmp_path / "x"), "a process that trains them", seen=log)
    assert holder
    psutil.Process(holder.pid).send_signal(signal.SIGTERM)
    wait_until(lambda: last_statuses(tmp_path) == ["interrupted"] * 3, "three interrupted runs", seen=log)


@pytest.mark.parametrize("left", ["d", signal.SIGHUP])
def test_an_experiment_that_is_left_while_it_loads_goes_on_and_is_watched(
    open_experiment: Open, tmp_path: Path, left: str | signal.Signals
) -> None:
    terminal = open_experiment(*ENDLESS, tuimove=[sys.executable, "-P", held_loading.__file__, str(tmp_path)])
    terminal.read_until((tmp_path / "held").exists, "an experiment that is about to load")
    assert living_holder(tmp_path / "x")
    assert not last_statuses(tmp_path)
    if isinstance(left, str):
        terminal.read_words("loading")
        terminal.press(left)
    else:
        terminal.process.send_signal(left)
    assert terminal.wait() == (0 if left == "d" else 130)
    wait_until(lambda: living_holder(tmp_path / "x"), "a process that goes on")
    again = Terminal([*TUIMOVE, "attach", "x"], tmp_path)
    try:
        again.read_words("3 training")
        again.press("d")
        assert again.wait() == 0
        holder = living_holder(tmp_path / "x")
        assert holder
        psutil.Process(holder.pid).send_signal(signal.SIGTERM)
        wait_until(lambda: last_statuses(tmp_path) == ["interrupted"] * 3, "three interrupted runs")
    finally:
        again.close()


def test_an_experiment_that_can_not_begin_leaves_no_folder(tuimove: Tuimove, tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(PRESET)
    (tmp_path / "there").mkdir()
    for out in ("there", "new"):
        arguments = ("run", tmp_path / "mine.toml", "--no-ui", "--data", tmp_path / "nowhere", "--out", tmp_path / out)
        done = tuimove(*arguments)
        assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert not list((tmp_path / "there").iterdir())
    assert not (tmp_path / "new").exists()
    done = tuimove("attach", tmp_path / "there")
    assert done.returncode == 2


def test_a_stalled_terminal_keeps_neither_workers_nor_process(open_experiment: Open, tmp_path: Path) -> None:
    terminal = open_experiment(*ENDLESS, "--fps", 30)
    terminal.answers = False
    workers = wait_for_training(terminal, tmp_path)
    wait_until(lambda: terminal.is_full, "a terminal that takes no more")
    terminal.process.send_signal(signal.SIGTERM)
    assert wait(terminal.process) == 130
    assert not any(worker.is_running() for worker in workers)
    assert terminal.is_as_before()


def test_the_folder_of_another_experiment_is_one_line_when_the_screen_is_gone(
    open_experiment: Open, tmp_path: Path
) -> None:
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "thesis.txt").write_text("dear")
    terminal = open_experiment()
    terminal.read_words("failed")
    terminal.press("q")
    assert terminal.wait() == 2
    assert closing(terminal).strip() == "tuimove: error: --out 'x': already there, and no experiment"


def test_recorded_runs_are_compared_on_the_same_screen(tmp_path: Path) -> None:
    slow, fast = write_run(tmp_path / "a.jsonl", "slow", 0.1), write_run(tmp_path / "b.jsonl", "fast", 1.0)
    terminal = Terminal([*TUIMOVE, "compare", str(slow), str(fast), "--ui", "--against", "seconds"], tmp_path)
    try:
        terminal.read_words("unfinished")
        terminal.read_words("fast")
        terminal.read_words("seconds")
        terminal.press("f")
        terminal.read_words("nothing is trained here")
        terminal.press("q")
        assert terminal.wait() == 0
        assert terminal.is_as_before()
    finally:
        terminal.close()


def test_what_can_not_be_read_is_told_on_the_screen_and_after_it(tmp_path: Path) -> None:
    slow = write_run(tmp_path / "a.jsonl", "slow", 0.1)
    (tmp_path / "b.jsonl").write_text("rubbish\n")
    terminal = Terminal([*TUIMOVE, "compare", str(slow), "b.jsonl", "--ui"], tmp_path)
    try:
        terminal.read_words("slow")
        terminal.read_words("failed")
        terminal.press("q")
        assert terminal.wait() == 2
        assert closing(terminal).strip() == "tuimove: error: b.jsonl: holds no records"
    finally:
        terminal.close()


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["a.jsonl", "--ui", "--of", "W1.sd"], "--of 'W1.sd': not charted on the screen, which has distance, norm"),
        (["a.jsonl", "--ui", "--of", "W1.distanse"], "did you mean 'W1.distance'"),
        (["a.jsonl", "--ui"], "no terminal to draw on: leave out --ui to have it printed"),
    ],
)
def test_a_mistake_is_one_line_and_exit_code_2(tuimove: Tuimove, arguments: list[str], complaint: str) -> None:
    done = tuimove("compare", *arguments, input="")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert complaint in done.stderr
