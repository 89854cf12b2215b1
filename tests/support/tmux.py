"""Terminals in tmux, as a user has them, with a server of their own."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from tests.support.processes import run
from tests.support.waiting import wait_until


class Tmux:
    """A server with a few terminals."""

    def __init__(self, folder: Path, environment: Mapping[str, str] | None = None) -> None:
        """Prepare for terminals whose programs begin in a folder, with an environment other than this process's."""
        self._folder, self._environment = folder, environment
        self._place = Path(tempfile.mkdtemp(prefix="tmux-"))  # the name of a socket must be short

    def call(self, *arguments: str) -> str:
        """Run one of its commands and return what it prints."""
        done = self._run(*arguments)
        assert done.returncode == 0, f"tmux {' '.join(arguments)}: {done.stderr}"
        return done.stdout

    def _run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = ["tmux", "-u", "-S", self._place / "socket", "-f", os.devnull, *arguments]
        return run(command, env=self._environment, cwd=self._folder)

    def open(self, name: str, shell: str) -> None:
        """Open a terminal with a shell's command in it."""
        self.call("new-session", "-d", "-x", "120", "-y", "40", "-s", name, shell)

    def screen(self, name: str) -> str:
        """Return what a terminal shows; nothing where it has gone."""
        return self._run("capture-pane", "-p", "-t", name).stdout

    def read_words(self, name: str, words: str) -> str:
        """Wait until a terminal shows some words, and return all that it shows then."""
        return self.read_any(name, words)

    def read_any(self, name: str, *choices: str) -> str:
        """Wait until a terminal shows one of several words, and return all that it shows then."""
        texts = [""]

        def shows_words() -> bool:
            texts.append(self.screen(name))
            return any(words in texts[-1] for words in choices)

        wait_until(shows_words, f"{' or '.join(choices)!r} in terminal {name!r}", seen=lambda: texts[-1])
        return texts[-1]

    def close(self) -> None:
        """End everything in it."""
        self._run("kill-server")
        shutil.rmtree(self._place)
