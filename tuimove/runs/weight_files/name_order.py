"""The order of names: numbers in them count as numbers, and layers come in the order that a network has them in."""

from __future__ import annotations

import re

DIGITS = re.compile(r"(\d+)")
HEADS = ("head", "classifier", "score", "output")
"""In the first part of a name: a network's last layer, whatever letter it begins with."""
WEIGHTS = ("weight", "kernel")

NaturalKey = tuple[tuple[int, int, str], ...]


def natural_key(name: str) -> NaturalKey:
    """Return a key by which `layer2` comes before `layer10`."""
    parts = DIGITS.split(name)
    return tuple((0, int(part), "") if part.isdecimal() and len(part) < 19 else (1, 0, part) for part in parts if part)


def layer_key(name: str) -> tuple[bool, NaturalKey, bool, NaturalKey]:
    """Return a key for names whose order a file has lost: heads last, a layer's bias after its weights."""
    layer, _, last = name.rpartition(".")
    is_head = any(word in layer.partition(".")[0] for word in HEADS)
    return is_head, natural_key(layer), not last.startswith(WEIGHTS), natural_key(last)
