"""Reads the weights that a run folder stores: `first.npz`, `last.npz` and `epoch-NNNNNN.npz`.

The network's shape is known from the run record. A file with other arrays or another size is refused before memory is
allocated; nothing is unpickled.
"""

from __future__ import annotations

import os
import re
from contextlib import suppress
from pathlib import Path

from tuimove.errors import DataError
from tuimove.recording.checkpoint import Weights
from tuimove.recording.folder.array_files import Expected, NetworkShape, most_bytes, read_plainly, unpacked_arrays
from tuimove.settings.files import shown_path

FILE_NAME = re.compile(r"first|last|epoch-[0-9]{6,12}")
MOST_BYTES = 1 << 28
"""Most bytes of a network's weights; larger files aren't read for display."""
MOST_FILES = 10_000
"""Most files of weights that are listed in a folder."""


def find_weights(folder: Path) -> dict[str, Path]:
    """Return a folder's files of weights by name without `.npz`; opens none of them."""
    found = {}
    with os.scandir(folder) as entries:
        for _, entry in zip(range(MOST_FILES), entries, strict=False):
            name, dot, kind = entry.name.partition(".")
            if dot and kind == "npz" and FILE_NAME.fullmatch(name):
                found[name] = Path(entry.path)
    return found


def nearest_weights(found: dict[str, Path], epoch: float, last_epoch: int) -> tuple[Path, int, int] | None:
    """Return the file of the weights nearest to an epoch, its inode and its mtime in ns; None when there is none.

    `last_epoch` is the epoch of the file `last`.
    """
    epochs = {name: _epoch_of(name, last_epoch) for name in found}
    for name in sorted(found, key=lambda name: (abs(epochs[name] - min(epoch, last_epoch)), name != "last")):
        with suppress(OSError):
            status = found[name].lstat()
            return found[name], status.st_ino, status.st_mtime_ns
    return None


def _epoch_of(name: str, last_epoch: int) -> int:
    return {"first": 0, "last": last_epoch}[name] if name in ("first", "last") else int(name.removeprefix("epoch-"))


def read_weights(path: Path, shape: NetworkShape) -> tuple[int, Weights]:
    """Return the epoch and the weights in a file.

    Raises
    ------
    DataError
        When the file is a link or no archive, is damaged, or holds arrays of other types or shapes.
    """
    expected: Expected = {"epoch": ((), "int64"), **shape.expected()}
    most = most_bytes(expected)
    if most > MOST_BYTES:
        raise DataError(f"{shown_path(path)}: weights of {most:,} bytes are too many to look at")
    arrays = unpacked_arrays(str(path), read_plainly(path, most), expected)
    return max(int(arrays.pop("epoch")), 0), arrays
