"""Reads Keras's `.weights.h5`, and other HDF5 files of arrays; links out of the file are not followed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from tuimove.errors import DataError
from tuimove.runs.weight_files.blocks import block_slices
from tuimove.runs.weight_files.packages import needed_package
from tuimove.runs.weight_files.weight_file import (
    MOST_ARRAYS,
    PIECE,
    STEPS,
    Floats,
    StoredArray,
    WeightFile,
    damaged,
    kind_left_out,
    named_arrays,
)
from tuimove.settings.file_kinds import BEGINNING, described
from tuimove.settings.files import open_regular, shown_path
from tuimove.settings.matrix_role import Kind

WHAT = "a Keras .weights.h5 file"
SIGNATURE = b"\x89HDF\r\n"
WHOLE_MODEL = "model_weights"
"""Group of the weights in a file that holds a whole model."""
MOST_RATIO = 1100
"""Packed bytes don't stand for more than about so many times as many."""


def open_keras(path: Path) -> WeightFile:
    """Open a file; raises a DataError where it isn't a whole one, or h5py lacks."""
    with open_regular(path, follows_link=True) as stream:
        beginning = stream.read(BEGINNING)
    if not beginning.startswith(SIGNATURE):
        raise DataError(f"{shown_path(path)}: {described(beginning, WHAT)}")
    h5py = needed_package("h5py", path)
    try:
        file = h5py.File(path, "r")
    except Exception as error:  # a damaged file may raise anything
        raise damaged(path, WHAT, error) from None
    try:
        return _opened(h5py, path, file)
    except DataError:
        file.close()
        raise
    except Exception as error:
        file.close()
        raise damaged(path, WHAT, error) from None


def _opened(h5py: Any, path: Path, file: Any) -> WeightFile:
    sets = _datasets(h5py, path, file)
    left_out: Counter[str] = Counter()
    found = []
    for name, values in sets.items():
        if values.dtype.kind == "f":
            found.append(_array(path, name, values, _kind(name, sets)))
        else:
            left_out[kind_left_out(values.dtype)] += 1
    return WeightFile(path, "keras", named_arrays(path, found, left_out), left_out, _step(file), file.close)


def _datasets(h5py: Any, path: Path, file: Any) -> dict[str, Any]:
    """Return the arrays by name in the order that they were written in; names alone don't tell that of the layers."""
    found: list[tuple[int, int, str, Any]] = []
    layers = _layer_numbers(file)

    def visit(name: str, item: Any) -> bool | None:
        if isinstance(item, h5py.Dataset):
            _require_honest_size(path, name, item)
            layer = layers.get(name.removeprefix(f"{WHOLE_MODEL}/").partition("/")[0], 0)
            found.append((layer, h5py.h5o.get_info(item.id).addr, name, item))
        return True if len(found) > MOST_ARRAYS else None

    if file.visititems(visit):
        raise damaged(path, WHAT, "too many arrays")
    return {name: item for *_, name, item in sorted(found, key=lambda one: one[:3])}


def _layer_numbers(file: Any) -> dict[str, int]:
    """Return the place of each layer by name, where a file of Keras 2's kind lists them."""
    names = file.get(WHOLE_MODEL, file).attrs.get("layer_names", ())
    return {name.decode(errors="replace") if isinstance(name, bytes) else str(name): place
            for place, name in enumerate(names)}  # fmt: skip


def _require_honest_size(path: Path, name: str, values: Any) -> None:
    """Raise a DataError where an array's entries aren't in the file, or are fewer than its shape says."""
    if values.is_virtual or values.external or values.shape is None:
        raise damaged(path, WHAT, f"{name[:80]!r} has its entries elsewhere")
    needed, stored = values.size * values.dtype.itemsize, values.id.get_storage_size()
    if needed > stored * (MOST_RATIO if values.compression else 1):
        raise damaged(path, WHAT, f"{name[:80]!r} has {stored:,} bytes, which its shape {values.shape} doesn't fit")


def _kind(name: str, sets: dict[str, Any]) -> Kind | None:
    """Return `bias` for the vector after a layer's weights, since Keras calls both by numbers only."""
    group, _, number = name.rpartition("/")
    weights = sets.get(f"{group}/0")
    if number != "1" or weights is None or weights.ndim < 2:
        return None
    return "bias" if sets[name].shape == weights.shape[-1:] else None


def _array(path: Path, name: str, values: Any, kind: Kind | None) -> StoredArray:
    def pieces() -> Iterator[Floats]:
        try:
            for place in block_slices(values.shape, PIECE):
                yield np.asarray(values[place]).reshape(-1)
        except (OSError, RuntimeError, ValueError) as error:
            raise damaged(path, WHAT, error) from None

    return StoredArray(name, tuple(map(int, values.shape)), values.dtype.name, pieces, kind)


def _step(file: Any) -> int | None:
    """Return the step among the file's attributes."""
    noted = (file.attrs.get(name) for name in STEPS)
    numbers = (
        int(value) for value in noted if value is not None and np.issubdtype(np.asarray(value).dtype, np.integer)
    )
    return next((number for number in numbers if number >= 0), None)
