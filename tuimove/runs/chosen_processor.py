"""Checks the processor that `NUMBA_CPU_NAME` and `NUMBA_CPU_FEATURES` choose, before anything is compiled for it.

LLVM ends the process over a malformed feature, passes over what it doesn't know, and compiles for more than this
processor has. So features are compared with those of this processor, and LLVM's word is asked for in a process of its
own. Nothing is imported or started where neither variable is set.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping
from importlib import import_module

from tuimove.errors import TuimoveError, harmless, nearest_of
from tuimove.runs.child_process import start_module
from tuimove.settings.environment import CPU_FEATURES, CPU_NAME, chooses_processor

FEATURE = re.compile(r"[+-][A-Za-z0-9_.-]+")
UNKNOWN = re.compile(r"^('.*' is not a recognized \w+)", re.MULTILINE)
"""What LLVM says about a processor or a feature that it doesn't know."""
MOST_SHOWN = 200
"""Characters of a value in a message."""


def require_usable_processor() -> None:
    """Check the variables, where one is set, and leave out what this processor lacks of what a name stands for.

    Raises
    ------
    TuimoveError
        When a feature is malformed or not this processor's, or LLVM can't compile for what they choose.
    """
    if not chooses_processor():
        return
    features = os.environ.get(CPU_FEATURES)
    if features is not None:
        _require_features(features, _own_features())
    _require_compilation()
    if features is not None:
        os.environ[CPU_FEATURES] = _restricted(features, _own_features())


def _own_features() -> Mapping[str, bool]:
    """Return for each feature that LLVM can detect whether this processor has it; empty where it can detect none."""
    try:
        own: Mapping[str, bool] = import_module("llvmlite.binding").get_host_cpu_features()
    except RuntimeError:
        return {}
    return own


def _require_features(features: str, own: Mapping[str, bool]) -> None:
    """Raise a TuimoveError where an item is no feature, or one that this processor lacks."""
    for item in filter(None, features.split(",")):
        name = item[1:]
        if not item.startswith(("+", "-")):
            raise _mistake(CPU_FEATURES, f"{item[:MOST_SHOWN]!r} begins with neither + nor -")
        if not FEATURE.fullmatch(item):
            raise _mistake(CPU_FEATURES, f"{item[:MOST_SHOWN]!r} isn't a feature, such as +avx2")
        if item.startswith("+") and not own.get(name, False):
            near = "" if name in own else nearest_of(name, (one for one, has in own.items() if has))
            raise _mistake(CPU_FEATURES, f"this processor has no {name[:MOST_SHOWN]!r}{near}")


def _require_compilation() -> None:
    """Raise a TuimoveError where LLVM can't compile for what the variables choose, or passes over a part of it."""
    process = start_module("tuimove.runs.processor_probe", stderr=subprocess.PIPE)
    said = process.communicate()[1].decode(errors="replace")
    unknown = UNKNOWN.search(said)
    if unknown:
        name = CPU_NAME if unknown[1].endswith("processor") else CPU_FEATURES
        raise _mistake(name, unknown[1][:MOST_SHOWN])
    if process.returncode or said:
        chosen = next(name for name in (CPU_NAME, CPU_FEATURES) if os.environ.get(name) is not None)
        raise _mistake(chosen, "LLVM can't compile for that")


def _restricted(features: str, own: Mapping[str, bool]) -> str:
    """Return the features with those before them, taken away, that this processor lacks: a name may stand for them."""
    given = [item for item in features.split(",") if item]
    lacked = [f"-{name}" for name, has in sorted(own.items()) if not has]
    return ",".join([*(item for item in lacked if item not in given), *given])


def _mistake(variable: str, words: str) -> TuimoveError:
    value = os.environ.get(variable, "")
    return TuimoveError(harmless(f"{variable}={value[:MOST_SHOWN]!r}: {words}"))
