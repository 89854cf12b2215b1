"""The name of a data set: the bundled one, or a folder's absolute path."""

from __future__ import annotations

from pathlib import Path

from tuimove.settings.files import absolute_path

BUNDLED = "mnist"
"""The data set that comes with tuimove; any other name is a folder's."""


def placed_name(name: str, base: Path | None = None) -> str:
    """Return a data set's name as it holds everywhere: `mnist`, or a folder's absolute path.

    A relative one counts from `base`, or from the working folder.
    """
    return name if name == BUNDLED else str(absolute_path(name, base))
