"""Reads NumPy's `.npz`, a zip archive of arrays: each header is checked against the size, and nothing is unpickled."""

from __future__ import annotations

import io
import math
import os
import shutil
import struct
import tempfile
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO, Any

import numpy as np

from tuimove.errors import DataError
from tuimove.runs.weight_files.raw_entries import column_pieces
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

WHAT = "a NumPy .npz file"
MOST_RATIO = 1100
"""Deflated bytes can't stand for more than about 1,032 times as many."""
MOST_HEADER = 1 << 14
"""Most bytes before an array's entries."""
LOCAL_HEADER = 30
"""Bytes before a member's name in the archive; its last four are the lengths of the name and of what follows it."""
BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    NotImplementedError,
    RuntimeError,
    ValueError,
    EOFError,
    OSError,
    struct.error,
)
"""What reading a damaged archive may raise."""


@dataclass(frozen=True)
class _Member:
    """One array of an archive, as its header tells."""

    name: str
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    is_by_columns: bool
    info: zipfile.ZipInfo
    header: int
    """Bytes before the entries."""


def open_npz(path: Path) -> WeightFile:
    """Open a file; raises a DataError where it isn't a whole archive of arrays, or where one holds Python objects."""
    stream = io.BufferedReader(open_regular(path, follows_link=True))
    try:
        return _opened(path, stream)
    except BaseException as error:
        stream.close()
        if isinstance(error, BROKEN):
            raise damaged(path, WHAT, error) from None
        raise


def _opened(path: Path, stream: io.BufferedReader[io.FileIO]) -> WeightFile:
    beginning = stream.peek(BEGINNING)[:BEGINNING]
    if not beginning.startswith(b"PK"):
        raise DataError(f"{shown_path(path)}: {described(beginning, WHAT)}")
    archive = zipfile.ZipFile(stream)
    if len(archive.infolist()) > MOST_ARRAYS:
        raise ValueError("too many members")
    left_out: Counter[str] = Counter()
    found, step = [], {}
    for info in archive.infolist():
        member = _member(path, archive, info)
        if member.name in STEPS and member.shape == () and member.dtype.kind in "iu":
            step[member.name] = _number(archive, member)
        elif member.dtype.kind == "f":
            found.append(_stored(archive, member, path))
        else:
            left_out[kind_left_out(member.dtype)] += 1
    written = next((step[name] for name in STEPS if name in step), None)
    return WeightFile(path, "arrays", named_arrays(path, found, left_out), left_out, written, stream.close)


def _member(path: Path, archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> _Member:
    """Return what a member's header says; raises a ValueError where it can't be true."""
    name = info.filename
    if not name.endswith(".npy"):
        raise DataError(f"{shown_path(path)}: {shown_path(name)!r} in it is no array; it isn't opened")
    _require_honest_size(info, os.fstat(archive.fp.fileno()).st_size if archive.fp else 0)
    with archive.open(info) as stream:
        beginning = io.BytesIO(stream.read(MOST_HEADER))
    shape, is_by_columns, dtype = _header(beginning)
    header = beginning.tell()
    if dtype.hasobject:
        words = "holds Python objects; it isn't opened: a pickle can run anything"
        raise DataError(f"{shown_path(path)}: {shown_path(name.removesuffix('.npy'))!r} {words}")
    if header + math.prod(shape) * dtype.itemsize != info.file_size or min(shape, default=0) < 0:
        raise ValueError(f"{shown_path(name)!r} has {info.file_size:,} bytes, which its shape {shape} doesn't fit")
    return _Member(name.removesuffix(".npy"), shape, dtype, is_by_columns and len(shape) > 1, info, header)


def _require_honest_size(info: zipfile.ZipInfo, size: int) -> None:
    room = size - info.header_offset
    most = info.compress_size * (1 if info.compress_type == zipfile.ZIP_STORED else MOST_RATIO)
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) or info.compress_size > room:
        raise ValueError(f"{shown_path(info.filename)!r} is packed in another way, or longer than the file")
    if info.file_size > most:
        raise ValueError(f"{shown_path(info.filename)!r} would have {info.file_size:,} bytes")


def _header(stream: IO[bytes]) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    version = np.lib.format.read_magic(stream)
    if version not in ((1, 0), (2, 0)):
        raise ValueError(f"an array of version {version}")
    read: Callable[[IO[bytes]], Any] = (
        np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    )
    shape, is_by_columns, dtype = read(stream)
    return shape, is_by_columns, dtype


def _number(archive: zipfile.ZipFile, member: _Member) -> int:
    with archive.open(member.info) as stream:
        return int(np.frombuffer(stream.read()[member.header :], member.dtype)[0])


def _stored(archive: zipfile.ZipFile, member: _Member, path: Path) -> StoredArray:
    read = _read_by_columns if member.is_by_columns else _read_in_order

    def pieces() -> Iterator[Floats]:
        try:
            yield from read(archive, member)
        except BROKEN as error:
            raise damaged(path, WHAT, error) from None

    return StoredArray(member.name, member.shape, member.dtype.name, pieces)


def _read_in_order(archive: zipfile.ZipFile, member: _Member) -> Iterator[Floats]:
    size = member.dtype.itemsize
    with archive.open(member.info) as stream:
        stream.read(member.header)
        for content in iter(partial(stream.read, PIECE * size), b""):
            yield np.frombuffer(content, member.dtype)


def content_offset(descriptor: int, info: zipfile.ZipInfo) -> int:
    """Return where the bytes of an unpacked member begin in an archive; raises a struct.error where that ends."""
    local = os.pread(descriptor, LOCAL_HEADER, info.header_offset)
    name, extra = struct.unpack("<HH", local[-4:])
    return info.header_offset + LOCAL_HEADER + int(name) + int(extra)


def _read_by_columns(archive: zipfile.ZipFile, member: _Member) -> Iterator[Floats]:
    """Yield the entries of an array in Fortran's order; one that is packed is unpacked into a file without a name."""
    assert archive.fp is not None
    if member.info.compress_type == zipfile.ZIP_STORED:
        offset = content_offset(archive.fp.fileno(), member.info) + member.header
        yield from column_pieces(archive.fp.fileno(), offset, member.shape, member.dtype)
        return
    with tempfile.TemporaryFile() as unpacked:
        with archive.open(member.info) as stream:
            shutil.copyfileobj(stream, unpacked)
        unpacked.flush()
        yield from column_pieces(unpacked.fileno(), member.header, member.shape, member.dtype)
