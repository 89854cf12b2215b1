"""Shortens the long names of parameters so that what tells them apart stays: the end, and not the beginning."""

from __future__ import annotations

from tuimove.screen.drawing.raster import Glyphs

USUAL_ENDS = {"weight": "w", "bias": "b", "kernel": "k", "gamma": "g", "beta": "b"}
"""What the last part of a name is shortened to, where room is short."""
SEPARATORS = "./"


def cut_sign(glyphs: Glyphs) -> str:
    """Return the character that stands for what was cut off."""
    return "~" if glyphs == "ascii" else "…"


def clipped(text: str, width: int, glyphs: Glyphs) -> str:
    """Return a text without the end that a width has no room for."""
    return text if len(text) <= width else text[: max(0, width - 1)] + cut_sign(glyphs)


def short_name(name: str, room: int, glyphs: Glyphs = "braille") -> str:
    """Return a parameter's name in at most `room` columns.

    First the usual last word becomes a letter, then whole parts are cut off at the beginning, then characters.
    """
    if len(name) <= room:
        return name
    ended = _with_short_end(name)
    if len(ended) <= room:
        return ended
    sign = cut_sign(glyphs)
    tails = (ended[place + 1 :] for place, character in enumerate(ended) if character in SEPARATORS)
    tail = next((tail for tail in tails if len(tail) < room), "")
    if len(tail) < room / 2:
        tail = ended[len(ended) - max(room - 1, 0) :]
    return (sign + tail)[: max(room, 0)]


def _with_short_end(name: str) -> str:
    start = max(map(name.rfind, SEPARATORS)) + 1
    return name[:start] + USUAL_ENDS.get(name[start:], name[start:]) if start else name
