"""The data of a chart and the user's view of them: which part of the axes is shown, and on which scale."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tuimove.screen.drawing.axes import LARGEST, open_end
from tuimove.screen.drawing.raster import Glyphs
from tuimove.screen.drawing.series import Floats64, Mark, Quantified, Series

LABEL_COLUMNS = 9
"""Columns left of the plot, for the numbers of the y axis; as many right of it where there is a second axis."""
LEAST_END_COLUMNS, END_SHARE = 4, 0.25
"""Least columns right of the plot for line labels, and their largest share of the width."""
NEAR_START = 0.1
"""Share of the last x up to which the axis begins at 0 rather than at the first x."""


NOTHING = Quantified()
"""What a chart shows before it is told anything."""


@dataclass(frozen=True)
class ChartView:
    """The data of a chart and the user's view of them."""

    glyphs: Glyphs
    left: Quantified = NOTHING
    """What the left axis measures, with its lines."""
    right: Quantified | None = None
    """What the right axis measures; None without one."""
    marks: Sequence[Mark] = ()
    """Findings, marked on the x axis."""
    others: Sequence[Series] = ()
    """Series drawn underneath, without colour."""
    plan: float = 0.0
    """Where the x axis ends, as planned; 0 for not far beyond the last point."""
    front: int | None = None
    """Colour of the chosen line, which is drawn over the others; None for no such line."""
    words: str = ""
    """What is said in the plot, such as why there are no numbers."""
    x_name: str = "epoch"
    log_x: bool = False
    flipped: frozenset[str] = frozenset()
    """Names of the quantities whose y axis the user wants on the other scale."""
    is_smooth: bool = False
    has_grid: bool = False
    has_colors: bool = True
    """Whether lines are told apart by colours; otherwise by dashes."""
    is_so_far: bool = False
    """Whether the x axis ends at the last point, whatever is planned."""
    range: tuple[float, float] | None = None
    """The shown range of x; None for all of it."""
    cursor: float | None = None
    """The x of the point under the cursor."""

    @property
    def series(self) -> Sequence[Series]:
        """All lines with colours, those of the right axis last."""
        return (*self.left.series, *(self.right.series if self.right else ()))

    @property
    def has_points(self) -> bool:
        """Whether any series has a point."""
        return any(len(one.x) for one in self.series)

    @property
    def points_x(self) -> Floats64:
        """The x of the series with the most points."""
        return max((one.x for one in self.series), key=len)

    @property
    def last_x(self) -> float:
        """The largest x of all series."""
        return max((float(one.x[-1]) for one in (*self.series, *self.others) if len(one.x)), default=0.0)

    @property
    def whole_range(self) -> tuple[float, float]:
        """The range of x without zoom: to the planned end, or to the last point."""
        first = self._first_x
        last = min(self.last_x, LARGEST)
        end = last if self.is_so_far else self.plan if last <= self.plan else open_end(last)
        if 0 <= first <= NEAR_START * end and not self.log_x:
            first = 0.0
        return first, max(end, first + 1.0 if self.is_counted else first)

    @property
    def _first_x(self) -> float:
        """The least x that the axis can show: a logarithmic one begins at 1 at the earliest."""
        shown = (one.x[one.x >= 1] if self.log_x else one.x for one in (*self.series, *self.others))
        first = min((float(x[0]) for x in shown if len(x)), default=1.0 if self.log_x else 0.0)
        return max(first, -LARGEST)

    @property
    def is_counted(self) -> bool:
        """Whether x is a count, such as epochs."""
        return self.x_name != "seconds"

    @property
    def shown_range(self) -> tuple[float, float]:
        """The shown range of x."""
        return self.range or self.whole_range

    @property
    def finest_gap(self) -> float:
        """Least distance in x between two neighbouring points."""
        points = self.points_x
        return float(np.diff(points).min()) if len(points) > 1 else 1.0

    def is_log(self, quantified: Quantified) -> bool:
        """Return whether the y axis of a quantity is logarithmic: by itself, or since the user wants it."""
        return quantified.is_log != (quantified.name in self.flipped)

    def filled_columns(self, width: int) -> int:
        """Return the columns of the plot that have points, in a chart of `width` columns."""
        (low, high), last = self.shown_range, self.points_x[-1]
        share = (min(high, last) - low) / (high - low) if high > low else 1.0
        return max(1, round(self.plot_columns(width) * min(max(share, 0.0), 1.0)))

    def plot_columns(self, width: int) -> int:
        """Return the columns of the plot itself in a chart of `width` columns."""
        return width - LABEL_COLUMNS - self.end_columns(width)

    def end_columns(self, width: int) -> int:
        """Return the columns right of the plot, for a second axis or for the labels of several lines."""
        if self.right:
            return LABEL_COLUMNS
        if len(self.series) < 2:
            return 1
        longest = max(len(one.label) for one in self.series)
        return max(LEAST_END_COLUMNS, min(1 + longest, int(width * END_SHARE)))

    @property
    def is_ascii(self) -> bool:
        """Whether the terminal shows only ASCII."""
        return self.glyphs == "ascii"
