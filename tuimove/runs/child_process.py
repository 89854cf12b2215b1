"""Starts other Python processes: the one place that does, for every module of tuimove that is run as a program.

Nothing is imported from the working folder, which is still where relative paths count from. Each process has a session
of its own, so that no terminal's signal reaches it, and three standard streams.
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
"""Python's own variables that a child process inherits: where Python's files are and how text is encoded.

The others, such as PYTHONINSPECT and PYTHONWARNINGS, ask something of the process that the user has started.
"""

ChildStream = IO[bytes] | int
"""An open file, `subprocess.PIPE` or `subprocess.DEVNULL`."""


class ChildError(TuimoveError):
    """A process that can't be started."""

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
    """Run a module of tuimove in a process of its own, as `python -m` does.

    Parameters
    ----------
    inherited
        File descriptors that the process has too, beside its standard streams.

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
    """Return in words how a process ended."""
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
    """Return the entries of PYTHONPATH without the working folder, unless tuimove itself is nowhere else."""
    entries = filter(os.path.exists, os.environ.get("PYTHONPATH", "").split(os.pathsep))
    others = [os.path.abspath(entry) for entry in entries if not is_working_folder(entry)]
    return [*others, os.getcwd()] if needs_working_folder() else others
