"""Leaves a run or an experiment to a process without a terminal, which resumes it and outlives the shell."""

from __future__ import annotations

import os
import selectors
import shlex
import subprocess
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

from tuimove.errors import ExitCode, TuimoveError, harmless
from tuimove.recording.folder.store import run_name
from tuimove.runs.child_process import ChildError, death_of, start_module
from tuimove.settings.data_name import placed_name
from tuimove.settings.files import open_descriptor, reason_of

LOG = "background.log"
"""The file in the run's folder that holds what the process in the background says."""
PATIENCE_SECONDS = 120.0
"""How long the new process may take to lock the run: it loads its libraries first, on a machine that may be busy."""
MOST_WORDS = 1 << 16
"""Bytes at the end of the log in which the reason of a failure is looked for."""
TAKEN = b"taken"
"""What the new process writes into a pipe once it holds the run's lock."""
ERROR = "tuimove: error: "
"""Printed before an error by the command line."""


class HandOverError(TuimoveError):
    """A run that no other process goes on with."""

    exit_code = ExitCode.FAILED


def hand_over(folder: Path, options: Sequence[str], say: Callable[[str], None], moved: Path | None = None) -> None:
    """Have another process resume what is in a folder, and return once that process holds the folder's lock.

    This process must have released the lock. A failure is noted in the folder's log too.

    Parameters
    ----------
    folder
        Of a run or an experiment.
    options
        Further options of `tuimove resume`.
    say
        Prints a line for the user, if there still is one.
    moved
        The folder that the data have been said to be in now: this process may not have come to keep that.

    Raises
    ------
    HandOverError
        When the process can't be started, ends before it holds the lock, or takes too long; with the reason.
    """
    name, place = harmless(run_name(folder)), [f"--data={placed_name(str(moved))}"] if moved is not None else []
    say("handing over to a process in the background ...")
    with open_log(folder) as log:
        try:
            _hand_over(folder, [*options, *place], log)
        except (OSError, TuimoveError) as error:
            reason = error if isinstance(error, TuimoveError) else reason_of(error)
            resume = " ".join(["tuimove resume", name, *(harmless(shlex.quote(option)) for option in place)])
            words = f"could not be handed over: {reason}; go on with: {resume}"
            with suppress(OSError):
                log.write(f"{words}\n".encode(errors="replace"))
            raise HandOverError(words) from None
    say(f"goes on in the background; tuimove attach {name} shows it")


def report_taken(descriptor: int | None) -> None:
    """Tell the process that has started this one that this one holds the run's lock."""
    if descriptor is not None:
        with suppress(OSError):  # nobody waits any more, or the number was made up
            os.write(descriptor, TAKEN)
            os.close(descriptor)


def _hand_over(folder: Path, options: Sequence[str], log: IO[bytes]) -> None:
    start = log.seek(0, os.SEEK_END)
    answer, answering = os.pipe()
    with open(answer, "rb", buffering=0) as reading:
        with open(answering, "wb", buffering=0):
            command = ["resume", str(folder.absolute()), "--no-ui", "--taken", str(answering), *options]
            process = start_module("tuimove", command, stderr=log, inherited=[answering])
        if not _is_taken(process, reading):
            raise ChildError(_last_words(log, start) or death_of(process))


def _is_taken(process: subprocess.Popen[bytes], reading: IO[bytes]) -> bool:
    """Wait until a process says that it holds the lock; False when it ends instead.

    Raises
    ------
    ChildError
        When it does neither in time.
    """
    with selectors.DefaultSelector() as selector:
        selector.register(reading, selectors.EVENT_READ)
        if not selector.select(PATIENCE_SECONDS):
            process.terminate()
            raise ChildError(f"its process didn't take it within {PATIENCE_SECONDS:.0f} s")
    if reading.read(len(TAKEN)) == TAKEN:
        return True
    process.wait()  # it has closed its end of the pipe, which only its end does
    return False


def _last_words(log: IO[bytes], start: int) -> str:
    """Return the last line of a log that isn't empty, from an offset on."""
    size = log.seek(0, os.SEEK_END)
    log.seek(max(start, size - MOST_WORDS))
    lines = [line for line in log.read().decode(errors="replace").splitlines() if line.strip()]
    return lines[-1].strip().removeprefix(ERROR) if lines else ""


def open_log(folder: Path) -> IO[bytes]:
    """Return the log, to be read and appended to; the null device where anything but a file is in its place."""
    try:
        descriptor = open_descriptor(folder / LOG, os.O_RDWR | os.O_APPEND | os.O_CREAT)
    except OSError:
        return open(os.devnull, "ab+", buffering=0)
    return open(descriptor, "ab+", buffering=0)
