"""Entries read straight from a file's bytes: where they lie is known, and so is how they are written."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from tuimove.runs.weight_files.weight_file import PIECE, Floats

Decode = Callable[[bytes], Floats]
"""Turns bytes into entries."""
MOST_WHOLE = 1 << 26
"""Bytes of an array stored by columns that are read at once; of a larger one, stretches of its columns."""


def raw_pieces(descriptor: int, offset: int, entries: int, size: int, decode: Decode) -> Iterator[Floats]:
    """Yield the entries that begin at an offset of a file, `size` bytes each."""
    for begin in range(0, entries, PIECE):
        count = min(PIECE, entries - begin)
        yield decode(bytes_at(descriptor, offset + begin * size, count * size))


def bytes_at(descriptor: int, offset: int, length: int) -> bytes:
    """Return some bytes of a file; raises an EOFError where it ends before them."""
    content = os.pread(descriptor, length, offset)
    if len(content) != length:
        raise EOFError("the file has become shorter")
    return content


def column_pieces(descriptor: int, offset: int, shape: tuple[int, ...], dtype: np.dtype[Any]) -> Iterator[Floats]:
    """Yield in C order the entries of an array that is stored in Fortran's, (rows, ...)."""
    rows, rest = shape[0], math.prod(shape[1:])
    block = max(1, min(rows, MOST_WHOLE // (rest * dtype.itemsize)))
    for begin in range(0, rows, block):
        count = min(block, rows - begin)
        columns = _stretches(descriptor, offset + begin * dtype.itemsize, rows, rest, count, dtype)
        entries = columns.reshape(*shape[:0:-1], count).T.reshape(-1)
        yield from (entries[place : place + PIECE] for place in range(0, entries.size, PIECE))


def _stretches(
    descriptor: int, offset: int, rows: int, columns: int, count: int, dtype: np.dtype[Any]
) -> npt.NDArray[Any]:
    """Return `count` entries of each column, (columns, count), from one that begins at the offset."""
    if count == rows:
        content = bytes_at(descriptor, offset, rows * columns * dtype.itemsize)
        return np.frombuffer(content, dtype).reshape(columns, rows)
    found = np.empty((columns, count), dtype)
    for column in range(columns):
        content = bytes_at(descriptor, offset + column * rows * dtype.itemsize, count * dtype.itemsize)
        found[column] = np.frombuffer(content, dtype)
    return found


def plain(dtype: np.dtype[Any]) -> Decode:
    """Return what reads a type that NumPy has."""
    return lambda content: np.frombuffer(content, dtype)


def bfloat16(content: bytes) -> Floats:
    """Read the upper halves of float32."""
    return (np.frombuffer(content, "<u2").astype(np.uint32) << 16).view(np.float32)


def float8_e5m2(content: bytes) -> Floats:
    """Read the upper halves of float16."""
    return (np.frombuffer(content, np.uint8).astype(np.uint16) << 8).view(np.float16)


def float8_e4m3(content: bytes) -> Floats:
    """Read eight bits: sign, four of the exponent, three of the fraction; no infinities."""
    return _e4m3_table()[np.frombuffer(content, np.uint8)]


@cache
def _e4m3_table() -> npt.NDArray[np.float32]:
    bits = np.arange(128)
    exponent, fraction = bits >> 3, bits & 7
    normal = np.ldexp(1 + fraction / 8, exponent - 7)
    half = np.where(exponent == 0, np.ldexp(fraction / 8, -6), normal)
    half[127] = math.nan
    return np.concatenate([half, -half]).astype(np.float32)
