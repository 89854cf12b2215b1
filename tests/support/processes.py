"""The one place where tests start processes: as a shell starts them, and none outlives its test.

`start` and `run` are for the test's own children. `ending_with` bounds a test, a fixture or an attempt: whatever is
started within, by whichever process, has been killed and reaped when it is left. `guarded` does so for all tests of a
process even if that process is killed itself.
"""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from tests.support import leftovers
from tests.support.leftovers import MARK, end_marked
from tests.support.waiting import PATIENCE

ROOT = Path(__file__).parents[2]
TUIMOVE = [sys.executable, "-m", "tuimove"]
PASSED_ON = (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM, signal.SIGCHLD, signal.SIGALRM)
"""Signals that `nohup`, a shell's `&` or a supervisor may have had ignored, which processes pass on to their children.
SIGPIPE isn't among them: Python ignores it itself, and `subprocess` restores it."""

_scopes: list[list[subprocess.Popen[Any]]] = []
"""The children of every scope that is open, the innermost last."""


def start(command: Sequence[object], **settings: Any) -> subprocess.Popen[Any]:
    """Start a process in a session of its own, with nothing on standard input unless given otherwise.

    Parameters
    ----------
    command
        The program and its arguments.
    **settings
        As for `subprocess.Popen`.
    """
    settings = {"stdin": subprocess.DEVNULL, "start_new_session": True, **settings}
    process = subprocess.Popen([str(word) for word in command], **settings)
    if _scopes:
        _scopes[-1].append(process)
    return process


def run(command: Sequence[object], **settings: Any) -> subprocess.CompletedProcess[str]:
    """Run a process to its end and return what it wrote, as text.

    Parameters
    ----------
    command
        The program and its arguments.
    **settings
        As for `subprocess.run`; `input` is written to standard input.

    Raises
    ------
    AssertionError
        When it doesn't end within `PATIENCE` seconds, or another `timeout`.
    """
    given, timeout = settings.pop("input", None), settings.pop("timeout", PATIENCE)
    if given is not None:
        settings["stdin"] = subprocess.PIPE
    settings = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, **settings}
    process = start(command, **settings)
    output, errors = communicate(process, given, timeout)
    return subprocess.CompletedProcess(process.args, process.returncode, output, errors)


def communicate(process: subprocess.Popen[Any], given: str | None = None, timeout: float = PATIENCE) -> tuple[Any, Any]:
    """Read what a process writes until it ends; raises an AssertionError as `run` does."""
    try:
        return process.communicate(given, timeout=timeout)
    except subprocess.TimeoutExpired:
        end(process)
        raise AssertionError(f"not within {timeout:g} s: the end of {process.args!r}") from None


def wait(process: subprocess.Popen[Any]) -> int:
    """Wait for the end of a process and return its exit code."""
    try:
        return process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        raise AssertionError(f"not within {PATIENCE:g} s: the end of {process.args!r}") from None


def end(process: subprocess.Popen[Any]) -> None:
    """Kill a process with its group, reap it, and close its pipes."""
    if process.poll() is None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout, process.stderr):
        _close(pipe)


def _close(pipe: IO[Any] | None) -> None:
    if pipe is not None:
        with suppress(OSError):  # what was left to be written has no reader any more
            pipe.close()


@contextmanager
def ending_with(name: str) -> Iterator[None]:
    """End what is started meanwhile, by this process or by any that it started, whatever ends the scope."""
    mark = _mark_below(name)
    _scopes.append([])
    try:
        with _marked(mark):
            yield
    finally:
        children = _scopes.pop()
        for process in children:
            end(process)
        end_marked(mark)


@contextmanager
def guarded(name: str) -> Iterator[None]:
    """Have another process end whatever is left when this one is gone, even if it is killed; needs the main thread."""
    _hear_what_is_ignored()
    mark = _mark_below(name)
    guard = _start_guard(mark)
    try:
        with _marked(mark):
            yield
    finally:
        assert guard.stdin
        guard.stdin.close()
        guard.wait()


def _start_guard(mark: str) -> subprocess.Popen[bytes]:
    """Start what ends all that bears a mark when its input ends; signals that end all others leave it alone."""
    command = [sys.executable, "-P", leftovers.__file__, mark, "--at-end-of-input"]
    before = signal.pthread_sigmask(signal.SIG_BLOCK, PASSED_ON)  # the guard inherits it
    try:
        return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, start_new_session=True)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _mark_below(name: str) -> str:
    """Return a mark of its own below that of the environment."""
    own = f"{name.replace('/', '_')}-{secrets.token_hex(4)}"
    return f"{os.environ[MARK]}/{own}" if MARK in os.environ else own


@contextmanager
def _marked(mark: str) -> Iterator[None]:
    """Have children inherit a mark."""
    before = os.environ.get(MARK)
    os.environ[MARK] = mark
    try:
        yield
    finally:
        if before is None:
            del os.environ[MARK]
        else:
            os.environ[MARK] = before


def _hear_what_is_ignored() -> None:
    """Catch ignored signals and do nothing: this process stays deaf to them, but its children begin with defaults."""
    for number in PASSED_ON:
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, lambda *_: None)
