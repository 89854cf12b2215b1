"""The movement map: how far the weights of each input pixel have moved, or the weights of one neuron."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding, BindingType

from tuimove.screen.drawing.axes import format_number
from tuimove.screen.drawing.canvas import Canvas, wrapped_lines
from tuimove.screen.drawing.picture import PixelGrid, color_bar, draw_picture
from tuimove.screen.drawing.raster import Glyphs
from tuimove.settings.matrix_role import OWN_ROLES, main_name

if TYPE_CHECKING:
    from tuimove.recording.checkpoint import Weights
    from tuimove.training.image_set import Digits

CAPTION_ROWS = 2
LEAST_BELOW = 12
"""Least rows of a panel that has its caption below the picture."""
LEAST_BESIDE = 17
"""Least columns of a caption beside the picture."""
LEAST_BAR, MOST_BAR = 8, 24
"""Least columns of the bar of colours that leave room for the unit, and its most columns."""
WEIGHTS = main_name(OWN_ROLES)
"""The matrix on the map; weights are stored of our own networks only."""


class MapPanel(Canvas):
    """Shows the first weights as pictures of the size of an image."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"map--muted"}
    DEFAULT_CSS = "MapPanel .map--muted { color: $foreground 60%; }"
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
        """Return the picture with its caption: below it, or where there are few rows beside it."""
        if self._shown is None:
            return wrapped_lines(self._missing or "waits for the newest weights", width)
        digits, first, epoch, weights = self._shown
        if self._neuron is None:
            picture = movement_picture(first[WEIGHTS], weights[WEIGHTS], digits.image_shape)
            captions = [f"{'brighter' if self._has_ramp else 'denser'}: moved more", f"epoch {epoch}"]
        else:
            picture = neuron_picture(weights[WEIGHTS][self._neuron], digits.image_shape)
            captions = [f"weights of neuron {self._neuron + 1} of {len(weights[WEIGHTS])}", f"epoch {epoch}"]
        if height < LEAST_BELOW and width >= 2 * LEAST_BESIDE:
            return self._drawn_beside(picture, captions, width, height)
        lines = draw_picture(picture, width, height - CAPTION_ROWS, self._glyphs, has_color=self.has_color)
        below = [self._bar(picture, width), [Segment(", ".join(captions), self._muted)]]
        return [_centred(line, width) for line in (*lines, *below)]

    def _drawn_beside(
        self, picture: PixelGrid, captions: Sequence[str], width: int, height: int
    ) -> Sequence[Sequence[Segment]]:
        lines = draw_picture(picture, width - LEAST_BESIDE, height, self._glyphs, has_color=self.has_color)
        room = width - max(map(_cells_of, lines), default=0) - 2
        words = [line for caption in captions for line in wrapped_lines(caption, room)]
        beside = [[Segment(line[0].text, self._muted)] for line in words] + [[], self._bar(picture, room)]
        rows = zip_longest(lines, beside[:height], fillvalue=())
        return [[*left, Segment(" " * (width - room - _cells_of(left))), *right] for left, right in rows]

    @property
    def _has_ramp(self) -> bool:
        """Whether values are colours rather than characters."""
        return self.has_color and self._glyphs != "ascii"

    @property
    def _muted(self) -> Style:
        return self.get_component_rich_style("map--muted", partial=True)

    def _bar(self, picture: PixelGrid, width: int) -> list[Segment]:
        """Return the colours of the picture between the numbers that they stand for, with their unit."""
        low, high = format_number(picture.low), format_number(picture.high)
        unit = "weight (RMS)" if picture.ramp == "heat" else "weight"
        unit = f" {unit}" if len(low) + len(high) + len(unit) + LEAST_BAR + 3 <= width else ""
        columns = min(MOST_BAR, width - len(low) - len(high) - len(unit) - 2)
        bar = color_bar(picture.ramp, columns, self._glyphs, has_color=self.has_color) if columns > 1 else []
        return [Segment(f"{low} "), *bar, Segment(f" {high}"), Segment(unit, self._muted)]


def _cells_of(line: Sequence[Segment]) -> int:
    return sum(segment.cell_length for segment in line)


def _centred(line: Sequence[Segment], width: int) -> list[Segment]:
    return [Segment(" " * max(0, (width - _cells_of(line)) // 2)), *line]


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
