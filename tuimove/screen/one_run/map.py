"""The movement map: how far the weights of each input pixel have moved, or the weights of one neuron."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from rich.segment import Segment
from textual.binding import Binding, BindingType

from tuimove.screen.drawing.axes import format_number
from tuimove.screen.drawing.canvas import Canvas, wrapped_lines
from tuimove.screen.drawing.picture import PixelGrid, draw_picture
from tuimove.screen.drawing.raster import Glyphs
from tuimove.settings.matrix_role import OWN_ROLES, main_name

if TYPE_CHECKING:
    from tuimove.recording.checkpoint import Weights
    from tuimove.training.image_set import Digits

CAPTION_ROWS = 2
WEIGHTS = main_name(OWN_ROLES)
"""The matrix on the map; weights are stored of our own networks only."""


class MapPanel(Canvas):
    """Shows the first weights as pictures of the size of an image."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("right,l", "walk_neurons(1)", "walk through the neurons", key_display="→"),
        Binding("left,h", "walk_neurons(-1)", "walk through the neurons", show=False),
        Binding("0,home", "show_movement", "show the movement map", show=False),
    ]

    def __init__(self, glyphs: Glyphs, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._glyphs = glyphs
        self._neuron: int | None = None
        self._missing = ""
        self._shown: tuple[Digits, Weights, int, Weights] | None = None

    def show(self, digits: Digits, first: Weights, epoch: int, weights: Weights) -> None:
        """Show the weights of an epoch beside the starting ones."""
        if self._shown is None or self._shown[2] != epoch:
            self._shown = digits, first, epoch, weights
            self.redraw()

    def explain(self, missing: str) -> None:
        """Show why there is no map, unless there is one."""
        if missing != self._missing:
            self._missing = missing
            self.redraw()

    def action_walk_neurons(self, direction: int) -> None:
        """Show the next neuron's weights; the movement map comes before the first and after the last."""
        if self._shown:
            count = len(self._shown[1][WEIGHTS])
            place = (-1 if self._neuron is None else self._neuron) + direction
            self._neuron = place if 0 <= place < count else None if place in (-1, count) else count - 1
            self.redraw()

    def action_show_movement(self) -> None:
        """Show the movement map."""
        self._neuron = None
        self.redraw()

    def draw(self, width: int, height: int) -> Sequence[Sequence[Segment]]:
        """Return the picture and its caption."""
        if self._shown is None:
            return wrapped_lines(self._missing or "waits for the first weights", width)
        digits, first, epoch, weights = self._shown
        if self._neuron is None:
            picture = movement_picture(first[WEIGHTS], weights[WEIGHTS], digits.image_shape)
            caption = "RMS movement of each pixel's weights"
        else:
            picture = neuron_picture(weights[WEIGHTS][self._neuron], digits.image_shape)
            caption = f"weights of neuron {self._neuron + 1} of {len(weights[WEIGHTS])}"
        lines = draw_picture(picture, width, height - CAPTION_ROWS, self._glyphs, has_color=self.has_color)
        return [*lines, [Segment(caption)], [Segment(f"epoch {epoch}: {self._scale(picture)}")]]

    def _scale(self, picture: PixelGrid) -> str:
        low, high = format_number(picture.low), format_number(picture.high)
        if picture.ramp == "diverging" and self.has_color and self._glyphs != "ascii":
            return f"{low} blue, 0 dark, {high} red"
        return f"{low} dark to {high} bright"


def movement_picture(first: np.ndarray, now: np.ndarray, image_shape: tuple[int, int]) -> PixelGrid:
    """Return the root mean square movement of each pixel's weights; both arrays are (hidden, inputs)."""
    with np.errstate(all="ignore"):
        moved = np.sqrt(np.square(now.astype(np.float64) - first).mean(axis=0)).reshape(image_shape)
    known = moved[np.isfinite(moved)]
    return PixelGrid(moved, 0.0, float(known.max()) if known.any() else 1.0, "heat")


def neuron_picture(weights: np.ndarray, image_shape: tuple[int, int]) -> PixelGrid:
    """Return one neuron's weights, (inputs,), on a scale symmetric about 0."""
    values = weights.astype(np.float64).reshape(image_shape)
    known = np.abs(values[np.isfinite(values)])
    most = float(known.max()) if known.any() else 1.0
    return PixelGrid(values, -most, most, "diverging")
