"""The panels of a run: which there are, what they are called, and which of them a window shows."""

from __future__ import annotations

from typing import Literal

from tuimove.screen.one_run.state import RunState
from tuimove.screen.polled_screen import Layout

RunPanel = Literal["chart", "histogram", "map", "images", "matrices", "findings"]

TITLES: dict[RunPanel, str] = {
    "chart": "1 chart", "histogram": "2 histogram", "map": "3 movement map", "images": "4 images",
    "matrices": "3 matrices", "findings": "5 findings",
}  # fmt: skip
PICTURES: tuple[RunPanel, ...] = ("map", "images")
"""Panels of which a large window shows one at a time."""
LIST_SHARE = 0.36
"""Largest share of the window's height that the list of matrices takes beside other panels."""


def panels_of(state: RunState) -> tuple[RunPanel, ...]:
    """Return the panels for which a run has anything: pictures of our own networks, a list of other matrices."""
    pictures = PICTURES if state.is_own else ()
    listed: tuple[RunPanel, ...] = ("matrices",) if state.has_list else ()
    return ("chart", "histogram", *pictures, *listed, "findings")


def shown_panels(layout: Layout, there: tuple[RunPanel, ...], chosen: RunPanel, picture: RunPanel) -> set[RunPanel]:
    """Return the panels that a window shows."""
    if layout == "large":
        return {panel for panel in there if panel not in PICTURES or panel == picture}
    return {"findings"} if layout == "tiny" and chosen == "chart" else {chosen}


def list_rows(matrices: int, height: int) -> int:
    """Return the rows of the list of matrices in a large window, with its border and heading."""
    return max(4, min(matrices + 2, round(height * LIST_SHARE)))
