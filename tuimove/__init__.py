"""Watch how far a classifier's weights move while it trains, and be told when that looks wrong.

Nothing else is imported here: `python -m tuimove` does so before the working folder is off the path.
"""

from tuimove.settings.version import __version__

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from tuimove import callbacks
    from tuimove.runs.loops.recorder import Recorder

__all__ = ["Recorder", "__version__", "callbacks"]
PUBLIC = {"Recorder": "tuimove.runs.loops.recorder", "callbacks": "tuimove.callbacks"}
"""What a program imports from here, and the module that it lies in or is."""


def __getattr__(name: str) -> "Any":
    """Import a public name when it is first asked for."""
    if name not in PUBLIC:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    found = import_module(PUBLIC[name])
    return found if found.__name__ == f"tuimove.{name}" else getattr(found, name)
