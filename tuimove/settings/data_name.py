"""The name of a data set: the bundled one, or the absolute path of a folder."""

from __future__ import annotations

from pathlib import Path

from tuimove.settings.files import absolute_path

BUNDLED = "mnist"
"""Data set that comes with tuimove; any other name is a folder's."""


def placed_name(name: str, base: Path | None = None) -> str:
    """Return a data set's name independent of the working folder: `mnist`, or a folder's absolute path.

    A relative one counts from `base`, or from the working folder.
    """
    return name if name == BUNDLED else str(absolute_path(name, base))
