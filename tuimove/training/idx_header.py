"""Reads the header of an IDX file, or describes a file of another kind.

Imports nothing heavy: the number of images is needed before a run loads its data.
"""

from __future__ import annotations

import gzip
import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, NamedTuple

from tuimove.errors import DataError
from tuimove.settings.file_kinds import BEGINNING, described
from tuimove.settings.files import open_regular, shown_path
from tuimove.settings.wording import counted

GZIP = b"\x1f\x8b"
"""First bytes of gzipped data; the file's name isn't trusted."""

UNSIGNED_BYTE, INTEGER = 0x08, 0x0C
TYPES = {
    UNSIGNED_BYTE: "unsigned bytes",
    0x09: "signed bytes",
    0x0B: "16-bit integers",
    INTEGER: "32-bit integers",
    0x0D: "32-bit floats",
    0x0E: "64-bit floats",
}
"""Types of numbers by the third byte of an IDX file."""
MOST_DIMENSIONS = 8
"""Most dimensions; a file with more is of another kind."""
IMAGE_DIMENSIONS, LABEL_DIMENSIONS = 3, 1
QMNIST_COLUMNS = 8
"""Columns of QMNIST's labels, 32-bit integers: the class first, then where the image came from."""


class IdxHeader(NamedTuple):
    """Element type and shape in an IDX file."""

    element: int
    """Type of the numbers, a key of `TYPES`."""
    shape: tuple[int, ...]


@contextmanager
def open_unpacked(path: Path) -> Iterator[BinaryIO]:
    """Open a file, gzipped or not, and provide its contents; raises a DataError as `open_regular` does."""
    with io.BufferedReader(open_regular(path, follows_link=True)) as raw:
        is_zipped = raw.read(len(GZIP)) == GZIP
        raw.seek(0)
        yield gzip.GzipFile(fileobj=raw) if is_zipped else raw  # type: ignore[misc]


def read_header(path: Path, stream: BinaryIO, *, is_images: bool) -> IdxHeader:
    """Read the header of images or labels, and leave the stream at the first number.

    Raises
    ------
    DataError
        When the file is of another kind, or its type or shape isn't that of images or labels.
    """
    magic = stream.read(4)
    if not _is_idx(magic):
        raise DataError(f"{shown_path(path)}: {_described(magic + stream.read(BEGINNING - len(magic)), stream)}")
    element, dimensions = magic[2], magic[3]
    lengths = stream.read(4 * dimensions)
    if len(lengths) < 4 * dimensions:
        raise DataError(f"{shown_path(path)}: truncated: it ends inside its header")
    shape = tuple(int.from_bytes(lengths[place : place + 4], "big") for place in range(0, len(lengths), 4))
    header = IdxHeader(element, shape)
    if complaint := _complaint(header, is_images=is_images):
        raise DataError(f"{shown_path(path)}: {complaint}")
    return header


def _is_idx(magic: bytes) -> bool:
    return len(magic) == 4 and magic[:2] == b"\0\0" and magic[2] in TYPES and 1 <= magic[3] <= MOST_DIMENSIONS


def _described(beginning: bytes, stream: BinaryIO) -> str:
    if _is_idx(beginning[3::-1]):
        return "an IDX file with its bytes the wrong way round (little-endian); the format is big-endian"
    words = described(beginning, "an IDX file")
    return f"unpacked, it {words}" if isinstance(stream, gzip.GzipFile) and beginning else words


def _complaint(header: IdxHeader, *, is_images: bool) -> str:
    """Return what is wrong with the type or shape of images or labels, empty when nothing is."""
    wanted = IMAGE_DIMENSIONS if is_images else LABEL_DIMENSIONS
    dimensions = len(header.shape)
    if header.element == UNSIGNED_BYTE and dimensions == wanted:
        return ""
    if not is_images and header.element == INTEGER and dimensions == 2 and header.shape[1] == QMNIST_COLUMNS:
        return ""
    ours, others = ("images", "labels") if is_images else ("labels", "images")
    is_other = header.element == UNSIGNED_BYTE and dimensions == (LABEL_DIMENSIONS if is_images else IMAGE_DIMENSIONS)
    like = f", as {others} do" if is_other else ""
    return (
        f"holds {TYPES[header.element]} in {counted(dimensions, 'dimension')}{like}; "
        f"{ours} are read as unsigned bytes in {counted(wanted, 'dimension')}"
    )
