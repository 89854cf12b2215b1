"""Where faults are tried: a small data set, the uninterrupted run that others must end like, and the program."""

from __future__ import annotations

import os
import subprocess
import time
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from tests.conftest import random_digits, write_idx_folder
from tests.support.cut_runs import contents
from tests.support.processes import TUIMOVE, run, start

SAMPLES, SHAPE, CLASSES = 1500, (12, 12), 4
EPOCHS, EVERY = 3000, 25
"""A run of two to three seconds, so that it has several checkpoints."""


class NotHeldError(AssertionError):
    """Something that must hold whatever happens doesn't."""


def require(holds: object, words: str) -> None:
    """Raise a NotHeldError, with what doesn't hold in words."""
    if not holds:
        raise NotHeldError(words)


@dataclass(frozen=True)
class Ground:
    """A folder with all that the attempts share."""

    folder: Path
    epochs: int = EPOCHS
    """Of the uninterrupted run and those that must end like it."""

    @cached_property
    def data(self) -> Path:
        """The folder of a small data set."""
        return write_idx_folder(self.folder / "data", random_digits(SAMPLES, SHAPE, CLASSES))

    @property
    def environment(self) -> dict[str, str]:
        """Of the program: its runs are kept here, not among the user's."""
        return {**os.environ, "XDG_DATA_HOME": str(self.folder / "share"), "COLUMNS": "80", "TERM": "xterm-256color"}

    def run_arguments(self, folder: Path, *others: object, epochs: int | None = None) -> list[str]:
        """Return the arguments for a run into a folder, with checkpoints as often as there may be."""
        keys = (
            "network.hidden=10",
            f"training.epochs={epochs or self.epochs}",
            f"measure.every={EVERY}",
            f"data.train={SAMPLES}",
        )
        return ["run", "quick-look", *(f"--set={key}" for key in keys), "--data", str(self.data), "--out", str(folder),
                "--threads", "1", "--checkpoint-every", "1", *map(str, others)]  # fmt: skip

    @staticmethod
    def resume_arguments(folder: Path, *others: object) -> list[str]:
        """Return the arguments for going on with a run without a screen."""
        return ["resume", str(folder), "--no-ui", "--threads", "1", "--checkpoint-every", "1", *map(str, others)]

    def start(self, arguments: list[str], log: Path) -> subprocess.Popen[bytes]:
        """Start the program; its words go to the end of a log, its records nowhere."""
        with log.open("ab") as words:
            return start([*TUIMOVE, *arguments], cwd=self.folder, env=self.environment,
                         stdout=subprocess.DEVNULL, stderr=words)  # fmt: skip

    def call(self, arguments: list[str]) -> subprocess.CompletedProcess[str]:
        """Run the program to its end."""
        return run([*TUIMOVE, *arguments], cwd=self.folder, env=self.environment, errors="replace")

    @cached_property
    def seconds(self) -> float:
        """How long the uninterrupted run took, from the command to its end; 0 where another process has made it."""
        folder, began = self.folder / "whole", time.monotonic()
        if folder.exists():
            return 0.0
        done = self.call(self.run_arguments(folder, "--no-ui"))
        require(done.returncode == 0, f"the uninterrupted run ends with {done.returncode}: {done.stderr}")
        return time.monotonic() - began

    @property
    def whole(self) -> Path:
        """The folder of the uninterrupted run."""
        assert self.seconds >= 0
        return self.folder / "whole"

    def require_whole(self, folder: Path) -> None:
        """Raise a NotHeldError unless a run ended like the uninterrupted one: every record, and the last weights."""
        (records, weights), (expected, expected_weights) = contents(folder), contents(self.whole)
        require(len(records) == len(expected), f"{len(records)} records instead of {len(expected)}")
        for number, (record, other) in enumerate(zip(records, expected, strict=True)):
            require(record == other, f"record {number} differs: {record} instead of {other}")
        require(weights == expected_weights, "the last weights differ")

    def finish(self, folder: Path) -> str:
        """Resume a run to its end, require that it ends like the uninterrupted one, and return what is said."""
        done = self.call(self.resume_arguments(folder))
        require("Traceback" not in done.stderr, done.stderr)
        require(done.returncode == 0, f"resuming ends with {done.returncode}: {done.stderr}")
        self.require_whole(folder)
        require(not list(folder.glob("*.part")), f"left over: {list(folder.glob('*.part'))}")
        return done.stderr


def require_one_line(done: subprocess.CompletedProcess[str], *, code: int, words: str) -> None:
    """Raise a NotHeldError unless the program ended with this code and a single line that has these words."""
    require(done.returncode == code, f"exit code {done.returncode} instead of {code}: {done.stderr}")
    require(done.stderr.count("\n") == 1 and words in done.stderr, f"not one line with {words!r}: {done.stderr}")


def whole_lines(folder: Path) -> bytes:
    """Return the whole lines of a run's records."""
    path = folder / "records.jsonl"
    content = path.read_bytes() if path.exists() else b""
    return content[: content.rfind(b"\n") + 1]
