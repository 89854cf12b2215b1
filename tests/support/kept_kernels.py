"""A cache of kernels in which some are missing, so that a test compiles few of them."""

from __future__ import annotations

import os
import shutil
from collections.abc import Container
from pathlib import Path

from tuimove.kernels.compilation import CACHE, compile_kernels

import tuimove.runs.session  # noqa: F401 - imports every kernel that a run needs


def cache_without(missing: Container[str], folder: Path) -> dict[str, str]:
    """Copy the kernels of this process but for those missing, and return an environment in which they are used."""
    compile_kernels()
    shutil.copytree(CACHE.folder, folder / CACHE.folder.name)
    for kernel in (folder / CACHE.folder.name).glob("*.kernel"):
        if kernel.stem in missing:
            kernel.unlink()
    return {**os.environ, "NUMBA_CACHE_DIR": str(folder)}
