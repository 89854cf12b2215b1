"""Follows a folder into which a training writes checkpoints, and takes each in once it is whole."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tuimove.errors import DataError
from tuimove.runs.checkpoints.listing import Checkpoint, places_in
from tuimove.runs.checkpoints.model import AnotherModelError
from tuimove.runs.checkpoints.numbering import Pattern, common_pattern, step_in
from tuimove.runs.checkpoints.recording import CheckpointRun
from tuimove.runs.weight_files.opening import open_weights
from tuimove.runs.weight_files.weight_file import WeightFile
from tuimove.settings.files import is_folder, shown_path
from tuimove.settings.wording import Say

REST_POLLS = 1
"""Polls without a change after which a file is opened."""
PATIENT_POLLS = 5
"""Polls without a change after which a file that can't be read is passed over."""

Signature = tuple[tuple[str, int, int], ...]
"""Name, size and time of the last change of a checkpoint's files."""


@dataclass
class _Watched:
    """What is known of one checkpoint."""

    signature: Signature
    rest: int = 0
    """Polls since it has changed."""
    is_done: bool = False
    """Whether it has been taken in, or passed over, as it is."""


class FolderFollower:
    """Takes the checkpoints of a folder into a run as they are written, in the order of their steps."""

    def __init__(self, folder: Path, run: CheckpointRun, say: Say) -> None:
        """Raise a DataError where there is no such folder."""
        if not is_folder(folder):
            raise DataError(f"{shown_path(folder)}: not a folder, which following needs")
        self._folder, self._run, self._say = folder, run, say
        self._pattern: Pattern | None = None
        self._watched: dict[Path, _Watched] = {}

    def poll(self) -> None:
        """Look at the folder once, and take in what has come to rest.

        Raises
        ------
        DataError
            When a checkpoint is another model's, or the folder can't be read.
        TuimoveError
            When the run can't be begun or written.
        """
        found = places_in(self._folder)
        for path in found:
            self._note(path)
        self._pattern = self._pattern or (None if self._run.steps else common_pattern(path.name for path in found))
        for one in self._waiting(found):
            if not self._settle(one):
                return  # later steps wait for it

    def _note(self, path: Path) -> None:
        signature, known = _signature(path), self._watched.get(path)
        if known is None or signature != known.signature:
            self._watched[path] = _Watched(signature)
        else:
            known.rest += 1

    def _waiting(self, found: list[Path]) -> list[Checkpoint]:
        """Return what is to be taken in, by the step in its name, else by when it was written."""
        waiting = [path for path in found if not self._watched[path].is_done]
        listed = [Checkpoint(path, step_in(path.name, self._pattern) if self._pattern else None) for path in waiting]
        return sorted(listed, key=lambda one: (one.step or 0, _last_change(self._watched[one.path].signature)))

    def _settle(self, one: Checkpoint) -> bool:
        """Take in a checkpoint or pass it over; return False where that has to wait."""
        watched = self._watched[one.path]
        if watched.rest < REST_POLLS:
            return False
        try:
            words = self._taken(one)
        except _UnreadableError as trouble:
            if watched.rest < PATIENT_POLLS:
                return False
            words = str(trouble)
        watched.is_done = True
        if words:
            self._say(f"passed over: {words}")
        return True

    def _taken(self, one: Checkpoint) -> str:
        """Take in a checkpoint; return why it is passed over instead, if it is."""
        if self._pattern and one.step is None:
            return f"{shown_path(one.path)}: no step in its name, though others have one"
        try:
            with open_weights(one.path) as file:
                return self._recorded(one, file)
        except AnotherModelError:
            raise
        except DataError as error:
            raise _UnreadableError(str(error)) from None

    def _recorded(self, one: Checkpoint, file: WeightFile) -> str:
        last = self._run.steps[-1] if self._run.steps else -1
        step = next(step for step in (one.step, file.step, len(self._run.steps) + 1) if step is not None)
        if step <= last:
            return f"{shown_path(one.path)}: step {step:,}, and step {last:,} has been recorded"
        self._run.take(file, step)
        return ""


class _UnreadableError(Exception):
    """A checkpoint that can't be opened, for now."""


def _signature(path: Path) -> Signature:
    try:
        inner = sorted(os.scandir(path), key=lambda entry: entry.name) if path.is_dir() else [path]
        stats = [(Path(one).name, os.stat(one)) for one in inner]
    except OSError:
        return ()
    return tuple((name, status.st_size, status.st_mtime_ns) for name, status in stats)


def _last_change(signature: Signature) -> int:
    return max((changed for _, _, changed in signature), default=0)


def follow(follower: FolderFollower, is_over: Callable[[], bool], wait: Callable[[], None]) -> None:
    """Poll a folder until that is over; raises as `FolderFollower.poll` does."""
    while not is_over():
        follower.poll()
        if not is_over():
            wait()
