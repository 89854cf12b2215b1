"""Which entries of a list are charted: marked ones, and others spread over the rest."""

from __future__ import annotations

from collections.abc import Sequence

MOST_CHARTED = 4
"""Most entries in colour: the number of colours."""


def toggle_mark(marked: Sequence[int], place: int) -> list[int]:
    """Return the marks with one toggled; a new one replaces the oldest where there would be too many."""
    if place in marked:
        return [one for one in marked if one != place]
    return [*marked, place][-MOST_CHARTED:]


def spread_places(places: Sequence[int], most: int) -> Sequence[int]:
    """Return at most `most` of the indices, evenly spread."""
    step = -(-len(places) // most)
    return places[::step] if step > 1 else places
