"""Writes a folder of several files completely or not at all."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def whole_folder(out: Path) -> Iterator[Path]:
    """Provide an empty folder to write files into; they become those of `out` if no error is raised.

    Parameters
    ----------
    out
        A new folder, which appears with all files at once; in an existing one, files of the same names are replaced.

    Raises
    ------
    OSError
        When a folder can't be made or renamed; nothing new is left then.
    """
    was_there = out.exists()
    made = _make_parents(out)
    part = (out if was_there else out.parent) / f".{out.name[:50]}-{secrets.token_hex(4)}"
    try:
        part.mkdir()
        yield part
        if was_there:
            for path in part.iterdir():
                path.replace(out / path.name)
        else:
            part.rename(out)
            made.clear()
    finally:
        shutil.rmtree(part, ignore_errors=True)
        for folder in made:
            with suppress(OSError):
                folder.rmdir()


def _make_parents(out: Path) -> list[Path]:
    """Create the missing parents of a folder, and return them, the innermost first."""
    missing = [folder for folder in out.parents if not os.path.lexists(folder)]
    out.parent.mkdir(parents=True, exist_ok=True)
    return missing
