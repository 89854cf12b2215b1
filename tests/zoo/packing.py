"""One recorded specimen as one small file: tables of numbers, compressed, and what describes them as JSON before.

Bytes of equal weight lie together, so that they compress. Numbers that follow from others are left out and worked out
again on reading; curves of every step are rounded to 12 binary digits, 0.01 %. The same numbers give the same bytes.
"""

from __future__ import annotations

import json
import lzma
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

SUFFIX = ".run.xz"

Table = Mapping[str, npt.NDArray[Any]]
"""Columns of equal length, by name."""

CURVE_DIGITS = 12
"""Binary digits that are kept of a curve's numbers."""


def packed(described: Mapping[str, Any], tables: Mapping[str, Table]) -> bytes:
    """Return tables, kept as float32, and a description that JSON can hold as bytes."""
    layout = {name: {"rows": _rows(table), "columns": [*table]} for name, table in tables.items()}
    head = json.dumps({"described": described, "tables": layout}, separators=(",", ":")).encode()
    body = b"".join(_shuffled(table) for table in tables.values())
    return lzma.compress(head + b"\n" + body, preset=9)


def unpacked(content: bytes) -> tuple[dict[str, Any], dict[str, dict[str, npt.NDArray[np.float32]]]]:
    """Return the description and the tables of what `packed` has returned."""
    head, _, body = lzma.decompress(content).partition(b"\n")
    found = json.loads(head)
    tables, start = {}, 0
    for name, layout in found["tables"].items():
        columns, rows = layout["columns"], layout["rows"]
        end = start + 4 * len(columns) * rows
        numbers = np.frombuffer(body[start:end], np.uint8).reshape(4, -1).T.copy().view(np.float32)
        tables[name] = dict(zip(columns, numbers.reshape(len(columns), rows), strict=True))
        start = end
    return found["described"], tables


def write_packed(path: Path, content: bytes) -> None:
    """Write a file that is there as a whole or not at all."""
    unfinished = path.with_suffix(f".{os.getpid()}")
    unfinished.write_bytes(content)
    unfinished.replace(path)


def table_of(rows: Iterable[Mapping[str, float]], names: Iterable[str]) -> dict[str, npt.NDArray[np.float32]]:
    """Return columns of finite numbers that come row by row, NaN where one is missing; they stay finite."""
    rows, most = [*rows], float(np.finfo(np.float32).max)
    columns = {name: np.array([row.get(name, np.nan) for row in rows]) for name in names}
    return {name: column.clip(-most, most).astype(np.float32) for name, column in columns.items()}


def rounded(table: Table, digits: int = CURVE_DIGITS) -> dict[str, npt.NDArray[np.float32]]:
    """Return a table whose numbers have few binary digits, which compress; infinities and NaN stay what they are."""
    return {name: _rounded(column.astype(np.float32), digits) for name, column in table.items()}


def _rounded(column: npt.NDArray[np.float32], digits: int) -> npt.NDArray[np.float32]:
    step = np.uint32(1 << (23 - digits))
    bits = column.view(np.uint32)
    near = ((bits + step // 2) & ~(step - np.uint32(1))).view(np.float32)
    return np.where(np.isfinite(column) & np.isfinite(near), near, column)


def _rows(table: Table) -> int:
    return max((len(column) for column in table.values()), default=0)


def _shuffled(table: Table) -> bytes:
    """Return all columns as bytes: the least significant byte of every number, then the next one of every number."""
    numbers = np.array([*table.values()], dtype="<f4").reshape(-1)
    return numbers.view(np.uint8).reshape(-1, 4).T.tobytes()
