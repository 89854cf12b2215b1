"""What a model's parameters are, whatever made it: names, shapes, kinds, and how their values are read.

No framework is imported here: a PyTorch module and a Keras model are known by the modules that are loaded already.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Literal

from tuimove.runs.loops.array_parameters import array_parameters
from tuimove.runs.loops.keras_parameters import keras_parameters
from tuimove.runs.loops.parameter import Parameter, repeated_name
from tuimove.runs.loops.torch_parameters import torch_parameters
from tuimove.settings.matrix_role import matrix_name

Framework = Literal["torch", "keras", "arrays"]


def framework_of(model: object) -> Framework:
    """Return what a model is of; raises a TypeError for anything that isn't one."""
    torch, keras = sys.modules.get("torch"), sys.modules.get("keras")
    if keras is not None and isinstance(model, keras.Model):  # of PyTorch too, where that is its backend
        return "keras"
    if torch is not None and isinstance(model, torch.nn.Module):
        return "torch"
    if isinstance(model, Mapping) or callable(model):
        return "arrays"
    raise TypeError(
        f"model: a PyTorch module, a Keras model, a mapping of names to arrays, or a function that returns one is "
        f"expected, not {type(model).__name__}"
    )


def has_lazy_parameters(model: Any) -> bool:
    """Return whether a PyTorch module has parameters without a shape before its first batch."""
    torch = sys.modules.get("torch")
    if torch is None or not isinstance(model, torch.nn.Module):
        return False
    return any(isinstance(tensor, torch.nn.parameter.UninitializedParameter) for tensor in model.parameters())


def parameters_of(model: Any) -> list[Parameter]:
    """Return a model's parameters of floating point, in their order; those that are one tensor appear once.

    Raises
    ------
    TypeError
        When a function returns no mapping.
    ValueError
        When two names are the same as they are recorded.
    """
    framework = framework_of(model)
    listed = {"torch": torch_parameters, "keras": keras_parameters, "arrays": array_parameters}
    return _named(list(listed[framework](model)))


def _named(parameters: list[Parameter]) -> list[Parameter]:
    """Return parameters under names that can be recorded; raises a ValueError when two are the same."""
    named = [replace(one, name=matrix_name(one.name)) for one in parameters]
    if repeated := repeated_name(one.name for one in named):
        raise ValueError(f"model: two parameters are called {repeated!r}")
    return named
