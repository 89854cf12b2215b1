"""Reads `.safetensors`: eight bytes with the length of a JSON table, the table, and the entries, without any package.

The table is checked against the file's size before anything is read by it. Such files don't keep the order of a model's
parameters: they come by their names here.
"""

from __future__ import annotations

import io
import json
import math
import os
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from tuimove.errors import DataError
from tuimove.runs.weight_files.name_order import layer_key
from tuimove.runs.weight_files.raw_entries import (
    Decode,
    bfloat16,
    bytes_at,
    float8_e4m3,
    float8_e5m2,
    plain,
    raw_pieces,
)
from tuimove.runs.weight_files.weight_file import (
    COMPLEX,
    INTEGERS,
    MOST_ARRAYS,
    OTHERS,
    STEPS,
    Floats,
    StoredArray,
    WeightFile,
    damaged,
    named_arrays,
)
from tuimove.settings.file_kinds import BEGINNING, described
from tuimove.settings.files import open_regular, shown_path

WHAT = "a safetensors file"
LENGTH = 8
"""Bytes that hold the length of the table."""
MOST_TABLE = 1 << 25
"""Most bytes of the table; those of the largest models have a few million."""
FLOATS: Mapping[str, tuple[str, int, Decode]] = {
    "F64": ("float64", 8, plain(np.dtype("<f8"))),
    "F32": ("float32", 4, plain(np.dtype("<f4"))),
    "F16": ("float16", 2, plain(np.dtype("<f2"))),
    "BF16": ("bfloat16", 2, bfloat16),
    "F8_E4M3": ("float8_e4m3fn", 1, float8_e4m3),
    "F8_E5M2": ("float8_e5m2", 1, float8_e5m2),
}
"""Types that are weights: what they are called, their bytes, and how they are read."""


def open_safetensors(path: Path) -> WeightFile:
    """Open a file; raises a DataError where it isn't a whole one."""
    stream = open_regular(path, follows_link=True)
    try:
        table, offset = _table(path, stream)
        return _opened(path, stream, table, offset)
    except BaseException as error:
        stream.close()
        if isinstance(error, OSError | ValueError | EOFError | RecursionError):
            raise damaged(path, WHAT, error) from None
        raise


def _table(path: Path, stream: io.FileIO) -> tuple[dict[str, Any], int]:
    """Return the table, and the offset of the entries."""
    size = os.fstat(stream.fileno()).st_size
    beginning = os.pread(stream.fileno(), BEGINNING, 0)
    length = int.from_bytes(beginning[:LENGTH], "little")
    if size < LENGTH + 2 or beginning[LENGTH : LENGTH + 1] != b"{":
        raise DataError(f"{shown_path(path)}: {described(beginning, WHAT)}")
    if length > min(size - LENGTH, MOST_TABLE):
        raise ValueError(f"its header would have {length:,} bytes, the file has {size:,}")
    table = json.loads(bytes_at(stream.fileno(), LENGTH, length), object_pairs_hook=_without_repetition)
    if not isinstance(table, dict) or len(table) > MOST_ARRAYS:
        raise ValueError("its header isn't a table of arrays")
    return table, LENGTH + length


def _without_repetition(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    table = dict(pairs)
    if len(table) != len(pairs):
        name = next(name for name, count in Counter(name for name, _ in pairs).items() if count > 1)
        raise ValueError(f"two arrays are called {name[:80]!r}")
    return table


def _opened(path: Path, stream: io.FileIO, table: dict[str, Any], offset: int) -> WeightFile:
    room = os.fstat(stream.fileno()).st_size - offset
    notes = table.pop("__metadata__", None)
    left_out: Counter[str] = Counter()
    found, end = [], 0
    for name, entry in table.items():
        stop = _end(name, entry)
        end = max(end, stop)
        if stop > room:
            raise ValueError(f"{name[:80]!r} ends at byte {stop:,} of {room:,}")
        if entry["dtype"] not in FLOATS:
            left_out[_other(entry["dtype"])] += 1
            continue
        found.append(_array(path, stream, offset, name, entry))
    if end != room:
        raise ValueError(f"{room:,} bytes of entries, where its header tells of {end:,}")
    found.sort(key=lambda array: layer_key(array.name))
    arrays = named_arrays(path, found, left_out)
    return WeightFile(path, "safetensors", arrays, left_out, _step(notes), stream.close)


def _end(name: str, entry: Any) -> int:
    """Return where an array's entries end; raises a ValueError where its shape, type or place can't be."""
    about = entry if isinstance(entry, dict) else {}
    shape: Any = about.get("shape")
    places: Any = about.get("data_offsets")
    dtype = about.get("dtype")
    if not (isinstance(dtype, str) and _are_counts(shape) and _are_counts(places) and len(places) == 2):
        raise ValueError(f"{name[:80]!r} has no shape, type or place")
    begin, stop = places
    size = FLOATS[dtype][1] if dtype in FLOATS else 0
    if begin > stop or (size and math.prod(shape) * size != stop - begin):
        raise ValueError(f"{name[:80]!r} has {stop - begin:,} bytes, which its shape {tuple(shape)} doesn't fit")
    return int(stop)


def _are_counts(value: Any) -> bool:
    return isinstance(value, list) and all(type(one) is int and one >= 0 for one in value)


def _array(path: Path, stream: io.FileIO, offset: int, name: str, entry: Mapping[str, Any]) -> StoredArray:
    """Return an array whose entry in the table has been checked; `offset` is where the entries begin."""
    called, size, decode = FLOATS[entry["dtype"]]
    shape, begin = tuple(entry["shape"]), offset + entry["data_offsets"][0]

    def pieces() -> Iterator[Floats]:
        try:
            yield from raw_pieces(stream.fileno(), begin, math.prod(shape), size, decode)
        except (OSError, EOFError) as error:
            raise damaged(path, WHAT, error) from None

    return StoredArray(name, shape, called, pieces)


def _other(dtype: str) -> str:
    if dtype == "BOOL" or dtype[:1] in ("I", "U"):
        return INTEGERS
    return COMPLEX if dtype[:1] == "C" else OTHERS


def _step(notes: Any) -> int | None:
    """Return the step among a file's notes, which are texts."""
    texts = (notes.get(name) for name in STEPS) if isinstance(notes, dict) else ()
    return next((int(text) for text in texts if isinstance(text, str) and text.isdecimal() and len(text) < 16), None)
