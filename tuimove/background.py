"""A run that goes on without a terminal: a process of its own resumes it, and outlives the shell."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import IO

from tuimove.files import open_descriptor

LOG = "background.log"
"""In the run's folder: what the process says, where nobody hears it."""


def go_on_in_background(folder: Path, threads: int | None, checkpoint_seconds: float | None = None) -> None:
    """Start a process that resumes a run or an experiment once this one has let go of it; may raise an OSError."""
    command = [sys.executable, "-m", "tuimove", "resume", str(folder.absolute()), "--no-ui", "--wait"]
    command += ["--checkpoint-every", f"{checkpoint_seconds:g}"] if checkpoint_seconds else []
    command += ["--threads", str(threads)] if threads else []
    with open_log(folder) as log:
        subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=log,
                         start_new_session=True)  # fmt: skip


def open_log(folder: Path) -> IO[bytes]:
    """Return where words go: the log, or nowhere if there is anything else in its place, such as a link."""
    try:
        return open(open_descriptor(folder / LOG, os.O_WRONLY | os.O_APPEND | os.O_CREAT), "ab")
    except OSError:
        return open(os.devnull, "ab")
