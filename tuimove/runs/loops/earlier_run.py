"""The run that an unfinished training loop has left in its folder, and that a recorder goes on with."""

from __future__ import annotations

import io
import math
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from tuimove.errors import DataError, Input, TuimoveError
from tuimove.recording.folder.run_folder import RunFolder
from tuimove.recording.folder.run_lock import living_holder, locked
from tuimove.recording.history import recorded_number, recorded_numbers
from tuimove.recording.reading.json_table import json_table
from tuimove.recording.reading.run_folders import RECORDS
from tuimove.runs.loops.parameter import Parameter
from tuimove.settings.files import open_regular, refusal, shown_path
from tuimove.settings.matrix_role import MatrixRole, recorded_roles


class EarlierLook(NamedTuple):
    """A measurement of the earlier run."""

    offset: int
    """Bytes of the records before it."""
    step: int
    seconds: float
    numbers: dict[str, float]
    """By column of the history."""


@dataclass(frozen=True)
class EarlierRun:
    """What an unfinished run of a training loop has recorded."""

    folder: Path
    run: str
    """The run's id."""
    loop: Mapping[str, Any]
    """What its record says of the loop."""
    roles: tuple[MatrixRole, ...]
    looks: tuple[EarlierLook, ...]
    size: int
    """Bytes of its records, without an end record or a torn line."""
    finished_at: int | None = None
    """The step that it has finished at, None where it hasn't."""

    @property
    def last_step(self) -> int:
        """The step of its last look, 0 where there is none."""
        return self.looks[-1].step if self.looks else 0

    @property
    def sample(self) -> int | None:
        """The number of entries that stand for a larger matrix, None where that isn't recorded."""
        sample = self.loop.get("sample")
        return sample if isinstance(sample, int) and sample > 0 else None

    def require(self, parameters: Iterable[Parameter]) -> None:
        """Raise a TuimoveError when these aren't the matrices that the run has recorded."""
        recorded = {role.name: role.shape for role in self.roles}
        found = {one.name: one.matrix_shape for one in parameters}
        for name in dict.fromkeys((*recorded, *found)):
            if recorded.get(name) != found.get(name):
                words = f"{name} was {_shown(recorded.get(name))} there and is {_shown(found.get(name))} here"
                raise _refused(self.folder, f"the run there is another model's: {words}")

    def looks_before(self, step: int) -> Iterator[EarlierLook]:
        """Yield the looks that stay valid where the training goes on after `step` updates."""
        for look in self.looks:
            if look.step >= step:
                return
            yield look

    def require_continued(self, counted: int | None) -> None:
        """Raise a TuimoveError where the run has finished, unless the optimizer has counted at least its steps."""
        if self.finished_at is not None and (counted is None or counted < self.finished_at):
            words = "a finished run is already there, and it is never written to again"
            raise _refused(self.folder, f"{words}; give another out, or none for a folder of its own")

    def valid_size(self, step: int) -> int:
        """Return the bytes of the records before a step, which is looked at again."""
        return next((look.offset for look in self.looks if look.step >= step), self.size)


def _shown(shape: tuple[int, ...] | None) -> str:
    return "missing" if shape is None else str(shape)


def folder_for(
    folder: Path, parameters: Sequence[Parameter], counted: int | None
) -> tuple[RunFolder, EarlierRun | None]:
    """Make a run's folder, or lock that of an unfinished run of these parameters, or of any where none are known yet.

    `counted` are the steps that the optimizer has counted, which a finished run needs to be gone on with. The run is
    None where it was cut short before its first record.

    Raises
    ------
    TuimoveError
        When another run is there, or a finished one, it can't be read, or another process writes there.
    """
    if not os.path.lexists(folder / RECORDS):
        return RunFolder(folder, None, None), None
    if (holder := living_holder(folder)) and holder.is_here and holder.pid == os.getpid():
        words = "another recorder of this program is writing there; close it first, or give another out"
        raise _refused(folder, words)
    try:
        lock = locked(folder)
    except TuimoveError as error:
        raise TuimoveError(str(error), about=Input.OUT) from None
    try:
        run = _read(folder)
        if run and parameters:
            run.require(parameters)
        if run:
            run.require_continued(counted)
        return RunFolder.reopened(folder, lock, (folder / RECORDS).stat().st_size if run else 0, None), run
    except BaseException:
        lock.release()
        raise


def _read(folder: Path) -> EarlierRun | None:
    first: dict[str, Any] | None = None
    looks: list[EarlierLook] = []
    size, finished_at = 0, None
    for offset, length, table in _lines(folder / RECORDS):
        kind = table.get("record")
        if first is None:
            first = _required_loop(folder, table)
        elif kind == "measurement" and isinstance(step := table.get("epoch"), int):
            seconds = recorded_number(table.get("seconds"))
            numbers = recorded_numbers(table)
            looks.append(EarlierLook(offset, step, 0.0 if math.isnan(seconds) else seconds, numbers))
        elif kind == "end":
            steps = table.get("epochs")
            finished_at = steps if table.get("status") == "finished" and isinstance(steps, int) else None
            break
        size = offset + length
    if first is None:
        return None
    return EarlierRun(
        folder, str(first.get("run")), first["loop"], recorded_roles(first), tuple(looks), size, finished_at
    )


def _lines(path: Path) -> Iterator[tuple[int, int, dict[str, Any]]]:
    """Yield the bytes before each complete line of a file, its own bytes, and its table, empty where it is none."""
    offset = 0
    try:
        with io.BufferedReader(open_regular(path)) as stream:
            for content in stream:
                if content.endswith(b"\n"):
                    yield offset, len(content), json_table(content) or {}
                offset += len(content)
    except (DataError, OSError) as error:
        words = str(error) if isinstance(error, DataError) else refusal(path, error)
        raise TuimoveError(words, about=Input.OUT) from None


def _required_loop(folder: Path, table: dict[str, Any]) -> dict[str, Any]:
    if table.get("record") != "run" or not isinstance(table.get("loop"), dict):
        raise _refused(folder, "already there, and no run of a training loop; a run is never overwritten")
    return table


def _refused(folder: Path, words: str) -> TuimoveError:
    return TuimoveError(f"{shown_path(folder)!r}: {words}", about=Input.OUT)
