"""Records checkpoints as a run: the first is the start, and each is a look at its step."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tuimove.diagnosis.finding import Finding
from tuimove.errors import OutputError, TuimoveError, harmless
from tuimove.kernels.compilation import compile_kernels
from tuimove.recording.folder.run_folder import RunFolder, require_unused
from tuimove.recording.folder.stop_request import StopRequest
from tuimove.recording.folder.store import make_runs_folder, new_run_id, run_name
from tuimove.recording.record import FindingRecord, Status
from tuimove.runs.checkpoints.listing import Checkpoint, with_steps
from tuimove.runs.checkpoints.model import Model
from tuimove.runs.loops.found import LoopFinding
from tuimove.runs.loops.loop_state import LoopState
from tuimove.runs.loops.recording import LoopRecording
from tuimove.runs.loops.sample import MOST_MEASURED
from tuimove.runs.weight_files.opening import open_weights
from tuimove.runs.weight_files.weight_file import WeightFile
from tuimove.settings.files import refusal
from tuimove.settings.wording import Say


@dataclass(frozen=True)
class RunPlan:
    """What a run of checkpoints is to be."""

    name: str
    """What the run is called."""
    out: Path | None
    """Its new folder; None for one among the user's runs."""
    only: tuple[str, ...] = ()
    """Patterns of the arrays to record; all without any."""


@dataclass(frozen=True)
class Listener:
    """Who is told what happens."""

    on_begun: Callable[[str], None]
    """Called with the run's name once its folder is there."""
    on_found: Callable[[LoopFinding, FindingRecord], None]
    """Called with each finding, in both forms."""
    say: Say
    """Called with what isn't recorded of the checkpoints."""


class CheckpointRun:
    """A run folder that takes in one checkpoint after another."""

    def __init__(self, plan: RunPlan, listener: Listener) -> None:
        """Raise a TuimoveError where the folder is there already."""
        if plan.out is not None:
            require_unused(plan.out)
        self._plan, self._listener = plan, listener
        self._run = new_run_id(plan.name)
        self._model: Model | None = None
        self._recording: LoopRecording | None = None
        self._request: StopRequest | None = None
        self.steps: list[int] = []
        """Steps that have been recorded."""

    @property
    def matrices(self) -> int:
        """Number of parameters that are recorded."""
        return len(self._model.parameters()) if self._model else 0

    @property
    def name(self) -> str | None:
        """The run's name for a shell command; None before the first checkpoint."""
        return run_name(self._recording.folder.folder) if self._recording else None

    def is_asked_to_stop(self) -> bool:
        """Return whether another process has asked the recording to stop."""
        return self._request is not None and self._request.is_made

    def take(self, file: WeightFile, step: int) -> None:
        """Record a checkpoint; the run begins with the first.

        Raises
        ------
        DataError
            When it is another model's, or its entries can't be read.
        TuimoveError
            When the run's folder can't be made, or the record not be written.
        """
        try:
            found = self._found(file, step)
        except OSError as error:
            place = self._recording.folder.folder if self._recording else self._run
            raise OutputError(refusal(place, error)) from None
        for finding in found:
            self._listener.on_found(LoopFinding.of(finding), FindingRecord.of(self._run, finding))
        self.steps.append(step)

    def _found(self, file: WeightFile, step: int) -> Sequence[Finding]:
        recording = self._recording or self._begun(file)
        assert self._model is not None
        self._model.open(file)
        return recording.look(step, LoopState())

    def _begun(self, file: WeightFile) -> LoopRecording:
        plan, self._model = self._plan, Model(file, self._plan.only)
        parameters = self._model.parameters()
        compile_kernels()
        folder = RunFolder(plan.out or make_runs_folder() / self._run, None, None)
        loop: dict[str, Any] = {"framework": file.form, "clock": "step", "source": "checkpoints"}
        try:
            recording = LoopRecording(folder, self._run, plan.name, parameters, MOST_MEASURED, loop)
        except BaseException:
            folder.discard()
            raise
        self._recording = recording  # before anybody is told, so that its end is written where that fails
        self._request = StopRequest(folder.folder, clock=lambda: math.inf)  # looked for at every checkpoint
        self._listener.on_begun(run_name(folder.folder))
        for sentence in self._model.what_is_missing():
            self._listener.say(sentence)
        return recording

    def finish(self, status: Status, reason: str | None = None) -> None:
        """Write the end of the run, if it has begun."""
        if self._recording is not None:
            self._recording.finish(self.steps[-1] if self.steps else 0, status, reason)

    def abandon(self, error: Exception) -> None:
        """Write, as far as that is possible, that the run ends because of an error."""
        with suppress(TuimoveError, OSError):
            self.finish("stopped", harmless(str(error)))


def checked_checkpoints(listed: Sequence[Checkpoint], only: Sequence[str], *, is_sorted: bool) -> list[Checkpoint]:
    """Return checkpoints with their steps, after a look at what each file holds, without its entries.

    Raises
    ------
    DataError
        When one can't be opened, is another model's, or steps repeat or go backwards.
    """
    noted = []
    with open_weights(listed[0].path) as first:
        model = Model(first, only)
        noted.append(first.step)
    for one in listed[1:]:
        with open_weights(one.path) as file:
            model.require_same(file)
            noted.append(file.step)
    return with_steps(listed, noted, is_sorted=is_sorted)


def record_all(run: CheckpointRun, listed: Sequence[Checkpoint], asked: Callable[[], bool]) -> Status:
    """Record checkpoints whose steps are known, and return how the run has ended.

    Parameters
    ----------
    run
        A new run.
    listed
        The checkpoints.
    asked
        Whether to stop before the next one, because the user has interrupted.

    Raises
    ------
    TuimoveError
        When a checkpoint's entries can't be read, or the record not be written; what was recorded stays.
    """
    status: Status = "finished"
    try:
        for one in listed:
            assert one.step is not None
            if asked() or run.is_asked_to_stop():
                status = "interrupted" if asked() else "stopped"
                break
            with open_weights(one.path) as file:
                run.take(file, one.step)
    except Exception as error:
        run.abandon(error)
        raise
    run.finish(status)
    return status
