"""The command line called in the test's own process: for what a command prints and writes, where no process is needed.

Importing the kernels takes longer than most commands, so a test that looks at output alone calls `main` here. What a
process does by itself (signals, a closed pipe, a terminal) is tested with real ones, as is each command once.
"""

from __future__ import annotations

import io
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

from tuimove.command_line.main import main

InProcess = Callable[..., CompletedProcess[str]]
"""Takes a command's arguments, and its standard input as `input`."""

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGTSTP, signal.SIGWINCH, signal.SIGPIPE)
JOIN_SECONDS = 30.0
"""A thread that has been told to end is waited for so long."""

SET_BY_A_LIBRARY = "KMP_DUPLICATE_LIB_OK"
"""threadpoolctl sets it when it is first imported."""


@pytest.fixture
def in_process(workplace: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> InProcess:
    """Run the program in an empty folder and in this process, and return what a process would have left."""
    monkeypatch.chdir(workplace)
    monkeypatch.setenv("COLUMNS", "80")

    def call(*arguments: object, input: str = "") -> CompletedProcess[str]:  # noqa: A002 - as in subprocess.run
        capfd.readouterr()
        with nothing_left_behind(), pytest.MonkeyPatch.context() as patch:
            read = io.BufferedReader(io.BytesIO(input.encode()))
            patch.setattr(sys, "stdin", io.TextIOWrapper(read, encoding="utf-8"))
            code = exit_code_of([*map(str, arguments)])
        out, err = capfd.readouterr()
        return CompletedProcess([*map(str, arguments)], code, out, err)

    return call


def exit_code_of(arguments: Sequence[str]) -> int:
    """Return what the program would exit with."""
    try:
        return int(main(arguments))
    except SystemExit as left:  # argparse leaves like that
        return left.code if isinstance(left.code, int) else int(left.code is not None)


@contextmanager
def nothing_left_behind() -> Iterator[None]:
    """See that a command leaves the process as it was: signal handlers, threads, logging, environment, folder.

    Warning filters are pytest's, which puts them back after every test.
    """
    before, threads = _process_state(), set(threading.enumerate())
    yield
    for thread in set(threading.enumerate()) - threads:
        thread.join(JOIN_SECONDS)
        assert not thread.is_alive(), f"{thread.name} goes on"
    for name, state in _process_state().items():
        assert state == before[name], name


def _process_state() -> dict[str, Any]:
    return {
        "signals": [signal.getsignal(number) for number in SIGNALS],
        "logging": (logging.root.level, [*logging.root.handlers], logging.root.manager.disable),
        "environment": {name: value for name, value in os.environ.items() if name != SET_BY_A_LIBRARY},
        "folder": Path.cwd(),
        "switches": sys.getswitchinterval(),
    }
