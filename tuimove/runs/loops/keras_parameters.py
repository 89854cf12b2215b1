"""The parameters of a Keras 3 model of any backend, and its optimizer. Nothing here imports Keras."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator
from typing import Any

from tuimove.runs.loops.parameter import Entries, Parameter, entries_at, fans_of, kind_of
from tuimove.runs.loops.sample import Places


def keras_parameters(model: Any) -> Iterator[Parameter]:
    """Yield the trainable variables of a Keras model."""
    kept = _KeptOutside(model)
    for variable in model.trainable_variables:
        shape = tuple(int(size) for size in variable.shape)

        def read(places: Places | None, variable: Any = variable, shape: tuple[int, ...] = shape) -> Entries:
            return entries_at(_as_array(variable), places, shape)

        kind, dtype = kind_of(variable.path, shape), str(variable.dtype)
        yield Parameter(variable.path, shape, kind, fans_of(shape), True, read, kept.fetch, dtype=dtype)


def compiled_optimizer(model: Any) -> Any:
    """Return the optimizer that a Keras model was compiled with, None for other models."""
    keras = sys.modules.get("keras")
    return getattr(model, "optimizer", None) if keras is not None and isinstance(model, keras.Model) else None


def compiled_learning_rate(model: Any) -> float:
    """Return the learning rate of the optimizer that a Keras model was compiled with, NaN where there is none."""
    if (optimizer := compiled_optimizer(model)) is None:
        return math.nan
    _KeptOutside(model).fetch()
    return float(_as_array(optimizer.learning_rate))


class _KeptOutside:
    """The weights that `fit` keeps outside of the variables during an epoch, as it does with JAX."""

    def __init__(self, model: Any) -> None:
        self._model = model

    def fetch(self) -> None:
        """Have the variables hold what is trained; `fit` takes them from there again."""
        if hasattr(self._model, "jax_state_sync"):
            self._model.jax_state_sync()


def _as_array(value: Any) -> Any:
    """Return a variable or tensor of any backend as an array."""
    return sys.modules["keras"].ops.convert_to_numpy(value)
