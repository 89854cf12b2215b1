"""The parameters of a PyTorch module. Nothing here imports PyTorch before a module of it has been given."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from tuimove.runs.loops.parameter import Entries, Parameter, require_shape
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

    shared: dict[tuple[int, Any], Any] = {}
    embeddings = {id(part.weight) for part in model.modules() if isinstance(part, torch.nn.Embedding)}
    for full, tensor in model.named_parameters():
        name = plain_name(full)
        if isinstance(tensor, torch.nn.parameter.UninitializedParameter):
            raise ValueError(f"model: {name} has no shape before the first batch; give the optimizer as well")
        yield _parameter(name, tensor, _Reader(tensor, shared), is_embedding=id(tensor) in embeddings)


def plain_name(full: str) -> str:
    """Return a parameter's name without what wraps the model."""
    for wrapper in WRAPPERS:
        full = full.removeprefix(wrapper)
    return full.replace("._orig_mod.", ".")


def _parameter(name: str, tensor: Any, reader: _Reader, *, is_embedding: bool) -> Parameter:
    shape = tuple(local_part(tensor).shape)
    return Parameter(
        name,
        shape,
        _kind(name, shape, is_embedding),
        _fans(shape),
        tensor.requires_grad,
        reader.read,
        has_outputs_first=True,
        dtype=str(tensor.dtype).removeprefix("torch."),
        is_sharded=hasattr(tensor, "to_local"),
    )


def local_part(tensor: Any) -> Any:
    """Return the part of a sharded tensor that this process holds, or a tensor itself: reading more would wait."""
    return tensor.to_local() if hasattr(tensor, "to_local") else tensor


def _kind(name: str, shape: tuple[int, ...], is_embedding: bool) -> Kind:
    if len(shape) >= 2:
        return "other" if is_embedding else "weights"
    return "bias" if name.rpartition(".")[2].startswith("bias") or name.endswith("_bias") else "other"


def _fans(shape: tuple[int, ...]) -> tuple[int, int]:
    """Return (inputs, outputs) of weights, (outputs, inputs, ...) in PyTorch."""
    if len(shape) < 2:
        return (0, 0)
    field = int(np.prod(shape[2:], dtype=np.int64))
    return shape[1] * field, shape[0] * field


class _Reader:
    """Reads a tensor's values; a sample is gathered where the tensor is, so that nothing else crosses a bus."""

    def __init__(self, tensor: Any, shared: dict[tuple[int, Any], Any]) -> None:
        """`shared` holds the places of samples on each device, for all readers of a model."""
        self._tensor, self._shared = tensor, shared
        self._shape = tuple(local_part(tensor).shape)

    def read(self, places: Places | None) -> Entries:
        """Return a float32 copy of the values at some flat places, or of all, (places,)."""
        import torch

        with torch.no_grad():
            held = local_part(self._tensor.detach())
            require_shape(tuple(held.shape), self._shape)
            flat = held.reshape(-1)
            if places is not None:
                flat = flat.index_select(0, self._on_device(places, flat.device))
            numbers = flat.to(device="cpu", dtype=torch.float32).numpy()
            return numbers if places is not None else np.array(numbers)

    def _on_device(self, places: Places, device: Any) -> Any:
        import torch

        key = (id(places), device)
        if key not in self._shared:
            self._shared[key] = torch.from_numpy(places).to(device)
        return self._shared[key]
