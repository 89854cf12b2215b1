"""Watch how far a classifier's weights move while it trains, and be told when that looks wrong."""

__version__ = "0.2.0"


def __getattr__(name: str) -> object:
    """Import the recorder when it is first asked for: `import tuimove` itself imports nothing."""
    if name == "Recorder":
        from tuimove.runs.loops.recorder import Recorder

        return Recorder
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
