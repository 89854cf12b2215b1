"""Reads what `torch.save` has written: with `weights_only`, so that nothing but tensors and plain values is made."""

from __future__ import annotations

import pickle
import re
import warnings
import zipfile
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from tuimove.errors import DataError, harmless
from tuimove.runs.weight_files.blocks import block_slices
from tuimove.runs.weight_files.mapped_memory import let_go
from tuimove.runs.weight_files.packages import needed_package
from tuimove.runs.weight_files.weight_file import (
    COMPLEX,
    INTEGERS,
    MOST_ARRAYS,
    NO_WEIGHTS,
    OPTIMIZERS,
    OTHERS,
    PIECE,
    STEPS,
    TIED,
    Floats,
    StoredArray,
    WeightFile,
    damaged,
    named_arrays,
)
from tuimove.settings.file_kinds import BEGINNING, described
from tuimove.settings.files import open_regular, shown_path

WHAT = "a PyTorch file"
BEGINNINGS = (b"PK\x03\x04", b"\x80")
"""First bytes of a file of today, and of one from before PyTorch 1.6, which can't be mapped into memory."""
MODELS = ("model_state_dict", "state_dict", "model", "module", "net", "network", "weights", "params")
"""What a checkpoint usually calls its model: its parameters' names go without it."""
NOT_THE_MODEL = ("sched", "scaler", "rng", "callbacks", "loops", "hyper_parameters")
"""Further state of a training, by what the name of its table begins with."""
STATES = ({"state", "param_groups"}, {"_last_lr"}, {"growth_factor", "backoff_factor"})
"""Keys by which the state of an optimizer, a scheduler or a scaler of gradients is known, whatever it is called."""
MOST_WHOLE = 1 << 28
"""Bytes of a file up to which it is read at once. A mapped one mustn't be cut by its writer while it is read."""
MOST_HELD = 1 << 26
"""Bytes of a mapped file that are read before their memory is let go of."""
DEEPEST = 32
"""Tables within tables that are followed."""
FOREIGN = re.compile(r"GLOBAL ([\w.]+)")


def open_torch(path: Path) -> WeightFile:
    """Open a file; raises a DataError where torch lacks, or it isn't whole, or isn't tensors and plain values."""
    with open_regular(path, follows_link=True) as stream:
        beginning = stream.read(BEGINNING)
    if not beginning.startswith(BEGINNINGS):
        raise DataError(f"{shown_path(path)}: {described(beginning, WHAT)}")
    torch = needed_package("torch", path)
    left_out: Counter[str] = Counter()
    is_zipped = beginning.startswith(BEGINNINGS[0])
    is_mapped = is_zipped and path.stat().st_size > MOST_WHOLE
    loaded = _loaded(torch, path, is_zipped=is_zipped, is_mapped=is_mapped)
    try:
        found = list(_Finder(torch, path, left_out, is_mapped=is_mapped).arrays(loaded))
    except RecursionError:
        raise damaged(path, WHAT, "tables within tables") from None
    return WeightFile(path, "torch", named_arrays(path, found, left_out), left_out, _step(torch, loaded), lambda: None)


def _loaded(torch: Any, path: Path, *, is_zipped: bool, is_mapped: bool) -> Any:
    try:
        if is_zipped:
            _require_unpacked(path)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return torch.load(path, map_location="cpu", weights_only=True, mmap=is_mapped)
    except pickle.UnpicklingError as error:
        foreign = FOREIGN.search(str(error))
        if foreign is None:
            raise damaged(path, WHAT, "its pickle isn't one of tensors and plain values") from None
        words = f"holds {harmless(foreign[1])}, not only tensors; it isn't opened: a pickle can run anything"
        raise DataError(f"{shown_path(path)}: {words}") from None
    except Exception as error:  # a damaged file may raise anything
        raise damaged(path, WHAT, error) from None


def _require_unpacked(path: Path) -> None:
    """Raise a ValueError where a member is packed, which `torch.save` never does: it may unpack to any size."""
    with zipfile.ZipFile(path) as archive:
        if packed := [one.filename for one in archive.infolist() if one.compress_type != zipfile.ZIP_STORED]:
            raise ValueError(f"{packed[0][:80]!r} in it is packed")


class _Finder:
    """Finds the tensors in what a file holds, wherever they are."""

    def __init__(self, torch: Any, path: Path, left_out: Counter[str], *, is_mapped: bool) -> None:
        self._is_mapped = is_mapped
        self._torch, self._path, self._left_out = torch, path, left_out
        self._size = path.stat().st_size
        self._seen: set[Any] = set()
        self._visited = 0
        self._tables: dict[str, str] = {}
        """By the first part of a name, the tables that the model lies in, such as `model/`."""

    def arrays(self, loaded: Any) -> Iterator[StoredArray]:
        """Yield the tensors of floating point, tied ones once, by their first name."""
        if is_left_out("", loaded):
            self._leave_out(loaded, ())
            return
        for name, tensor in self._tensors(self._unwrapped(loaded), ()):
            if (other := self._other(tensor)) is not None:
                self._left_out[other] += 1
            elif not self._is_new(tensor):
                self._left_out[TIED] += 1
            else:
                yield self._array(name or "tensor", tensor, self._tables.get(name.partition("/")[0], ""))

    def _unwrapped(self, value: Any, depth: int = 0) -> Any:
        """Return the table of the model's parameters, with other tables of tensors under their names."""
        if not isinstance(value, Mapping) or depth > DEEPEST or self._has_tensors_of_its_own(value):
            return value
        tables = {str(key): inner for key, inner in value.items() if isinstance(inner, Mapping)}
        tables = {
            key: inner for key, inner in tables.items() if not is_left_out(key, inner) and self._holds_tensors(inner)
        }
        models = [key for key in tables if key in MODELS]
        if len(tables) == 1 or len(models) == 1:
            name = models[0] if models else next(iter(tables))
            rest = {key: inner for key, inner in value.items() if str(key) != name and not self._is_number(inner)}
            model = self._unwrapped(tables[name], depth + 1)
            if not set(model) & set(rest):
                self._tables = {str(key): f"{name}/{self._tables.get(str(key), '')}" for key in model}
                return {**model, **rest}
            self._tables = {}
        return value

    def _has_tensors_of_its_own(self, table: Mapping[Any, Any]) -> bool:
        return any(isinstance(inner, self._torch.Tensor) and inner.ndim for inner in table.values())

    def _holds_tensors(self, table: Mapping[Any, Any]) -> bool:
        """Return whether any is in a table or in the tables and lists in it, each of which is looked into once."""
        waiting: list[Any] = [table]
        seen = set()
        while waiting:
            value = waiting.pop()
            if isinstance(value, self._torch.Tensor):
                return True
            if isinstance(value, Mapping | list | tuple) and id(value) not in seen:
                seen.add(id(value))
                waiting += value.values() if isinstance(value, Mapping) else value
        return False

    def _is_number(self, value: Any) -> bool:
        return isinstance(value, self._torch.Tensor) and not value.ndim

    def _tensors(self, value: Any, keys: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
        self._visited += 1
        if self._visited > MOST_ARRAYS or len(keys) > DEEPEST:
            raise damaged(self._path, WHAT, "tables without an end")
        if isinstance(value, self._torch.Tensor):
            yield "/".join(keys), value
        elif isinstance(value, Mapping | list | tuple):
            items = value.items() if isinstance(value, Mapping) else enumerate(value)
            for key, inner in items:
                if isinstance(inner, Mapping | list | tuple) and is_left_out(str(key), inner):
                    self._leave_out(inner, (*keys, str(key)))
                else:
                    yield from self._tensors(inner, (*keys, str(key)))

    def _leave_out(self, state: Any, keys: tuple[str, ...]) -> None:
        count = sum(1 for _ in self._tensors(state, keys))  # which counts states within it
        self._left_out[NO_WEIGHTS] += count

    def _other(self, tensor: Any) -> str | None:
        """Return what a tensor is that holds no weights."""
        if tensor.is_complex():
            return COMPLEX
        if not tensor.is_floating_point():
            return OTHERS if tensor.is_quantized else INTEGERS
        is_plain = tensor.layout == self._torch.strided and tensor.device.type == "cpu"
        return None if is_plain else OTHERS

    def _is_new(self, tensor: Any) -> bool:
        """Return whether a tensor isn't tied to one before it; raises a DataError for a size that can't be."""
        if tensor.numel() * tensor.element_size() > self._size:
            raise damaged(self._path, WHAT, f"a tensor of {tensor.numel():,} entries in {self._size:,} bytes")
        place = (tensor.data_ptr(), tuple(tensor.shape), tensor.stride())
        is_new = not tensor.numel() or place not in self._seen
        self._seen.add(place)
        return is_new

    def _array(self, name: str, tensor: Any, tables: str) -> StoredArray:
        torch, values = self._torch, tensor.detach()
        size = tensor.numel() * tensor.element_size() if self._is_mapped else 0
        is_narrow = tensor.dtype not in (torch.float16, torch.float32, torch.float64)

        def pieces() -> Iterator[Floats]:
            flat, read = values.reshape(-1) if values.is_contiguous() else values, 0
            for place in block_slices(tuple(flat.shape), PIECE):
                block = flat[place]
                yield np.array((block.to(torch.float32) if is_narrow else block).numpy()).reshape(-1)
                read += block.numel() * block.element_size()
                if read >= MOST_HELD and size:
                    let_go(values.data_ptr(), size)
                    read = 0
            let_go(values.data_ptr(), size)

        dtype = str(tensor.dtype).removeprefix("torch.")
        return StoredArray(name, tuple(tensor.shape), dtype, pieces, full_name=f"{tables}{name}")


def is_left_out(name: str, table: Any) -> bool:
    """Return whether a table is a training's state, not a model's, by its name or by its keys."""
    if isinstance(table, Mapping) and any(keys <= table.keys() for keys in STATES):
        return True
    lowered = name.lower()
    return any(word in lowered for word in OPTIMIZERS) or lowered.startswith(NOT_THE_MODEL) or "_sched" in lowered


def _step(torch: Any, loaded: Any) -> int | None:
    """Return the step that a file notes beside its tensors."""
    noted = (loaded.get(name) for name in STEPS) if isinstance(loaded, Mapping) else ()
    for value in noted:
        number = value.item() if isinstance(value, torch.Tensor) and value.numel() == 1 else value
        if type(number) is int and number >= 0:
            return number
    return None
