"""Starts modules of tuimove as Python processes; nothing else in the program starts one.

The working folder is not on their import path, though relative paths count from it. Each process has its own session,
so that no signal of the terminal reaches it, and three standard streams.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from typing import IO

from tuimove.errors import ExitCode, TuimoveError
from tuimove.settings.environment import is_ignored
from tuimove.settings.import_path import is_working_folder, needs_working_folder

INHERITED = frozenset({
    "PYTHONCOERCECLOCALE", "PYTHONDONTWRITEBYTECODE", "PYTHONHOME", "PYTHONIOENCODING", "PYTHONNOUSERSITE",
    "PYTHONPLATLIBDIR", "PYTHONPYCACHEPREFIX", "PYTHONUSERBASE", "PYTHONUTF8",
})  # fmt: skip
"""Python's environment variables that a child process inherits: where Python's files are and how text is encoded.

Others, such as PYTHONINSPECT and PYTHONWARNINGS, are meant for the process that the user started.
"""

ChildStream = IO[bytes] | int
"""An open file, `subprocess.PIPE` or `subprocess.DEVNULL`."""


class ChildError(TuimoveError):
    """A process could not be started."""

    exit_code = ExitCode.FAILED


def start_module(
    module: str,
    arguments: Sequence[str] = (),
    *,
    stdin: ChildStream = subprocess.DEVNULL,
    stdout: ChildStream = subprocess.DEVNULL,
    stderr: ChildStream = subprocess.DEVNULL,
    inherited: Sequence[int] = (),
) -> subprocess.Popen[bytes]:
    """Run a module of tuimove in a child process, as `python -m` does.

    Parameters
    ----------
    inherited
        File descriptors that the process inherits besides its standard streams.

    Raises
    ------
    ChildError
        When the process can't be started.
    """
    command = [sys.executable, "-P", "-m", module, *arguments]
    try:
        return subprocess.Popen(
            command, env=_environment(), stdin=stdin, stdout=stdout, stderr=stderr, pass_fds=inherited,
            start_new_session=True,
        )  # fmt: skip
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise ChildError(f"{sys.executable or 'Python'} can't be started: {reason}") from None


def death_of(process: subprocess.Popen[bytes]) -> str:
    """Describe how a process ended: its exit code or the name of its signal."""
    if process.returncode >= 0:
        return f"its process ended with exit code {process.returncode}"
    number = -process.returncode
    names = {int(one): one.name for one in signal.Signals}
    return f"its process was killed by {names.get(number, f'signal {number}')}"


def _environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if _is_inherited(name)}
    return {**kept, "PYTHONSAFEPATH": "1", "PYTHONPATH": os.pathsep.join(_import_path())}


def _is_inherited(name: str) -> bool:
    return name in INHERITED if name.startswith("PYTHON") else not is_ignored(name)


def _import_path() -> list[str]:
    """Return the entries of PYTHONPATH without the working folder, unless only that holds tuimove."""
    entries = filter(os.path.exists, os.environ.get("PYTHONPATH", "").split(os.pathsep))
    others = [os.path.abspath(entry) for entry in entries if not is_working_folder(entry)]
    return [*others, os.getcwd()] if needs_working_folder() else others
