"""The panels of a run: which there are, what they are called, and which of them a window shows."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass
from typing import Literal

from tuimove.screen.one_run.state import RunState
from tuimove.screen.polled_screen import Layout

RunPanel = Literal["chart", "histogram", "map", "images", "matrices", "findings"]

TITLES: dict[RunPanel, tuple[int, str]] = {
    "chart": (1, "chart"), "histogram": (2, "histogram"), "map": (3, "movement map"), "images": (4, "images"),
    "matrices": (3, "matrices"), "findings": (5, "findings"),
}  # fmt: skip
"""The key and the name of each panel."""
PICTURES: tuple[RunPanel, ...] = ("map", "images")
"""Panels of which a large window shows one at a time."""
SIDE: tuple[RunPanel, ...] = ("histogram", *PICTURES)
"""Panels beside the chart in a large window."""
LEAST_FOR_PICTURES = 25
"""Least rows beside the chart for a histogram and a picture below it; with fewer, the one chosen last is alone."""
PICTURE_ROWS = 17
"""Rows of a picture below a histogram: 28 pixels of an image are 14."""
OTHER_ROWS = 6
"""Rows of header, cards and footer."""
FINDINGS_ROWS, TALL_FINDINGS_ROWS, TALL = 7, 10, 48
"""Rows of the findings in a large window, in a tall one, and the least rows of that."""
LIST_SHARE = 0.36
"""Largest share of the window's height that the list of matrices takes beside other panels."""


def panels_of(state: RunState) -> tuple[RunPanel, ...]:
    """Return the panels for which a run has anything: pictures of our own networks, a list of other matrices."""
    pictures = PICTURES if state.is_own else ()
    listed: tuple[RunPanel, ...] = ("matrices",) if state.has_list else ()
    return ("chart", "histogram", *pictures, *listed, "findings")


@dataclass(frozen=True)
class Arrangement:
    """What a window shows."""

    panels: Set[RunPanel]
    rows: dict[RunPanel, int]
    """Rows of panels that don't take what is left."""
    has_cards: bool


def arrange(
    layout: Layout, there: tuple[RunPanel, ...], matrices: int, recent: tuple[RunPanel, ...], height: int
) -> Arrangement:
    """Arrange the panels that a run has, with so many matrices.

    `recent` begins with the present panel; after it come those that were asked for, the last one first.
    """
    if layout == "large":
        rows: dict[RunPanel, int] = {"findings": TALL_FINDINGS_ROWS if height >= TALL else FINDINGS_ROWS}
        rows |= {"matrices": list_rows(matrices, height)} if "matrices" in there else {}
        side = _side_panels(there, recent, height - OTHER_ROWS - sum(rows.values()))
        if len(side) > 1:
            rows |= dict.fromkeys(PICTURES, PICTURE_ROWS)
        return Arrangement({panel for panel in there if panel not in SIDE or panel in side}, rows, has_cards=True)
    is_unasked = recent == ("chart",)
    shown: RunPanel = "findings" if layout == "tiny" and is_unasked else recent[0]
    return Arrangement({shown}, {}, has_cards=layout != "tiny" or shown == "findings")


def _side_panels(there: tuple[RunPanel, ...], recent: tuple[RunPanel, ...], rows: int) -> Set[RunPanel]:
    """Return the panels beside the chart: the histogram and a picture, or one of them where there are few rows."""
    side = [panel for panel in dict.fromkeys((*recent, *SIDE)) if panel in there and panel in SIDE]
    if rows < LEAST_FOR_PICTURES:
        return set(side[:1])
    return {"histogram", *[panel for panel in side if panel in PICTURES][:1]}


def list_rows(matrices: int, height: int) -> int:
    """Return the rows of the list of matrices in a large window, with its border and heading."""
    return max(4, min(matrices + 2, round(height * LIST_SHARE)))
