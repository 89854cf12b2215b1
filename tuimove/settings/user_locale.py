"""The character encoding of the user's own locale variables, before Python changes them.

In the C locale Python sets `LC_CTYPE` to `C.UTF-8` for itself and its children (PEP 538) and writes UTF-8 (PEP 540),
which a terminal of that locale can't show.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

VARIABLES = ("LC_ALL", "LC_CTYPE", "LANG")
"""Locale variables in order of precedence; the first non-empty one decides."""
COERCED = ("C.UTF-8", "C.utf8", "UTF-8")
"""Values that Python sets `LC_CTYPE` to."""
BEGINNING = Path("/proc/self/environ")
"""File with the environment that the process was started with, on systems that have it."""


def asks_for_utf8() -> bool:
    """Return whether the user's variables ask for UTF-8; without any of them the locale is C, which doesn't."""
    return is_utf8(own_variables())


def is_utf8(variables: Mapping[str, str]) -> bool:
    """Return whether the encoding of the variables' locale is UTF-8, in any spelling."""
    named = next((variables[name] for name in VARIABLES if variables.get(name)), "")
    return "utf8" in named.partition("@")[0].lower().replace("-", "")


def own_variables() -> dict[str, str]:
    """Return the locale variables, without an `LC_CTYPE` that Python has set."""
    variables = {name: os.environ[name] for name in VARIABLES if name in os.environ}
    if _is_coerced(variables):
        del variables["LC_CTYPE"]
    return variables


def restore_variables() -> None:
    """Remove `LC_CTYPE` from the environment where Python has set it, so that children get the user's own."""
    if _is_coerced({name: os.environ[name] for name in VARIABLES if name in os.environ}):
        del os.environ["LC_CTYPE"]


def _is_coerced(variables: Mapping[str, str]) -> bool:
    """Return whether Python may have set `LC_CTYPE`: no other variable names a locale except C."""
    if variables.get("LC_CTYPE") not in COERCED or variables.get("LC_ALL"):
        return False
    if (began := _first_variables()) is not None:
        return began.get("LC_CTYPE") != variables["LC_CTYPE"]
    return not is_utf8({"LANG": variables.get("LANG", "")}) and os.environ.get("PYTHONCOERCECLOCALE") != "0"


def _first_variables() -> dict[str, str] | None:
    """Return the environment that the process was started with; None where the system doesn't have it."""
    if not sys.platform.startswith("linux"):
        return None
    try:
        pairs = [pair.partition(b"=") for pair in BEGINNING.read_bytes().split(b"\0")]
    except OSError:
        return None
    return {name.decode(errors="replace"): value.decode(errors="replace") for name, _, value in pairs}
