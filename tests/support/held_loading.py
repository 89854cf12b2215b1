"""tuimove whose runs stand still before they load anything: `python tests/held_loading.py FOLDER ARGUMENT ...`.

A process that has come so far makes the file `held` in the folder, and goes on once there is a file `free`.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any


def hold_loading(folder: Path) -> None:
    """Have this process wait before it loads data and kernels."""
    from tuimove.runs import loading

    load = loading.load_while_compiling

    def load_when_free(*arguments: Any) -> Any:
        (folder / "held").touch()
        while not (folder / "free").exists():
            time.sleep(0.01)
        return load(*arguments)

    vars(loading)["load_while_compiling"] = load_when_free


def main() -> int:
    """Run the program with what follows the folder on the command line."""
    from tuimove.command_line.main import main as tuimove

    hold_loading(Path(sys.argv[1]))
    return tuimove(sys.argv[2:])


if __name__ == "__main__":
    sys.exit(main())
