"""Textual's compositor without the work that is wasted on a frame that waits: it says which rows have changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from rich.console import RenderableType
from textual._compositor import Compositor
from textual.screen import Screen


@dataclass(frozen=True)
class ChangedRows:
    """Stands for an update of a screen."""

    rows: frozenset[int] | None
    """Rows that may have changed; None for all of them."""


class MarkingCompositor(Compositor):
    """Returns the rows of an update instead of the update, which is drawn when the line is free."""

    def render_update(
        self, full: bool = False, screen_stack: list[Screen[Any]] | None = None, simplify: bool = False
    ) -> RenderableType | None:
        """Return which rows have changed, if any; a full update is asked for by screenshots alone, and drawn."""
        regions, whole = self._dirty_regions.copy(), self.size.region
        if full:
            update = super().render_update(full, screen_stack, simplify)
            self._dirty_regions |= regions
            return update
        self._dirty_regions.clear()
        if not regions:
            return None
        rows = None if whole in regions else frozenset(y for region in regions for y in region.line_range)
        return ChangedRows(rows)  # type: ignore[return-value]
