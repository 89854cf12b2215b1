"""A dialogue that leaves what is under it to be seen, at little cost.

Textual dims the screen under a dialogue, which takes a whole screen of bytes to open and to close it; and it gives that
screen's cells new styles one by one in each frame, which took half of a frame's time.
"""

from __future__ import annotations

from textual.geometry import Region
from textual.screen import ModalScreen, Screen, ScreenResultType
from textual.strip import Strip


class SeeThrough(ModalScreen[ScreenResultType]):
    """Base of all dialogues: its background is the screen under it, as it is."""

    DEFAULT_CSS = """
    SeeThrough { background: transparent; }
    """

    def render_lines(self, crop: Region) -> list[Strip]:
        """Return the lines of the screen under this one, without what a click there would do."""
        if (under := self._under()) is None:
            return super().render_lines(crop)
        strips = [strip.discard_meta() for strip in under._compositor.render_strips()][crop.y : crop.bottom]
        strips += [Strip([])] * (crop.height - len(strips))
        return [strip.crop_extend(crop.x, crop.right, self.rich_style) for strip in strips]

    def _under(self) -> Screen[object] | None:
        screens = self.app.screen_stack
        return screens[screens.index(self) - 1] if self in screens[1:] else None
