"""Weights that a run folder keeps, read back: `first.npz`, `last.npz` and `epoch-NNNNNN.npz`, whoever made them.

A network's shape is known from its run's record. Whatever isn't exactly that, in that many bytes, is refused before
anything is allocated; nothing is ever unpickled.
"""

from __future__ import annotations

import math
import os
import re
import zipfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np
import numpy.typing as npt

from tuimove.errors import DataError
from tuimove.followed_file import open_regular
from tuimove.recorded import shown_text
from tuimove.sinks import Weights

FILE_NAME = re.compile(r"first|last|epoch-[0-9]{6,12}")
MOST_BYTES = 1 << 28
"""Of all a network's weights: more aren't read to be looked at."""
HEADER_BYTES = 4096
"""The most that an archive may need beside each array."""
MOST_FILES = 10_000
"""Of a folder: more are not looked at."""


@dataclass(frozen=True)
class NetworkShape:
    """What a network's weights must look like."""

    inputs: int
    hidden: int
    classes: int

    def of_arrays(self) -> dict[str, tuple[int, ...]]:
        """Return the shape of each matrix."""
        return {"W1": (self.hidden, self.inputs), "b1": (self.hidden,), "W2": (self.classes, self.hidden),
                "b2": (self.classes,)}  # fmt: skip


def find_weights(folder: Path) -> dict[str, Path]:
    """Return the files of weights in a folder by name, without `.npz`, none of them opened."""
    found = {}
    with os.scandir(folder) as entries:
        for _, entry in zip(range(MOST_FILES), entries, strict=False):
            name, dot, kind = entry.name.partition(".")
            if dot and kind == "npz" and FILE_NAME.fullmatch(name):
                found[name] = Path(entry.path)
    return found


def nearest_weights(found: dict[str, Path], epoch: float, last_epoch: int) -> tuple[Path, int, int] | None:
    """Return the file of the weights nearest to an epoch, with its inode and time of change; None when there is none.

    `last_epoch` is the one that `last` is of.
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
    """Return the epoch of kept weights and the weights, as float32.

    Raises
    ------
    DataError
        When the file is a link or no archive, is damaged, or holds arrays of other names, types or shapes.
    """
    shapes = {**shape.of_arrays(), "epoch": ()}
    expected = sum(4 * math.prod(one) for one in shapes.values())
    if expected > MOST_BYTES:
        raise DataError(f"{path}: weights of {expected:,} bytes are too many to look at")
    with open_regular(path) as stream:
        size = os.fstat(stream.fileno()).st_size
        if size > 2 * expected + HEADER_BYTES * len(shapes):
            raise DataError(f"{path}: {size:,} bytes, where the run's weights are {expected:,}")
        try:
            arrays = _read_arrays(stream, shapes)
        except Exception as error:  # a damaged archive trips its parser in any way there is
            raise DataError(f"{path}: {shown_text(str(error)) or type(error).__name__}") from None
    epoch = int(arrays.pop("epoch"))
    return max(epoch, 0), arrays


def _read_arrays(stream: IO[bytes], shapes: dict[str, tuple[int, ...]]) -> dict[str, npt.NDArray[np.float32]]:
    with zipfile.ZipFile(stream) as archive:
        names = {member.filename for member in archive.infolist()}
        if missing := {f"{name}.npy" for name in shapes} - names:
            raise ValueError(f"holds no {min(missing)}")
        return {name: _read_array(archive, name, shape) for name, shape in shapes.items()}


def _read_array(archive: zipfile.ZipFile, name: str, shape: tuple[int, ...]) -> npt.NDArray[np.float32]:
    """Return one array after a look at its header, which says what it holds; its bytes are taken as they are."""
    with archive.open(f"{name}.npy") as member:
        if np.lib.format.read_magic(member) != (1, 0):
            raise ValueError(f"{name}: a form of array that tuimove doesn't write")
        found, is_fortran, kind = np.lib.format.read_array_header_1_0(member)
        if found != shape or kind.hasobject or kind.itemsize > 8 or kind.kind not in "fiu":
            raise ValueError(f"{name}: {kind} of shape {found}, expected {shape}")
        content = member.read(kind.itemsize * math.prod(shape))
        if member.read(1):
            raise ValueError(f"{name}: longer than its header says")
    array = np.frombuffer(content, kind).reshape(shape, order="F" if is_fortran else "C")
    return array.astype(np.int64 if name == "epoch" else np.float32)
