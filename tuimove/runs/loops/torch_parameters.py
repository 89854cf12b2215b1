"""The parameters of a PyTorch module. Nothing here imports PyTorch before a module of it has been given."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from tuimove.runs.loops.parameter import Entries, Parameter, fans_of, is_called_embedding, require_shape
from tuimove.runs.loops.sample import Places
from tuimove.settings.matrix_role import Kind

WRAPPERS = ("_orig_mod.", "module.")
"""What compiling and data parallelism put before every name."""


def torch_parameters(model: Any) -> Iterator[Parameter]:
    """Yield the parameters of a module, in their order; tied ones once, by their first name.

    Raises
    ------
    ValueError
        When a lazy module has no shapes yet.
    """
    import torch

    current = _CurrentTensors(model)
    lookups = (torch.nn.Embedding, torch.nn.EmbeddingBag)
    embeddings = {id(part.weight) for part in model.modules() if isinstance(part, lookups)}
    for full, tensor in current.by_name.items():
        name = plain_name(full)
        if isinstance(tensor, torch.nn.parameter.UninitializedParameter):
            raise ValueError(f"model: {name} has no shape before the first batch; give the optimizer as well")
        bias = current.by_name.get(full.removesuffix("weight") + "bias")
        yield _parameter(name, tensor, bias, _Reader(full, current), is_embedding=id(tensor) in embeddings)


def plain_name(full: str) -> str:
    """Return a parameter's name without what wraps the model."""
    for wrapper in WRAPPERS:
        full = full.removeprefix(wrapper)
    return full.replace("._orig_mod.", ".")


def _parameter(name: str, tensor: Any, bias: Any, reader: _Reader, *, is_embedding: bool) -> Parameter:
    shape = tuple(local_part(tensor).shape)
    is_turned = (
        len(shape) == 2 and bias is not None and shape[0] != shape[1] == bias.numel()
    )  # GPT-2's (inputs, outputs)
    return Parameter(
        name,
        shape,
        kind_of_tensor(name, shape, is_embedding=is_embedding),
        fans_of(shape, has_outputs_first=not is_turned),
        tensor.requires_grad,
        reader.read,
        reader.refresh,
        has_outputs_first=not is_turned,
        dtype=str(tensor.dtype).removeprefix("torch."),
        is_sharded=hasattr(tensor, "to_local"),
    )


def local_part(tensor: Any) -> Any:
    """Return the part of a sharded tensor that this process holds, or a tensor itself: reading more would wait."""
    return tensor.to_local() if hasattr(tensor, "to_local") else tensor


def kind_of_tensor(name: str, shape: tuple[int, ...], *, is_embedding: bool) -> Kind:
    """Return what a tensor is by its shape and its name; `is_embedding` is what its module says of it."""
    if len(shape) >= 2:
        return "other" if is_embedding or is_called_embedding(name) else "weights"
    return "bias" if name.rpartition(".")[2].startswith("bias") or name.endswith("_bias") else "other"


class _CurrentTensors:
    """The parameters that a module has now: a loop may put another layer into the place of one."""

    def __init__(self, model: Any) -> None:
        self._model = model
        self.places: dict[tuple[int, Any], Any] = {}
        """Places of samples on each device."""
        self.refresh()

    def refresh(self) -> None:
        """Take the parameters that the module has now."""
        self.by_name = dict(self._model.named_parameters())


class _Reader:
    """Reads a parameter's values; a sample is gathered where it is, so that nothing else crosses a bus."""

    def __init__(self, name: str, current: _CurrentTensors) -> None:
        self._name, self._current = name, current
        self._shape = tuple(local_part(current.by_name[name]).shape)
        self.refresh = current.refresh

    def read(self, places: Places | None) -> Entries:
        """Return a float32 copy of the values at some flat places, or of all, (places,)."""
        import torch

        if self._name not in self._current.by_name:
            raise ValueError("it is no longer in the model")
        with torch.no_grad():
            held = local_part(self._current.by_name[self._name].detach())
            require_shape(tuple(held.shape), self._shape)
            flat = held.reshape(-1)
            if places is not None:
                flat = flat.index_select(0, self._on_device(places, flat.device))
            numbers = flat.to(device="cpu", dtype=torch.float32).numpy()
            return numbers if places is not None else np.array(numbers)

    def _on_device(self, places: Places, device: Any) -> Any:
        import torch

        key = (id(places), device)
        if key not in self._current.places:
            self._current.places[key] = torch.from_numpy(places).to(device)
        return self._current.places[key]
