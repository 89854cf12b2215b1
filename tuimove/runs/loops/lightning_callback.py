"""A callback of Lightning. The only file that imports it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tuimove.runs.loops.loop_callback import LoopCallback

try:
    from lightning.pytorch import Callback
except ModuleNotFoundError:
    from pytorch_lightning import Callback


class Lightning(LoopCallback, Callback):  # type: ignore[misc] # Lightning's class is Any to mypy
    """Records a `Trainer.fit`: `Trainer(callbacks=[tuimove.callbacks.Lightning()])`.

    All of the module's parameters are recorded; where there are several optimizers, the first one's steps are counted.
    """

    def on_train_start(self, trainer: Any, pl_module: Any) -> None:
        """Attach to the first optimizer, which has its state by now."""
        self._begin(pl_module, next(iter(trainer.optimizers), None))

    def on_train_batch_end(self, trainer: Any, pl_module: Any, outputs: Any, batch: Any, batch_idx: int) -> None:
        """Take the loss, and have the trainer stop where that was asked for."""
        loss = outputs.get("loss") if isinstance(outputs, Mapping) else outputs
        if self.recorder and loss is not None:
            self.recorder.loss(loss)
        if trainer.world_size == 1 and self._should_stop():
            trainer.should_stop = True

    def on_train_epoch_end(self, trainer: Any, pl_module: Any) -> None:
        """Have all processes stop together where the first one, which records, was asked to."""
        if trainer.strategy.reduce_boolean_decision(self._should_stop(), all=False):
            trainer.should_stop = True

    def on_validation_end(self, trainer: Any, pl_module: Any) -> None:
        """Note what was logged as `val_...`."""
        self._note(trainer.callback_metrics)

    def on_exception(self, trainer: Any, pl_module: Any, exception: BaseException) -> None:
        """Record why the training ends."""
        if self.recorder:
            self.recorder.__exit__(type(exception), exception, None)

    def on_fit_end(self, trainer: Any, pl_module: Any) -> None:
        """End the recording."""
        self._finish()
