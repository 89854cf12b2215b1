"""Counts the bytes that this process reads of a file, as long as it opens it as the program opens every run's files."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import Any

import pytest


def counted_reads(path: Path, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return a list that gets the bytes of each read of a file from now on."""
    read: list[int] = []

    class Counting(io.FileIO):
        """A file that says how much is read of it."""

        def _note(self, count: int) -> None:
            if path.exists() and os.path.samestat(os.fstat(self.fileno()), path.stat()):
                read.append(count)

        def readinto(self, buffer: Any) -> int:
            count = super().readinto(buffer) or 0
            self._note(count)
            return count

        def read(self, size: int | None = -1, /) -> bytes:
            content = super().read(-1 if size is None else size) or b""
            self._note(len(content))
            return content

        def readall(self) -> bytes:
            content = super().readall() or b""
            self._note(len(content))
            return content

    monkeypatch.setattr(io, "FileIO", Counting)
    return read
