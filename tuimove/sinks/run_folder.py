"""A run's folder: `preset.toml` to run it again, `records.jsonl`, and first and last weights as `.npz`.

The first line of `records.jsonl` is the run record, so there is no other file about the run as a whole.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import BinaryIO

import numpy as np

from tuimove.errors import OutputError, TuimoveError
from tuimove.preset import Preset
from tuimove.record import Record, to_json
from tuimove.recorded import RECORDS
from tuimove.sinks import Sink, Weights
from tuimove.sinks.jsonl import write_line


def require_unused(folder: Path) -> None:
    """Raise a TuimoveError when the folder already holds something: a run is never overwritten."""
    try:
        if folder.is_dir() and not any(folder.iterdir()):
            return
        if folder.exists() or folder.is_symlink():
            raise TuimoveError(f"--out {str(folder)!r}: already there; a run is never overwritten")
    except (OSError, ValueError) as error:
        raise TuimoveError(f"--out {str(folder)!r}: {getattr(error, 'strerror', None) or error}") from None


def next_folder(folder: Path) -> Path:
    """Return the folder of another run beside this one: `run-2` after `run`, or the next that isn't there yet."""
    numbered = (folder.with_name(f"{folder.name}-{number}") for number in count(2))
    return next(path for path in numbered if not path.exists())


def save_weights(stream: BinaryIO, epoch: int, weights: Weights) -> None:
    """Write weights as an `.npz` file."""
    np.savez(stream, allow_pickle=False, epoch=np.array(epoch), **dict(weights))


class RunFolder(Sink):
    """Keeps all there is to know about a run."""

    def __init__(self, folder: Path, preset: Preset) -> None:
        """Make the folder; raises a TuimoveError when that can't be done."""
        require_unused(folder)
        self._folder = folder
        try:
            folder.mkdir(parents=True, exist_ok=True)
            (folder / "preset.toml").write_text(preset.as_toml(), encoding="utf-8")
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND
            self._records = os.open(folder / RECORDS, flags, 0o644)
        except OSError as error:
            self._remove_beginnings()
            raise TuimoveError(f"--out {str(folder)!r}: {error.strerror}") from None

    def _remove_beginnings(self) -> None:
        """Take back what was made of the folder; there is nothing in it yet that anybody wants."""
        with suppress(OSError):
            (self._folder / "preset.toml").unlink(missing_ok=True)
            self._folder.rmdir()

    def write(self, record: Record) -> None:
        """Append the record; what a full disk cuts short is the last line."""
        self.append(to_json(record, histograms=True))

    def append(self, line: str) -> None:
        """Append a record as the line it was written in; raises OutputError as `write` does."""
        try:
            write_line(self._records, line)
        except OSError as error:
            raise OutputError(f"{self._folder / 'records.jsonl'}: {error.strerror}") from None

    def keep_weights(self, name: str, epoch: int, weights: Weights) -> None:
        """Write `NAME.npz`."""
        self._replace(f"{name}.npz", lambda stream: save_weights(stream, epoch, weights))

    def keep_file(self, name: str, content: bytes) -> None:
        """Write a file that was made elsewhere; raises OutputError as `keep_weights` does."""
        self._replace(name, lambda stream: stream.write(content))

    def _replace(self, name: str, write: Callable[[BinaryIO], object]) -> None:
        """Write a file beside its final place first, so that it is there whole or not at all."""
        path, unfinished = self._folder / name, self._folder / f"{name}.part"
        try:
            with unfinished.open("wb") as stream:
                write(stream)
                stream.flush()
                os.fsync(stream.fileno())
            unfinished.replace(path)
        except OSError as error:
            unfinished.unlink(missing_ok=True)
            raise OutputError(f"{path}: {error.strerror}") from None

    def close(self) -> None:
        """Close the records."""
        os.close(self._records)
