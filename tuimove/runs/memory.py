"""Tells whether a network fits into memory; imports no kernels, so that a form can ask before anything is loaded."""

from __future__ import annotations

import psutil

from tuimove.errors import PresetError
from tuimove.settings.preset import Preset
from tuimove.training.network import SLICES, padded

COPIES = 1 + 3 + SLICES
"""The parameters; copies of the first, previous and current weights; each slice's gradients."""
PARAMETER_BYTES = 4
"""Bytes of a float32."""
GIB = 2**30
MOST_TOLD = 10**6 * GIB
"""Bytes from which on it doesn't matter how many."""


def require_memory(preset: Preset, inputs: int, classes: int) -> None:
    """Raise a PresetError when the free memory is too small for the network."""
    needed, available = needed_bytes(preset.network.hidden, inputs, classes), psutil.virtual_memory().available
    if needed > available:
        words = (
            f"network.hidden = {preset.network.hidden}: needs {_amount(needed)} of memory, "
            f"and {available / GIB:.1f} GiB are free"
        )
        raise PresetError(words, {"network.hidden": words})


def needed_bytes(hidden: int, inputs: int, classes: int) -> int:
    """Return the bytes that training takes for the parameters and their copies."""
    width, outputs = padded(hidden), padded(classes)
    return (width * (inputs + outputs + 1) + outputs) * COPIES * PARAMETER_BYTES


def _amount(needed: int) -> str:
    return f"about {needed / GIB:,.1f} GiB" if needed < MOST_TOLD else f"over {MOST_TOLD // GIB:,} GiB"
