"""Moves a run or an experiment to a background process without a terminal, which resumes it and outlives the shell."""

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
"""Name of the file in a run's folder that holds the output of the background process."""
PATIENCE_SECONDS = 120.0
"""Seconds that the new process has to lock the run: it imports its libraries first, perhaps on a busy machine."""
MOST_WORDS = 1 << 16
"""Bytes at the end of the log that are searched for the reason of a failure."""
TAKEN = b"taken"
"""Message that the new process writes into a pipe when it holds the run's lock."""
ERROR = "tuimove: error: "
"""Prefix that the command line prints before an error message."""


class HandOverError(TuimoveError):
    """The background process did not take the run over."""

    exit_code = ExitCode.FAILED


def hand_over(folder: Path, options: Sequence[str], say: Callable[[str], None], moved: Path | None = None) -> None:
    """Start another process that resumes a folder's run or experiment, and return once it holds the folder's lock.

    The calling process must have released the lock. A failure is written to the folder's log too.

    Parameters
    ----------
    folder
        Folder of a run or an experiment.
    options
        Further options of `tuimove resume`.
    say
        Prints a line for the user, if the terminal is still there.
    moved
        New folder of the training data, passed on as `--data`; None where the data have not moved.

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


def report_locked(descriptor: int | None) -> None:
    """Tell the parent process, through an inherited pipe, that this process holds the run's lock."""
    if descriptor is not None:
        with suppress(OSError):  # the parent has ended, or the descriptor isn't one
            os.write(descriptor, TAKEN)
            os.close(descriptor)


def _hand_over(folder: Path, options: Sequence[str], log: IO[bytes]) -> None:
    start = log.seek(0, os.SEEK_END)
    answer, answering = os.pipe()
    with open(answer, "rb", buffering=0) as reading:
        with open(answering, "wb", buffering=0):
            command = ["resume", str(folder.absolute()), "--no-ui", "--taken", str(answering), *options]
            process = start_module("tuimove", command, stderr=log, inherited=[answering])
        if not _becomes_locked(process, reading):
            raise ChildError(_last_words(log, start) or death_of(process))


def _becomes_locked(process: subprocess.Popen[bytes], reading: IO[bytes]) -> bool:
    """Wait until a process reports that it holds the lock; False when it ends instead.

    Raises
    ------
    ChildError
        When neither happens in time.
    """
    with selectors.DefaultSelector() as selector:
        selector.register(reading, selectors.EVENT_READ)
        if not selector.select(PATIENCE_SECONDS):
            process.terminate()
            raise ChildError(f"its process didn't take it within {PATIENCE_SECONDS:.0f} s")
    if reading.read(len(TAKEN)) == TAKEN:
        return True
    process.wait()  # its end of the pipe is closed, so it is ending
    return False


def _last_words(log: IO[bytes], start: int) -> str:
    """Return the last non-empty line of a log after offset `start`."""
    size = log.seek(0, os.SEEK_END)
    log.seek(max(start, size - MOST_WORDS))
    lines = [line for line in log.read().decode(errors="replace").splitlines() if line.strip()]
    return lines[-1].strip().removeprefix(ERROR) if lines else ""


def open_log(folder: Path) -> IO[bytes]:
    """Open the log for reading and appending; the null device where the path exists and isn't a regular file."""
    try:
        descriptor = open_descriptor(folder / LOG, os.O_RDWR | os.O_APPEND | os.O_CREAT)
    except OSError:
        return open(os.devnull, "ab+", buffering=0)
    return open(descriptor, "ab+", buffering=0)
