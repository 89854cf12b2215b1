"""A callback of Keras 3. The only file that imports it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from keras.callbacks import Callback

from tuimove.runs.loops.loop_callback import LoopCallback


class Keras(LoopCallback, Callback):  # type: ignore[misc] # Keras's class is Any to mypy
    """Records a `model.fit(..., callbacks=[tuimove.callbacks.Keras()])`, whatever the backend."""

    def on_train_begin(self, logs: Any = None) -> None:
        """Begin with the weights as they are."""
        self._batches = self._batches_before = self._updates = 0
        self._trained = self.model  # with JAX, `self.model` has the weights fetched each time that it is asked for
        self._accumulated = getattr(self._trained.optimizer, "gradient_accumulation_steps", None) or 1
        self._begin(self._trained)

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Count this epoch's batches after those of the epochs before."""
        self._batches_before = self._batches

    def on_train_batch_end(self, batch: int, logs: Mapping[str, Any] | None = None) -> None:
        """Count the updates up to this batch, of which one call of the compiled function may make several."""
        if not self.recorder:
            return
        self._batches = self._batches_before + min(batch + 1, (self.params or {}).get("steps") or batch + 1)
        updates = self._batches // self._accumulated
        if logs and "loss" in logs:
            self.recorder.loss(logs["loss"])
        self.recorder._after_step(steps=updates - self._updates)
        self._updates = updates
        if self._should_stop():
            self._trained.stop_training = True

    def on_epoch_end(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        """Note the validation's loss and accuracy."""
        self._note(logs or {})

    def on_train_end(self, logs: Any = None) -> None:
        """End the recording."""
        self._finish()
