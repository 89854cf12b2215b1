"""Packages that some formats need, imported when a file asks for them."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

from tuimove.errors import DataError
from tuimove.settings.files import shown_path


def needed_package(name: str, path: Path) -> Any:
    """Return a package that a file can't be read without; raises a DataError where it isn't installed."""
    try:
        return importlib.import_module(name)
    except ImportError:
        words = f"reading it needs the package {name}, which isn't installed: pip install {name}"
        raise DataError(f"{shown_path(path)}: {words}") from None
