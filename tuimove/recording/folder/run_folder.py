"""A run's folder: `preset.toml` to run it again, `records.jsonl`, first and last weights, checkpoints, and a lock.

The first line of `records.jsonl` is the run record, so no other file describes the run. Records are only ever appended;
a full disk or a killed process truncates only the last line.
"""

from __future__ import annotations

import os
import time
import zlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from itertools import count
from pathlib import Path

import numpy as np

from tuimove.errors import DataError, Input, OutputError, TuimoveError, with_remedy
from tuimove.recording.checkpoint import CHECKPOINT_SECONDS, Checkpoint, Weights
from tuimove.recording.folder.array_files import packed_arrays, remove_unfinished, write_whole
from tuimove.recording.folder.checkpoint_files import save_checkpoint
from tuimove.recording.folder.run_lock import LOCK, RunLock, living_holder
from tuimove.recording.folder.store import PRESET, make_runs_folder
from tuimove.recording.reading.run_folders import RECORDS
from tuimove.recording.record import Record, to_json
from tuimove.recording.sinks.json_lines import write_line
from tuimove.recording.sinks.sink import Sink
from tuimove.settings.files import is_folder, names_in, open_descriptor, reason_of, refusal, require_place, shown_path
from tuimove.settings.preset import Preset

FIRST = "first.npz"
"""Name of the file of the weights at the start."""
CHECKPOINT_SHARE = 0.01
"""Largest share of the training time that goes into checkpoints."""


def require_unused(folder: Path) -> None:
    """Raise a TuimoveError when the folder exists and isn't empty: a run is never overwritten."""
    shown = shown_path(folder)
    try:
        if is_folder(folder) and not names_in(folder):
            return
        if not os.path.lexists(folder):
            require_place(folder)
    except DataError as error:
        raise TuimoveError(str(error), about=Input.OUT) from None
    if holder := living_holder(folder):
        raise TuimoveError(f"{shown!r}: {holder} is writing there", about=Input.OUT)
    if os.path.lexists(folder):
        raise TuimoveError(f"{shown!r}: already there; a run is never overwritten", about=Input.OUT)


def next_folder(folder: Path) -> Path:
    """Return the first unused folder for another run beside this one: `run-2` after `run`, and so on."""
    numbered = (folder.with_name(f"{folder.name}-{number}") for number in count(2))
    return next(path for path in numbered if not os.path.lexists(path))


def open_folder(
    run: str,
    preset: Preset,
    out: Path | None,
    checkpoint_seconds: float,
    say: Callable[[str], None],
    *,
    is_kept: bool,
    remedy: str = "",
) -> RunFolder | None:
    """Return the folder of a new run, `out` or one named after its id in the default place; None if it isn't stored.

    A failure to make the default folder is only reported through `say`, with the remedy.

    Raises
    ------
    TuimoveError
        When the folder that was asked for can't be made.
    """
    if out is not None:
        return RunFolder(out, preset, checkpoint_seconds)
    if not is_kept:
        return None
    try:
        return RunFolder(make_runs_folder() / run, preset, checkpoint_seconds)
    except TuimoveError as error:
        say(f"this run is not kept: {with_remedy(str(error), remedy)}")
        return None


def packed_weights(epoch: int, weights: Weights) -> bytes:
    """Return weights as the bytes of an `.npz` file."""
    return packed_arrays({"epoch": np.array(epoch), **weights})


class RunFolder(Sink):
    """Writes a run's records, weights and checkpoints: a sink that is also the checkpoint keeper."""

    def __init__(
        self,
        folder: Path,
        preset: Preset | None,
        checkpoint_seconds: float | None = CHECKPOINT_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Make the folder; raises a TuimoveError when that fails.

        `preset` None is for a run of somebody else's training loop, `checkpoint_seconds` None for no checkpoints.
        """
        require_unused(folder)
        self.folder, self._is_new = folder, not folder.exists()
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._begin(checkpoint_seconds, clock)
            if preset is not None:
                (folder / PRESET).write_text(preset.as_toml(), encoding="utf-8")
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND
            self._records = open_descriptor(folder / RECORDS, flags, 0o644)
        except (OSError, ValueError) as error:
            self._remove_beginnings()
            raise TuimoveError(f"{shown_path(folder)!r}: {reason_of(error, folder)}", about=Input.OUT) from None

    @classmethod
    def reopened(cls, folder: Path, lock: RunLock, size: int, checkpoint_seconds: float | None) -> RunFolder:
        """Return the folder of a resumed run, which keeps the first `size` bytes of its records.

        The caller must call `cut` with their CRC-32 before a checkpoint is written.
        """
        self = cls.__new__(cls)
        self.folder = folder
        self._begin(checkpoint_seconds, time.monotonic, lock)
        remove_unfinished(folder)
        try:
            self._records = open_descriptor(folder / RECORDS, os.O_WRONLY | os.O_APPEND)
            self.cut(size, 0)
        except OSError as error:
            lock.release()
            raise TuimoveError(refusal(folder / RECORDS, error)) from None
        return self

    def _begin(self, checkpoint_seconds: float | None, clock: Callable[[], float], lock: RunLock | None = None) -> None:
        self._checkpoint_seconds, self._clock = checkpoint_seconds, clock
        self._saved_at, self._cost = clock(), 0.0
        self._size = self._sum = 0
        self._lock = lock or RunLock(self.folder)

    def discard(self) -> None:
        """Close the folder and remove its new files; only for a run without records."""
        if self._records >= 0:
            os.close(self._records)
            self._records = -1
            self._remove_beginnings()

    def _remove_beginnings(self) -> None:
        with suppress(OSError):
            if hasattr(self, "_lock"):
                for name in (RECORDS, PRESET, LOCK, FIRST):
                    (self.folder / name).unlink(missing_ok=True)
            if self._is_new:
                self.folder.rmdir()

    def cut(self, size: int, records_sum: int) -> None:
        """Truncate the records to their first `size` bytes, whose CRC-32 is `records_sum`; raises an OSError."""
        os.ftruncate(self._records, size)
        self._size, self._sum = size, records_sum

    def require_present(self) -> None:
        """Raise an OutputError when the records have been removed or replaced, and would be written for nobody."""
        path = self.folder / RECORDS
        try:
            is_same = os.path.samestat(os.fstat(self._records), path.lstat())
        except OSError as error:
            raise self._failed(refusal(path, error)) from None
        if not is_same:
            raise self._failed(f"{shown_path(path)}: another file has taken its place")

    def write(self, record: Record) -> None:
        """Append the record; on a full disk, remove the part that was written, or leave it as a truncated last line."""
        self.append(to_json(record, histograms=True))

    def append(self, line: str) -> None:
        """Append a record that is a line already; raises OutputError as `write` does."""
        try:
            write_line(self._records, line)
        except OSError as error:
            with suppress(OSError):
                os.ftruncate(self._records, self._size)
            raise self._failed(refusal(self.folder / RECORDS, error)) from None
        written = f"{line}\n".encode()
        self._size, self._sum = self._size + len(written), zlib.crc32(written, self._sum)

    def keep_weights(self, name: str, epoch: int, weights: Weights) -> None:
        """Write the weights as `NAME.npz`."""
        self.keep_file(f"{name}.npz", packed_weights(epoch, weights))

    def keep_file(self, name: str, content: bytes) -> None:
        """Write a file whole or not at all; raises OutputError as `keep_weights` does."""
        path = self.folder / name
        if self._records < 0:
            raise OutputError(f"{shown_path(path)}: the folder has been let go of")
        try:
            write_whole(path, content)
        except OSError as error:
            raise self._failed(refusal(path, error)) from None

    def wants_checkpoint(self, *, is_measured: bool) -> bool:
        """Return whether the last checkpoint is old enough, or so cheap that every measurement can have one."""
        if self._checkpoint_seconds is None:
            return False
        age, affordable = self._clock() - self._saved_at, self._cost / CHECKPOINT_SHARE
        return age >= max(affordable, 0.0 if is_measured and self._cost else self._checkpoint_seconds)

    def keep_checkpoint(self, checkpoint: Checkpoint) -> None:
        """Sync the records to the disk, then write a checkpoint."""
        if self._checkpoint_seconds is None:
            return
        began = self._clock()
        try:
            os.fsync(self._records)
            save_checkpoint(self.folder, replace(checkpoint, recorded=self._size, records_sum=self._sum))
        except OSError as error:
            words = f"{shown_path(self.folder)}: a checkpoint can't be written: {reason_of(error)}"
            raise self._failed(words) from None
        self._saved_at = self._clock()
        self._cost = self._saved_at - began

    def _failed(self, words: str) -> OutputError:
        """Close and unlock the folder, so that the run can be resumed later, and return the error."""
        self.close()
        return OutputError(words)

    @property
    def is_open(self) -> bool:
        """Whether records can be written."""
        return self._records >= 0

    def close(self) -> None:
        """Close the records and unlock the folder."""
        if self._records >= 0:
            os.close(self._records)
            self._records = -1
            self._lock.release()
