"""Writes arrays to `.npz` files whole or not at all, and reads them without trusting the files.

Files are plain `.npz`, as `numpy.load(path, allow_pickle=False)` reads them. Reading follows no link, loads only the
arrays asked for, and compares each header with the expected shape and type before it allocates memory.
"""

from __future__ import annotations

import io
import math
import os
import zipfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from tuimove.errors import DataError
from tuimove.recording.reading.parsing import shown_text
from tuimove.settings.files import open_regular, refusal, shown_path
from tuimove.settings.matrix_role import own_roles

Array = npt.NDArray[Any]
Expected = Mapping[str, tuple[tuple[int, ...], str]]
"""Shape and dtype of each array, such as `((10, 784), "float32")`."""

ROOM = 4096
"""Most bytes per array that a file adds to the arrays themselves: headers and names."""
UNFINISHED = ".part"
"""Suffix of a file's name until the file is complete."""


@dataclass(frozen=True)
class NetworkShape:
    """Sizes that determine the shapes of a network's parameters."""

    inputs: int
    hidden: int
    classes: int

    def expected(self) -> dict[str, tuple[tuple[int, ...], str]]:
        """Return the shape and dtype of W1 (hidden, inputs), b1 (hidden,), W2 (classes, hidden) and b2 (classes,)."""
        roles = own_roles(None, self.inputs, self.hidden, self.classes)
        return {role.name: (role.shape, "float32") for role in roles}


def packed_arrays(arrays: Mapping[str, Any]) -> bytes:
    """Return arrays as the bytes of an `.npz` file."""
    packed = io.BytesIO()
    np.savez(packed, allow_pickle=False, **arrays)
    return packed.getvalue()


def write_whole(path: Path, content: bytes) -> None:
    """Write a temporary file, sync it and rename it to its final name, so that the file is there whole or not at all.

    Raises
    ------
    OSError
        When the file can't be written; what was there before is intact then.
    """
    unfinished = path.with_name(f"{path.name}{UNFINISHED}")
    try:
        unfinished.unlink(missing_ok=True)  # writing would follow a link
        with unfinished.open("xb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        unfinished.replace(path)
    except OSError:
        with suppress(OSError):
            unfinished.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def remove_unfinished(folder: Path) -> None:
    """Remove a folder's temporary files, left by processes that were killed inside `write_whole`."""
    for path in folder.glob(f"*.npz{UNFINISHED}"):
        with suppress(OSError):
            path.unlink()


def sync_folder(folder: Path) -> None:
    """Sync a folder, so that its entries survive a power cut, where the file system supports it."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def read_plainly(path: Path, most: int) -> bytes:
    """Return the bytes of a regular file of at most `most` bytes, without following a link.

    Raises
    ------
    DataError
        When the file can't be read, is no regular file, or is longer.
    """
    with open_regular(path) as stream:
        size = os.fstat(stream.fileno()).st_size
        if size > most:
            raise DataError(f"{shown_path(path)}: {size:,} bytes, more than the {most:,} that it could have")
        try:
            return stream.read(size)
        except OSError as error:
            raise DataError(refusal(path, error)) from None


def most_bytes(expected: Expected) -> int:
    """Return the most bytes that a file of these arrays can have."""
    return sum(math.prod(shape) * np.dtype(kind).itemsize + ROOM for shape, kind in expected.values()) + ROOM


def unpacked_arrays(name: str, content: bytes, expected: Expected) -> dict[str, Array]:
    """Return the expected arrays from the bytes of an `.npz` file, called `name` in messages.

    Raises
    ------
    DataError
        When an array is missing, or isn't of the expected shape and type.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return {key: _array(archive, key, *expected[key]) for key in expected}
    except Exception as error:  # parsing a damaged archive may raise anything
        words = shown_text(str(error)) or type(error).__name__
        raise DataError(f"{name}: damaged, or not tuimove's ({words})") from None


def _array(archive: zipfile.ZipFile, key: str, shape: tuple[int, ...], kind: str) -> Array:
    """Return one member of an archive; raises a ValueError when its shape or type isn't the expected one."""
    member = archive.getinfo(f"{key}.npy")
    dtype = np.dtype(kind)
    size = math.prod(shape) * dtype.itemsize
    if member.compress_type != zipfile.ZIP_STORED or member.file_size > size + ROOM:
        raise ValueError(f"{key} is longer than it can be")
    content = io.BytesIO(archive.read(member))
    version = np.lib.format.read_magic(content)
    if version != (1, 0):
        raise ValueError(f"{key} is of another version")
    found, is_fortran, found_dtype = np.lib.format.read_array_header_1_0(content)
    if found != shape or found_dtype != dtype or is_fortran:
        raise ValueError(f"{key} is {found_dtype} {found}, not {dtype} {shape}")
    array = np.frombuffer(content.read(size), dtype).reshape(shape).copy()
    if content.read(1):
        raise ValueError(f"{key} is longer than its header says")
    return array
