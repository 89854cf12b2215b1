"""Imports matplotlib without its settings: it looks for them in the working folder first, which may be anybody's."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

SETTINGS = "matplotlibrc"
"""The file of matplotlib's settings in the working folder, where no variable can keep matplotlib from reading it."""
ELSEWHERE = "MATPLOTLIBRC"
"""The variable that says where else it is; matplotlib looks no further."""
CACHE = "MPLCONFIGDIR"
"""The variable that says where matplotlib's cache is; it sets that itself where there can be none."""


@contextmanager
def unconfigured() -> Iterator[None]:
    """Have matplotlib find no settings while it is imported, and log no warnings, such as on its cache."""
    exists, log = os.path.exists, logging.getLogger("matplotlib")
    variables, level = {name: os.environ.get(name) for name in (ELSEWHERE, CACHE)}, log.level

    def exists_elsewhere(path: Any) -> bool:
        return path != SETTINGS and exists(path)

    os.environ[ELSEWHERE] = os.devnull
    os.path.exists = exists_elsewhere
    log.setLevel(logging.ERROR)
    try:
        yield
    finally:
        log.setLevel(level)
        os.path.exists = exists
        for name, value in variables.items():
            _set_back(name, value)


def _set_back(name: str, value: str | None) -> None:
    if value is None:
        os.environ.pop(name, None)
    else:
        os.environ[name] = value
