"""The character encoding that the user's own variables ask for, not what Python has made of them.

In the C locale Python sets `LC_CTYPE` to `C.UTF-8` for itself and its children (PEP 538) and writes UTF-8 (PEP 540),
which a terminal of that locale can't show.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

VARIABLES = ("LC_ALL", "LC_CTYPE", "LANG")
"""The first that isn't empty decides."""
COERCED = ("C.UTF-8", "C.utf8", "UTF-8")
"""What Python sets `LC_CTYPE` to."""
BEGINNING = Path("/proc/self/environ")
"""The environment that the process was started with, where the system keeps that."""


def asks_for_utf8() -> bool:
    """Return whether the user's variables ask for UTF-8; without any of them the locale is C, which doesn't."""
    return is_utf8(own_variables())


def is_utf8(variables: Mapping[str, str]) -> bool:
    """Return whether the locale that variables name has UTF-8 for its encoding, however that is spelled."""
    named = next((variables[name] for name in VARIABLES if variables.get(name)), "")
    return "utf8" in named.partition("@")[0].lower().replace("-", "")


def own_variables() -> dict[str, str]:
    """Return the variables that say which locale there is, without an `LC_CTYPE` that Python has set by itself."""
    variables = {name: os.environ[name] for name in VARIABLES if name in os.environ}
    if _is_coerced(variables):
        del variables["LC_CTYPE"]
    return variables


def restore_variables() -> None:
    """Take `LC_CTYPE` back out of the environment where Python has set it, so that children get the user's own."""
    if _is_coerced({name: os.environ[name] for name in VARIABLES if name in os.environ}):
        del os.environ["LC_CTYPE"]


def _is_coerced(variables: Mapping[str, str]) -> bool:
    """Return whether Python has set `LC_CTYPE`: it may have where nothing else names a locale other than C."""
    if variables.get("LC_CTYPE") not in COERCED or variables.get("LC_ALL"):
        return False
    if (began := _first_variables()) is not None:
        return began.get("LC_CTYPE") != variables["LC_CTYPE"]
    return not is_utf8({"LANG": variables.get("LANG", "")}) and os.environ.get("PYTHONCOERCECLOCALE") != "0"


def _first_variables() -> dict[str, str] | None:
    """Return the variables that the process was started with; None where the system doesn't tell."""
    if not sys.platform.startswith("linux"):
        return None
    try:
        pairs = [pair.partition(b"=") for pair in BEGINNING.read_bytes().split(b"\0")]
    except OSError:
        return None
    return {name.decode(errors="replace"): value.decode(errors="replace") for name, _, value in pairs}
