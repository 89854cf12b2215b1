"""Callbacks that record a training of Lightning, Keras or Hugging Face's Trainer.

Each is imported, and its framework with it, when it is first asked for.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from tuimove.runs.loops.keras_callback import Keras
    from tuimove.runs.loops.lightning_callback import Lightning
    from tuimove.runs.loops.transformers_callback import Transformers

__all__ = ["Keras", "Lightning", "Transformers"]
PACKAGES = {
    "Keras": ("keras",),
    "Lightning": ("lightning", "pytorch_lightning"),
    "Transformers": ("transformers",),
}
"""What each callback imports, the package to install first."""


def __getattr__(name: str) -> "Any":
    """Import a callback when it is first asked for."""
    if name not in PACKAGES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    try:
        return getattr(import_module(f"tuimove.runs.loops.{name.lower()}_callback"), name)
    except ModuleNotFoundError as error:
        if str(error.name).partition(".")[0] not in PACKAGES[name]:
            raise
        raise ImportError(f"tuimove.callbacks.{name} needs the package {PACKAGES[name][0]}") from error
