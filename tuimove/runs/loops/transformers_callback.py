"""A callback of Hugging Face's Trainer. The only file that imports transformers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from transformers import TrainerCallback

from tuimove.runs.loops.loop_callback import LoopCallback


class Transformers(LoopCallback, TrainerCallback):  # type: ignore[misc] # its class is Any to mypy
    """Records a `Trainer(..., callbacks=[tuimove.callbacks.Transformers()]).train()`.

    The loss is the mean that the trainer logs, every `logging_steps`.
    """

    def on_train_begin(
        self, args: Any, state: Any, control: Any, model: Any = None, optimizer: Any = None, **_: Any
    ) -> None:
        """Attach to the optimizer."""
        self._begin(model, optimizer)

    def on_log(self, args: Any, state: Any, control: Any, logs: Mapping[str, Any] | None = None, **_: Any) -> None:
        """Take the loss."""
        if self.recorder and logs and "loss" in logs:
            self.recorder.loss(logs["loss"])

    def on_evaluate(
        self, args: Any, state: Any, control: Any, metrics: Mapping[str, Any] | None = None, **_: Any
    ) -> None:
        """Note the evaluation's loss and accuracy."""
        self._note(metrics or {})

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Have the trainer stop where that was asked for; one of several processes would leave the others waiting."""
        control.should_training_stop |= args.world_size == 1 and self._should_stop()

    def on_train_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """End the recording."""
        self._finish()
