"""Example images of the test set with the network's predictions, or one that is predicted wrongly."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from rich.segment import Segment
from rich.style import Style
from textual.actions import SkipAction
from textual.binding import Binding, BindingType

from tuimove.screen.drawing.canvas import Canvas, wrapped_lines
from tuimove.screen.drawing.picture import PixelGrid, draw_picture
from tuimove.screen.drawing.raster import Glyphs
from tuimove.training.predictions import answer_images, next_wrong

if TYPE_CHECKING:
    from tuimove.recording.checkpoint import Weights
    from tuimove.training.image_set import Digits

THUMBNAIL = (14, 7)
"""Columns and rows of an image in the gallery."""
MOST_CLASSES = 12
"""Most classes whose probabilities are listed beside a large image."""
BAR_COLUMNS = 8


class ImagesPanel(Canvas):
    """Shows a gallery, or one wrongly predicted image with its probabilities."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"images--right", "images--wrong"}
    DEFAULT_CSS = """
    ImagesPanel {
        .images--right { color: $success; }
        .images--wrong { color: $error; text-style: bold; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("i,right,l", "next_wrong", "show the next wrong answer", key_display="i"),
        Binding("escape", "show_gallery", "show the gallery", show=False),
    ]

    def __init__(self, glyphs: Glyphs, activation: str, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._glyphs, self._activation = glyphs, activation
        self._missing = ""
        self._shown: tuple[Digits, int, Weights] | None = None
        self._wrong: int | None = None

    def show(self, digits: Digits, first: Weights, epoch: int, weights: Weights) -> None:  # noqa: ARG002
        """Show the predictions of an epoch's weights."""
        if self._shown is None or self._shown[1] != epoch:
            self._shown = digits, epoch, weights
            self.redraw()

    def explain(self, missing: str) -> None:
        """Show why there are no images, unless there are some."""
        if missing != self._missing:
            self._missing = missing
            self.redraw()

    def action_next_wrong(self) -> None:
        """Show the next test image that is predicted wrongly now."""
        if self._shown:
            digits, _, weights = self._shown
            after = -1 if self._wrong is None else self._wrong
            self._wrong = next_wrong(weights, self._activation, digits.test_images, digits.test_labels, after)
            self.redraw()

    def action_show_gallery(self) -> None:
        """Show the first test images; where they are shown already, pass the key on."""
        if self._wrong is None:
            raise SkipAction
        self._wrong = None
        self.redraw()

    def draw(self, width: int, height: int) -> Sequence[Sequence[Segment]]:
        """Return the gallery or the one image."""
        if self._shown is None:
            return wrapped_lines(self._missing or "waits for the newest weights", width)
        digits, epoch, weights = self._shown
        if self._wrong is not None:
            return self._draw_one(digits, epoch, weights, self._wrong, width, height)
        return self._draw_gallery(digits, weights, width, height)

    def _draw_gallery(self, digits: Digits, weights: Weights, width: int, height: int) -> list[list[Segment]]:
        across, down = max(1, width // (THUMBNAIL[0] + 1)), max(1, height // (THUMBNAIL[1] + 1))
        count = min(across * down, len(digits.test_labels))
        answers = answer_images(weights, self._activation, digits.test_images[:count]).argmax(axis=1)
        lines: list[list[Segment]] = []
        for start in range(0, count, across):
            some = range(start, min(start + across, count))
            lines.append([segment for place in some for segment in self._verdict(digits, place, int(answers[place]))])
            pictures = [self._picture(digits, place, *THUMBNAIL) for place in some]
            lines += [[segment for picture in pictures for segment in _padded(picture, row)]
                      for row in range(THUMBNAIL[1])]  # fmt: skip
        return lines

    def _draw_one(
        self, digits: Digits, epoch: int, weights: Weights, place: int, width: int, height: int
    ) -> list[list[Segment]]:
        probabilities = answer_images(weights, self._activation, digits.test_images[place : place + 1])[0]
        answer = int(probabilities.argmax())
        heading = [*self._verdict(digits, place, answer), Segment(f"test image {place}, epoch {epoch}")]
        picture = self._picture(digits, place, max(1, width - BAR_COLUMNS - 9), height - 1)
        beside = self._bars(probabilities, int(digits.test_labels[place]), answer)
        columns = max((sum(segment.cell_length for segment in line) for line in picture), default=0)
        lines = [heading]
        for row in range(min(height - 1, max(len(picture), len(beside)))):
            left = picture[row] if row < len(picture) else [Segment(" " * columns)]
            lines.append([*left, Segment("  "), *(beside[row] if row < len(beside) else [])])
        return lines

    def _bars(self, probabilities: np.ndarray, label: int, answer: int) -> list[list[Segment]]:
        full = "#" if self._glyphs == "ascii" else "█"
        lines = []
        for place in range(min(len(probabilities), MOST_CLASSES)):
            share = float(np.nan_to_num(probabilities[place]))
            style = self._style(place == label) if place in (label, answer) else None
            bar = full * round(share * BAR_COLUMNS)
            lines.append([Segment(f"{place} {bar:<{BAR_COLUMNS}} {share:4.0%}", style)])
        return lines

    def _verdict(self, digits: Digits, place: int, answer: int) -> list[Segment]:
        """Return the label, and the prediction where it differs."""
        label = int(digits.test_labels[place])
        is_right = answer == label
        right, wrong = ("ok", "X") if self._glyphs == "ascii" else ("✔", "✖")
        words = f"{label} {right}" if is_right else f"{label} {wrong} says {answer}"
        return [Segment(f"{words:<{THUMBNAIL[0] + 1}}", self._style(is_right))]

    def _style(self, is_right: bool) -> Style:
        return self.get_component_rich_style("images--right" if is_right else "images--wrong", partial=True)

    def _picture(self, digits: Digits, place: int, columns: int, rows: int) -> list[list[Segment]]:
        values = digits.test_images[place].reshape(digits.image_shape).astype(np.float64)
        picture = PixelGrid(values, 0.0, 255.0, "grey")
        return draw_picture(picture, columns, rows, self._glyphs, has_color=self.has_color)


def _padded(picture: list[list[Segment]], row: int) -> list[Segment]:
    """Return a row of a thumbnail, padded to its width."""
    line = picture[row] if row < len(picture) else []
    length = sum(segment.cell_length for segment in line)
    return [*line, Segment(" " * (THUMBNAIL[0] + 1 - length))]
