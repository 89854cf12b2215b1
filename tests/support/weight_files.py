"""Files of weights for tests: safetensors by hand, archives that lie, and pickles that would leave a trace."""

from __future__ import annotations

import io
import json
import os
import pickle
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
TYPES = {"float64": "F64", "float32": "F32", "float16": "F16", "int64": "I64", "uint16": "BF16"}
"""Names of types; uint16 stands for bfloat16, whose bits it may hold."""


def safetensors_bytes(arrays: Mapping[str, Array], notes: Mapping[str, str] | None = None, **changed: Any) -> bytes:
    """Return a safetensors file; `changed` are fields of the first array's entry in its header."""
    table: dict[str, Any] = {"__metadata__": dict(notes)} if notes else {}
    place = 0
    for name, array in arrays.items():
        table[name] = {"dtype": TYPES[array.dtype.name], "shape": array.shape}
        table[name]["data_offsets"] = [place, place + array.nbytes]
        place += array.nbytes
    if changed:
        table[next(iter(arrays))].update(changed)
    header = json.dumps(table).encode()
    return len(header).to_bytes(8, "little") + header + b"".join(array.tobytes() for array in arrays.values())


def save_safetensors(path: Path, arrays: Mapping[str, Array], notes: Mapping[str, str] | None = None) -> Path:
    """Write a safetensors file."""
    path.write_bytes(safetensors_bytes(arrays, notes))
    return path


def save_npz(path: Path, **arrays: Any) -> Path:
    """Write an `.npz` file."""
    np.savez(path, **arrays)
    return path


def npy_header(shape: str, descr: str = "'<f4'") -> bytes:
    """Return the header of an array whose shape is whatever it is said to be."""
    words = f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}, }}".ljust(117) + "\n"
    return b"\x93NUMPY\x01\x00" + len(words).to_bytes(2, "little") + words.encode()


def zip_bytes(members: Mapping[str, bytes]) -> bytes:
    """Return a zip archive of any members."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return packed.getvalue()


class Trap:
    """An object whose pickle makes a file when it is read."""

    def __init__(self, trace: Path) -> None:
        self._trace = trace

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self._trace),)


def trap(trace: Path) -> bytes:
    """Return a pickle that leaves a trace when it is read."""
    return pickle.dumps(Trap(trace))


def started_weights(seed: int = 0) -> dict[str, Array]:
    """Return weights and biases of a small network as they start."""
    random = np.random.default_rng(seed)
    return {
        "W1": random.uniform(-0.2, 0.2, (20, 8)).astype(np.float32),
        "b1": np.zeros(8, np.float32),
        "W2": random.uniform(-0.2, 0.2, (8, 5)).astype(np.float32),
    }


def moved_weights(amount: float, seed: int = 0) -> dict[str, Array]:
    """Return the same weights after a walk of some length, b1 straight on."""
    random = np.random.default_rng(1)
    start = started_weights(seed)
    return {name: array + np.float32(amount) * random.normal(size=array.shape).astype(np.float32)
            for name, array in start.items()}  # fmt: skip
