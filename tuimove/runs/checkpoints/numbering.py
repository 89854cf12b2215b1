"""The step that a checkpoint's name tells, such as 1200 in `epoch=3-step=1200.ckpt`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

NUMBER = r"[=_.-]?(\d{1,15})(?!\d)"
PATTERNS = (
    re.compile(rf"(?:step|iter|iteration|checkpoint|ckpt)s?{NUMBER}", re.IGNORECASE),
    re.compile(rf"epochs?{NUMBER}", re.IGNORECASE),
    re.compile(r"(?<!\d)(\d{1,15})$"),
    re.compile(r"^(\d{1,15})(?!\d)"),
)
"""Where a step stands in a name, the surest first: after a word for it, after `epoch`, at the end, at the beginning."""
ENDINGS = re.compile(r"(?:\.weights)?\.(?:npz|safetensors|h5|hdf5|pt|pth|ckpt|bin)$", re.IGNORECASE)

Pattern = re.Pattern[str]


def step_in(name: str, pattern: Pattern) -> int | None:
    """Return the step in a file's name, None where the pattern finds none."""
    found = pattern.search(ENDINGS.sub("", name))
    return int(found[1]) if found else None


def common_pattern(names: Iterable[str]) -> Pattern | None:
    """Return the surest pattern that finds a step in any of the names, None where none does."""
    listed = list(names)
    return next((one for one in PATTERNS if any(step_in(name, one) is not None for name in listed)), None)


def telling_names(paths: list[Path]) -> list[str]:
    """Return the part of each path in which its step may be: its name, or its folder's where all names are the same."""
    names = [path.name for path in paths]
    if len(paths) > 1 and len(set(names)) == 1:
        return [path.absolute().parent.name for path in paths]
    return names
