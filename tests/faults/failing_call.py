"""tuimove with one system call that fails from its nth time on, as on a full disk: `... CALL N ARGUMENT ...`.

`CALL` is `write` (of records, not to standard streams), `fsync` or `rename`. Where a small disk can't be made to run
full at that very point, this stands in for it.
"""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tuimove.command_line.main import main

CALLS = {"write": (os, "write"), "fsync": (os, "fsync"), "rename": (Path, "replace")}


def fail_from(real: Callable[..., Any], number: int) -> Callable[..., Any]:
    """Return a call that works until its nth time; those to standard streams always work."""
    times = 0

    def call(*arguments: Any) -> Any:
        nonlocal times
        times += arguments[0] not in (1, 2)
        if times >= number and arguments[0] not in (1, 2):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return real(*arguments)

    return call


if __name__ == "__main__":
    place, name = CALLS[sys.argv[1]]
    setattr(place, name, fail_from(getattr(place, name), int(sys.argv[2])))
    sys.exit(main(sys.argv[3:]))
