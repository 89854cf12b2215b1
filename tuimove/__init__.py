"""Watch how far a classifier's weights move while it trains, and be told when that looks wrong."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from tuimove.settings.version import __version__

if TYPE_CHECKING:
    from tuimove.runs.loops.recorder import Recorder as Recorder


__all__ = ["Recorder", "__version__"]
PUBLIC = {"Recorder": "tuimove.runs.loops.recorder"}
"""What a program imports from here, and the module that it lies in."""


def __getattr__(name: str) -> Any:
    """Import a public name when it is first asked for: `import tuimove` itself imports nothing."""
    if name in PUBLIC:
        return getattr(import_module(PUBLIC[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
