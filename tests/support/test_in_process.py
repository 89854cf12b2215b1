"""A command that is called in the test's own process is seen as a process is, and leaves nothing behind."""

from __future__ import annotations

import os
import signal
import threading
from pathlib import Path

import pytest

from tests.conftest import Tuimove
from tests.support.in_process import InProcess, nothing_left_behind

RECORDS = '{"record":"measurement","run":"r","epoch":0,"matrices":{}}\n'


@pytest.mark.parametrize(
    ("arguments", "given"),
    [
        (["check", "-"], RECORDS),
        (["check", "-"], ""),
        (["presets", "quick-look"], ""),
        (["presets", "quik-look"], ""),
        (["--version"], ""),
        (["rum"], ""),
        (["run", "quick-look"], ""),
        (["compare", "nowhere.jsonl"], ""),
    ],
)
def test_a_command_gives_here_what_it_gives_as_a_process(
    in_process: InProcess, tuimove: Tuimove, arguments: list[str], given: str
) -> None:
    here, there = in_process(*arguments, input=given), tuimove(*arguments, input=given)
    assert (here.returncode, here.stdout, here.stderr) == (there.returncode, there.stdout, there.stderr)


def test_a_command_is_called_in_an_empty_folder(in_process: InProcess, workplace: Path) -> None:
    assert in_process("presets").returncode == 0
    assert Path.cwd() == workplace
    assert os.listdir(workplace) == []


def test_a_signal_handler_that_is_left_behind_is_noticed() -> None:
    before = signal.getsignal(signal.SIGHUP)
    try:
        with pytest.raises(AssertionError), nothing_left_behind():
            signal.signal(signal.SIGHUP, lambda *_: None)
    finally:
        signal.signal(signal.SIGHUP, before)


def test_a_thread_that_goes_on_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.support.in_process.JOIN_SECONDS", 0.0)
    end = threading.Event()
    thread = threading.Thread(target=end.wait, name="endless")
    with pytest.raises(AssertionError, match="endless goes on"), nothing_left_behind():
        thread.start()
    end.set()
    thread.join()
