"""A loop's weights at the start: kept in the run's folder, for a resumed run and to save memory, and read at each look.

`first.npz` holds the measured entries of each matrix, (entries,) of float32: all of it, or its sample.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import numpy as np

from tuimove.errors import DataError
from tuimove.recording.folder.array_files import UNFINISHED
from tuimove.recording.folder.run_folder import FIRST
from tuimove.runs.loops.parameter import Entries
from tuimove.runs.weight_files.npz_file import content_offset
from tuimove.settings.files import open_regular, reason_of, shown_path


class StartWeights:
    """Reads the starting entries of one matrix at a time; the file stays open, so it may be moved or removed."""

    def __init__(self, folder: Path, sizes: Mapping[str, int], *, is_verified: bool = False) -> None:
        """Open a folder's file of these matrices, with the number of entries of each.

        `is_verified` says that it is compared with its checksums, which reads all of it.

        Raises
        ------
        DataError
            When it can't be read, is damaged, or holds something else.
        """
        self._sizes = dict(sizes)
        self._file: IO[bytes] = open_regular(folder / FIRST)
        try:
            with zipfile.ZipFile(self._file) as archive:
                if is_verified and archive.testzip():
                    raise ValueError("a checksum differs")
                members = {name: archive.getinfo(f"{name}.npy") for name in sizes}
            self._offsets = {name: self._offset_of(member, sizes[name]) for name, member in members.items()}
        except Exception as error:  # parsing a damaged archive may raise anything
            self._file.close()
            words = reason_of(error) if isinstance(error, OSError) else "damaged, or of another model"
            raise DataError(f"{shown_path(folder / FIRST)}: {words}") from None

    def read(self, name: str) -> Entries:
        """Return a copy of a matrix's entries at the start, (1, entries); raises an OSError."""
        entries = np.empty((1, self._sizes[name]), np.float32)
        self._file.seek(self._offsets[name])
        if not _fill(self._file, memoryview(entries.data).cast("B")):
            raise OSError(f"{FIRST} has been truncated")
        return entries

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _offset_of(self, member: zipfile.ZipInfo, size: int) -> int:
        """Return where a matrix's numbers begin; raises a ValueError where it isn't as expected."""
        self._file.seek(content_offset(self._file.fileno(), member))
        np.lib.format.read_magic(self._file)
        shape, _, dtype = np.lib.format.read_array_header_1_0(self._file)
        if member.compress_type != zipfile.ZIP_STORED or shape != (size,) or dtype != np.float32:
            raise ValueError("not the expected entries")
        return self._file.tell()


def _fill(file: Any, buffer: memoryview) -> bool:
    """Read until a buffer is full; False where the file ends before."""
    while buffer:
        count = file.readinto(buffer)
        if not count:
            return False
        buffer = buffer[count:]
    return True


@contextmanager
def written_start(folder: Path) -> Iterator[zipfile.ZipFile]:
    """Yield the archive to `add_entries` to; it gets its name when it is whole.

    Raises
    ------
    OSError
        When it can't be written; nothing is left of it then.
    """
    unfinished = folder / f"{FIRST}{UNFINISHED}"
    try:
        with unfinished.open("xb") as stream, zipfile.ZipFile(stream, "w") as archive:
            yield archive
        unfinished.replace(folder / FIRST)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise


def add_entries(archive: zipfile.ZipFile, name: str, entries: Entries) -> None:
    """Write one matrix's entries, (1, entries)."""
    with archive.open(f"{name}.npy", "w", force_zip64=True) as member:
        np.lib.format.write_array(member, entries[0], version=(1, 0), allow_pickle=False)
