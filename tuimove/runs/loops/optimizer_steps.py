"""The steps of a PyTorch optimizer: counted by its hooks, which hold the recorder; the optimizer is held weakly."""

from __future__ import annotations

import math
import weakref
from collections.abc import Callable
from typing import Any

from tuimove.recording.record import Status
from tuimove.runs.loops.say import say

Hook = Callable[..., None]
_counted: weakref.WeakKeyDictionary[Any, OptimizerSteps] = weakref.WeakKeyDictionary()
"""What counts the steps of each optimizer."""


class OptimizerSteps:
    """Calls back before the first step of an optimizer and after each, until it is let go of."""

    def __init__(
        self, optimizer: Any, before_first: Hook, after: Hook, end: Callable[[Status, str | None], None]
    ) -> None:
        """Register the hooks; `end` is called when the optimizer has been garbage collected, or is counted anew."""
        self._before_first, self._end = before_first, end
        end_counting(optimizer)
        _counted[optimizer] = self
        self._optimizer = weakref.ref(optimizer)
        self._first = optimizer.register_step_pre_hook(_uncompiled(self._take_first))
        self._every = optimizer.register_step_post_hook(_uncompiled(after))
        self._gone = weakref.finalize(optimizer, self._end_with_it)
        self._gone.atexit = False

    def end(self) -> None:
        """End the recording, since another recorder counts the steps from now on."""
        self._end("stopped", "another recorder has replaced this one")

    def let_go(self) -> None:
        """Remove the hooks."""
        self._first.remove()
        self._every.remove()
        self._gone.detach()

    def _end_with_it(self) -> None:
        say("tuimove: the recording ends with its optimizer; another one needs a recorder of its own")
        self._end("finished", None)

    def _take_first(self, *_: Any) -> None:
        self._first.remove()
        self._before_first()

    @property
    def learning_rate(self) -> float:
        """The learning rate of its first group, NaN where it has none."""
        groups = getattr(self._optimizer(), "param_groups", None)
        return float(groups[0].get("lr", math.nan)) if groups else math.nan

    @property
    def steps_done(self) -> int | None:
        """The steps that its state has counted; see `steps_counted_by`."""
        return steps_counted_by(self._optimizer())


def end_counting(optimizer: Any) -> None:
    """End the recording that counts the steps of an optimizer, if there is one."""
    if optimizer is not None and (before := _counted.get(optimizer)) is not None:
        before.end()


def steps_counted_by(optimizer: Any) -> int | None:
    """Return the steps that an optimizer's state has counted, as Adam's does; None where it counts none."""
    state = getattr(optimizer, "state", None) or {}
    counts = [of_one["step"] for of_one in state.values() if isinstance(of_one, dict) and "step" in of_one]
    return max(map(int, counts), default=None)


def _uncompiled(hook: Hook) -> Hook:
    """Return a hook that a compiled step calls as it is: compiling would trace all that it calls."""
    import torch

    found: Hook = torch.compiler.disable(hook)
    return found


def described_optimizer(optimizer: Any) -> dict[str, Any]:
    """Return the class and settings of a PyTorch or Keras optimizer, as far as they are plain numbers and words."""
    told = optimizer.defaults if hasattr(optimizer, "defaults") else optimizer.get_config()
    settings = {
        name: value
        for name, value in told.items()
        if isinstance(value, bool | int | str) or (isinstance(value, float) and math.isfinite(value))
    }
    return {**settings, "name": type(optimizer).__name__}
