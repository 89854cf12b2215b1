"""The recorder that a training loop is given: it looks at the weights now and then, and never gets in the way."""

from __future__ import annotations

import atexit
import os
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

from tuimove.diagnosis.finding import SEVERITIES, Severity
from tuimove.errors import harmless
from tuimove.kernels.compilation import compile_kernels
from tuimove.recording.folder.run_folder import RunFolder
from tuimove.recording.folder.stop_request import StopRequest
from tuimove.recording.folder.store import make_runs_folder, new_run_id, run_name
from tuimove.recording.record import Status
from tuimove.runs.loops.arguments import (
    described_loop,
    hooked_optimizer,
    is_first_rank,
    known_status,
    patterns,
    run_title,
    sample_size,
    severity_index,
    status_of,
    time_share,
)
from tuimove.runs.loops.earlier_run import EarlierRun, folder_for
from tuimove.runs.loops.found import LoopFinding
from tuimove.runs.loops.keras_parameters import compiled_learning_rate
from tuimove.runs.loops.looks import Looks
from tuimove.runs.loops.loop_state import LoopNotes, LoopState
from tuimove.runs.loops.optimizer_steps import OptimizerSteps, described_optimizer, end_counting, steps_counted_by
from tuimove.runs.loops.parameter import Parameter
from tuimove.runs.loops.parameters import (
    framework_of,
    has_lazy_parameters,
    parameters_of,
    recorded_parameters,
    what_is_missing,
)
from tuimove.runs.loops.recording import LoopRecording
from tuimove.runs.loops.sample import MOST_MEASURED
from tuimove.runs.loops.say import say
from tuimove.settings.files import absolute_path


class Recorder:
    """Records how the weights of a model move while a training loop of any framework trains it.

    It looks at the weights at the start, after steps 1, 2 and 3, then eight times while the number of steps doubles,
    but never for longer than its budget of time, and half a second besides. Each look is a line of `records.jsonl` in a
    run folder, which `tuimove attach`, `runs`, `check`, `compare`, `report` and `replay` read.

    Nothing that it does ends or changes the training. Wrong arguments raise here; any later trouble is one line on
    standard error, and the recording ends. The environment variable `TUIMOVE=0` makes it do nothing at all; so do
    all ranks of a distributed training but the first, and processes forked from the one that made it.

    Parameters
    ----------
    model
        A PyTorch module, a Keras 3 model, a mapping of names to arrays (nested ones by names joined with `/`), or a
        function that returns such a mapping.
    optimizer
        A PyTorch optimizer of that model: its steps are counted, and the loop needs no other line. Without one, call
        `step` after each update.
    out : path, optional
        The run's folder; by default a new one among the user's runs. An unfinished run of the same matrices is gone
        on with; anything else that is there is never written over.
    name : str, optional
        What the run is called; the class of the model by default.
    only : str or sequence of str, optional
        Patterns such as `"*.weight"` of the names of parameters that are recorded; all by default.
    budget : float
        The share of the training's time that looking may take besides half a second; 0: looks at the first steps and
        at the end alone.
    sample : int
        Entries that stand for a matrix which has more.
    fail_on : {"notice", "warning", "alarm"}, optional
        The severity of a finding from which `should_stop` is true.

    Raises
    ------
    TypeError, ValueError
        When an argument can't be used.
    TuimoveError
        When the folder is in use or can't be made.
    """

    def __init__(
        self,
        model: Any,
        optimizer: Any = None,
        *,
        out: str | os.PathLike[str] | None = None,
        name: str | None = None,
        only: str | Sequence[str] | None = None,
        budget: float = 0.01,
        sample: int = MOST_MEASURED,
        fail_on: Severity | None = None,
    ) -> None:
        framework = framework_of(model)
        self._sample, self._looks = sample_size(sample), Looks(time_share(budget))
        self._only = patterns(only)
        self._fail_on = severity_index(fail_on)
        self._name = run_title(name, model)
        if optimizer is not None:
            optimizer = hooked_optimizer(model, optimizer)
        self._model = model
        self._process, self._lock = os.getpid(), threading.RLock()
        self._folder: RunFolder | None = None
        self._recording: LoopRecording | None = None
        self._earlier: EarlierRun | None = None
        self._steps: OptimizerSteps | None = None
        self._step = 0
        self._request: StopRequest | None = None
        self._notes = LoopNotes()
        self._findings: tuple[LoopFinding, ...] = ()
        self._loop = described_loop(model, framework)
        self._is_closed = os.environ.get("TUIMOVE") == "0" or not is_first_rank()
        if not self._is_closed:
            self._open(optimizer, None if out is None else absolute_path(os.fspath(out)))

    def step(self, loss: Any = None) -> None:
        """Take note of an update of the weights; for loops whose optimizer was not given.

        `loss` is as for the method of that name. Constant time, but for steps that are looked at.
        """
        if loss is not None:
            self.loss(loss)
        self._after_step()

    def loss(self, value: Any) -> None:
        """Keep a loss, a number or a tensor of one; losses are read at looks only, so no device waits for them."""
        if not self._is_idle():
            self._notes.add_loss(value)

    def note(self, **numbers: float) -> None:
        """Record numbers with the next look: `test_accuracy` (0 to 1), `validation_loss`, `learning_rate`, others."""
        if not self._is_idle():
            self._notes.note(numbers)

    @property
    def findings(self) -> tuple[LoopFinding, ...]:
        """What has been found so far, the oldest first."""
        return self._findings

    @property
    def should_stop(self) -> bool:
        """Whether a finding is at least as severe as `fail_on`, or a screen has asked for it; the loop decides."""
        if self._request and self._request.is_made:
            return True
        least = self._fail_on
        return least is not None and any(SEVERITIES.index(one.severity) >= least for one in self._findings)

    @property
    def folder(self) -> Path | None:
        """The run's folder; None where nothing is recorded."""
        return self._folder.folder if self._folder else None

    def close(self, status: Literal["finished", "stopped", "failed", "interrupted"] | None = None) -> None:
        """Look a last time, write how the run ended (`finished` by default), and let the optimizer go."""
        self._close(known_status(status), None)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close(*status_of(error))

    def __deepcopy__(self, _: Any) -> Self:
        """Return itself: a model that holds its recorder can be copied, and the copy isn't recorded."""
        return self

    def __reduce__(self) -> tuple[type[None], tuple[()]]:
        """Be None where a model that holds its recorder is unpickled."""
        return type(None), ()

    # What is done by the optimizer's steps, or by `step`.

    def _open(self, optimizer: Any, out: Path | None) -> None:
        """Make the folder, and begin at once where no optimizer says when the first step comes."""
        is_lazy = optimizer is not None and has_lazy_parameters(self._model)
        present = [] if is_lazy else parameters_of(self._model)
        parameters = [] if is_lazy else recorded_parameters(present, self._only)
        compile_kernels()
        self._run = new_run_id(self._name)
        end_counting(optimizer)  # before its folder is asked for
        folder, counted = out or make_runs_folder() / self._run, steps_counted_by(optimizer)
        self._folder, self._earlier = folder_for(folder, parameters, counted)
        self._request = StopRequest(self._folder.folder)
        atexit.register(self._close_at_exit)
        try:
            if optimizer is None:
                self._begin(present)
            else:
                self._loop["optimizer"] = described_optimizer(optimizer)
                self._steps = OptimizerSteps(optimizer, self._before_first_step, self._after_step, self._close)
        except BaseException:
            self._end("failed", None)
            raise

    def _before_first_step(self) -> None:
        """Take the weights as they are before the first step for the start."""
        if self._is_idle():
            return
        try:
            self._begin(parameters_of(self._model))
        except Exception as error:
            self._give_up(error)

    def _after_step(self, *_: Any, steps: int = 1) -> None:
        self._step += steps
        if self._looks.is_due(self._step):
            self._look()

    def _begin(self, present: Sequence[Parameter]) -> None:
        assert self._folder is not None
        parameters = recorded_parameters(present, self._only)
        earlier = self._earlier
        counted = self._steps.steps_done if earlier and self._steps else None
        if earlier:
            earlier.require(parameters)
            earlier.require_continued(counted)
        run = earlier.run if earlier else self._run
        self._recording = LoopRecording(self._folder, run, self._name, parameters, self._sample, self._loop, earlier)
        if earlier:
            self._step, found = self._recording.go_on(earlier, counted)
            self._findings = tuple(map(LoopFinding.of, found))
        words = f"from step {self._step} on" if earlier else ""
        say(f"tuimove: recording {run_name(self._folder.folder)} {words}".rstrip())
        for sentence in what_is_missing(present, parameters):
            say(f"tuimove: {sentence}")
        self._looks.start(self._step)
        self._look()

    def _look(self) -> None:
        if self._recording is None or self._is_idle():
            return
        began = time.perf_counter()
        with self._lock:
            if self._recording.newest_step == self._step:
                return  # another thread has looked, or Ctrl-C has come after it was written
            try:
                found = self._recording.look(self._step, self._state())
            except Exception as error:
                self._give_up(error)
                return
        new = tuple(map(LoopFinding.of, found))
        self._findings += new
        for finding in filter(LoopFinding.is_spoken, new):
            say(f"tuimove: {finding}")
        self._looks.note(self._step, time.perf_counter() - began)

    def _state(self) -> LoopState:
        return self._notes.take(self._steps.learning_rate if self._steps else compiled_learning_rate(self._model))

    def _give_up(self, error: Exception) -> None:
        """Say once why the recording ends, and leave the training alone from now on."""
        words = harmless(f"{type(error).__name__}: {error}")
        say(f"tuimove: the recording ends, the training goes on: {words}")
        self._end("stopped", f"the recording ended: {words}")

    def _close(self, status: Status, reason: str | None) -> None:
        if self._is_idle():
            return
        if status == "finished" and self._request and self._request.is_made:
            status, reason = "stopped", "a screen has asked for it"
        self._look()
        self._end(status, reason)

    def _end(self, status: Status, reason: str | None) -> None:
        with self._lock:
            if self._is_closed:
                return
            self._is_closed = True
            if self._steps:
                self._steps.let_go()
            atexit.unregister(self._close_at_exit)
            if self._recording is not None:
                self._recording.finish_in_words(self._step, status, reason, self._looks.remark)
            elif self._folder is not None:
                self._folder.close() if self._earlier else self._folder.discard()
            self._model, self._notes = None, LoopNotes()

    def _close_at_exit(self) -> None:
        self._close(*status_of(getattr(sys, "last_value", None)))

    def _is_idle(self) -> bool:
        """Whether there is nothing to do: it is closed, or this process was forked from its own."""
        return self._is_closed or os.getpid() != self._process
