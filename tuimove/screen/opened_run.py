"""One run opened among many: the ordinary dashboard over its records, with a way back to the others."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from textual.binding import Binding, BindingType

from tuimove.screen.dashboard import Dashboard
from tuimove.screen.raster import Glyphs
from tuimove.screen.recorded_source import RecordedRun


class OpenedRun(Dashboard, inherit_bindings=False):
    """Lies above the screen of many runs, which goes on underneath."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "go_back", "back to all runs", key_display="esc"),
        *Dashboard.BINDINGS,
    ]

    def __init__(self, place: Path, data: Path | None, glyphs: Glyphs, fps: float | None) -> None:
        """Look at a run folder or file; raises a DataError when there are no records in it."""
        self._recorded = RecordedRun(place, data=data)
        super().__init__(self._recorded, glyphs, fps)

    def action_go_back(self) -> None:
        """Close the run; a key of a panel that has use for it comes first."""
        self.app.pop_screen()

    def on_unmount(self) -> None:
        """Read no further."""
        self._recorded.close()
