"""Draws pictures as SVG; the only module that imports matplotlib, which `tuimove[report]` installs.

The same picture always gives the same text. Axes and words take the page's text colour, so that they are readable on
light and dark pages; the colours of lines are distinct on both, for colour-blind readers too.
"""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Sequence
from html import escape
from typing import Any

import matplotlib as mpl
import matplotlib.style  # now, where `report.py` has it find no settings, and not at the first figure
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, MaxNLocator, NullFormatter

from tuimove.reports.pictures import MUTED, Picture, PlotSeries

INK = "#010203"
"""Placeholder colour of text and axes, which becomes `currentColor` in the SVG; no series may use it."""
COLORS = ("#2a7fbf", "#d9660a", "#8c8c8c", "#b8559a")
"""Colours of series 0 to 3, after Okabe and Ito, with equal contrast to white and black; 2 is background."""
SIZE = (7.0, 3.2)
"""Width and height of a figure in inches, 72 SVG units each."""
MOST_POINTS = 2000
"""Points of a line that are drawn at most; longer ones are thinned evenly."""
STYLE: dict[str, Any] = {
    "svg.fonttype": "none",  # text stays text: smaller, and it can be searched and read aloud
    "font.size": 10,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "text.color": INK,
    "text.parse_math": False,  # a name with dollar signs is no formula
    "xtick.color": INK,
    "ytick.color": INK,
    "legend.frameon": False,
    "path.simplify_threshold": 0.3,
}
GENERATED_ID = re.compile(r' id="(?:figure|axes|patch|line2d|text|legend|matplotlib\.axis|[xy]tick|\w+Collection)_\d+"')


def svg_of(picture: Picture) -> str:
    """Return a picture as an SVG element."""
    salt = hashlib.sha256(repr(picture).encode()).hexdigest()  # ids differ between the figures of a page
    settings: Any = STYLE | {"svg.hashsalt": salt}
    with mpl.rc_context():
        mpl.rcdefaults()  # ignore the user's settings, such as LaTeX for all text
        mpl.rcParams.update(settings)
        figure = Figure(SIZE, layout="constrained")
        FigureCanvasSVG(figure)
        _draw(figure.add_subplot(), picture)
        text = io.StringIO()
        figure.savefig(
            text, format="svg", transparent=True, metadata=dict.fromkeys(("Date", "Creator", "Format", "Type"))
        )
    return _embeddable(text.getvalue(), picture.title)


def _draw(axes: Any, picture: Picture) -> None:
    axes.set_title(picture.title, loc="left", fontsize="medium")
    axes.set_xlabel(picture.x_title)
    for series in picture.series:
        _draw_series(axes, series)
    if picture.is_log:
        axes.set_xscale("log")
        _write_plainly(axes.xaxis)
    elif all(float(x).is_integer() for series in picture.series for x in series.x):
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    if picture.is_y_log:
        axes.set_yscale("log")
        _write_plainly(axes.yaxis)
    if picture.ticks:
        axes.set_xticks(range(len(picture.ticks)), [_wrapped(name) for name in picture.ticks])
        axes.set_xlim(-0.5, len(picture.ticks) - 0.5)
    axes.grid(axis="y", color=INK, alpha=0.12, linewidth=0.6)
    _label_series(axes, picture.series)


def _write_plainly(axis: Any) -> None:
    """Label powers of ten as plain numbers: 0.01 and not ten to the minus two."""
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axis.set_minor_formatter(NullFormatter())


def _draw_series(axes: Any, series: PlotSeries) -> None:
    step = max(1, len(series.x) // MOST_POINTS)
    x, y, color = list(series.x)[::step], list(series.y)[::step], COLORS[series.color]
    if series.style == "line":
        width, alpha = (0.9, 0.8) if series.color == MUTED else (1.6, 1.0)
        axes.plot(x, y, color=color, linewidth=width, alpha=alpha)
    else:
        face = color if series.style == "points" else "none"
        axes.plot(x, y, "o", markersize=4.5, markerfacecolor=face, markeredgecolor=color, linestyle="none")


def _label_series(axes: Any, series: Sequence[PlotSeries]) -> None:
    """Add a legend with each series' name in its colour."""
    named = [(one.label, COLORS[one.color]) for one in series if one.label]
    if not named:
        return
    handles = [Line2D([], [], color=color, marker="o", markersize=4, linestyle="none") for _, color in named]
    labels = [label for label, _ in named]
    legend = axes.legend(handles, labels, loc="upper left", bbox_to_anchor=(1.0, 1.0), handletextpad=0.1)
    for text, (_, color) in zip(legend.get_texts(), named, strict=True):
        text.set_color(color)


def _wrapped(name: str) -> str:
    """Return a tick's name broken into short lines."""
    return name.replace(", ", ",\n")


def _embeddable(text: str, title: str) -> str:
    """Return an SVG file as an element of a page: without prologue and unused ids, and with the page's text colour."""
    element = text[text.index("<svg") :]
    element = GENERATED_ID.sub("", element).replace(INK, "currentColor")
    return re.sub(r"<svg [^>]*>", lambda match: _svg_tag(match[0], escape(title)), element, count=1)


def _svg_tag(tag: str, title: str) -> str:
    box = re.search(r'viewBox="[^"]*"', tag)
    return f'<svg role="img" aria-label="{title}" {box[0] if box else ""} xmlns="http://www.w3.org/2000/svg">'
