"""What the callbacks of training frameworks share."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tuimove.diagnosis.finding import Severity
from tuimove.runs.loops.arguments import sample_size, severity_index, time_share
from tuimove.runs.loops.recorder import Recorder
from tuimove.runs.loops.sample import MOST_MEASURED

VALIDATION = ("val_", "eval_")
"""What the names of numbers from a validation begin with."""
JUDGED = {"loss": "validation_loss", "acc": "test_accuracy", "accuracy": "test_accuracy"}
"""What such a number is noted as, by the rest of its name; others keep their own."""
TIMINGS = ("_runtime", "_per_second")
"""What the names of numbers end with that are about the machine."""


class LoopCallback:
    """Makes a recorder when a training begins, and closes it when that ends.

    Parameters
    ----------
    out, name, only, budget, sample, fail_on
        As for `tuimove.Recorder`. Where `fail_on` is given, the training is asked to stop once such a finding is made.

    Raises
    ------
    ValueError
        When an argument can't be used; what `tuimove.Recorder` raises comes when the training begins.
    """

    recorder: Recorder | None
    """The recorder of the newest training; None before it."""

    def __init__(
        self,
        *,
        out: str | os.PathLike[str] | None = None,
        name: str | None = None,
        only: str | Sequence[str] | None = None,
        budget: float = 0.01,
        sample: int = MOST_MEASURED,
        fail_on: Severity | None = None,
    ) -> None:
        super().__init__()
        severity_index(fail_on)
        self.recorder = None
        self._out, self._name, self._only, self._fail_on = out, name, only, fail_on
        self._budget, self._sample = time_share(budget), sample_size(sample)

    def _begin(self, model: Any, optimizer: Any = None) -> None:
        if self.recorder:  # of a training that ended without a word
            self.recorder.close("stopped")
        self.recorder = Recorder(
            model, optimizer, out=self._out, name=self._name, only=self._only, budget=self._budget,
            sample=self._sample, fail_on=self._fail_on,
        )  # fmt: skip

    def _note(self, metrics: Mapping[str, Any]) -> None:
        """Note what a validation has measured."""
        if self.recorder:
            self.recorder.note(**dict(validation_numbers(metrics)))

    def _should_stop(self) -> bool:
        return self.recorder is not None and self.recorder.should_stop

    def _finish(self) -> None:
        if self.recorder:
            self.recorder.close("stopped" if self.recorder.should_stop else "finished")


def validation_numbers(metrics: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield the numbers of a validation among a framework's metrics, under the names that a recorder knows."""
    for name, value in metrics.items():
        start = next((start for start in VALIDATION if name.startswith(start)), None)
        is_number = isinstance(value, int | float) or getattr(value, "ndim", None) == 0
        if start and is_number and not name.endswith(TIMINGS):
            yield JUDGED.get(name.removeprefix(start), name), value
