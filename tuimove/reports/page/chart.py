"""What a chart of the page holds: numbers, words and names of colours. `svg.py` draws it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Style = Literal["line", "mean", "step", "filled", "points", "hollow"]

SOFT = "soft"
"""Tone of what lies in the background."""
CATEGORIES = 8
"""Number of tones `k0`, `k1`, ... that tell names apart."""
STEPS = 12
"""Number of tones `q0`, `q1`, ... of the scale from small to great."""
DASHES = 4
"""Number of line styles."""


@dataclass(frozen=True)
class Drawn:
    """A line or a set of points."""

    x: Sequence[float]
    y: Sequence[float]
    tone: str
    """Name of its colour in the style sheet."""
    name: str = ""
    """Name of the run; empty for none."""
    style: Style = "line"
    dash: int = 0
    """Line style, 0 for a solid line."""


@dataclass(frozen=True)
class Band:
    """The range of several runs along the x axis."""

    x: Sequence[float]
    low: Sequence[float]
    high: Sequence[float]
    tone: str


@dataclass(frozen=True)
class Mark:
    """A kind of finding in a chart: where it came first, and a point on each run's line that had it."""

    number: int
    """Its number in the list of findings."""
    severity: str
    epoch: float
    """The first epoch at which a run had it."""
    words: str
    """Its message."""
    anchor: str
    """The id of its line in the list."""
    points: Sequence[tuple[float, float]] = ()


@dataclass(frozen=True)
class Key:
    """One sample of a legend and what it stands for."""

    tone: str
    label: str
    dash: int = 0
    style: Style | Literal["band"] = "line"


@dataclass(frozen=True)
class Legend:
    """What the colours and line styles of charts stand for."""

    title: str
    keys: tuple[Key, ...] = ()
    ramp: tuple[str, ...] = ()
    """Values at equal distances along the scale from small to great; empty where each value is a key."""


@dataclass(frozen=True)
class Chart:
    """One picture of the page with its caption."""

    title: str
    caption: str
    """What is drawn, and how to read it."""
    x_title: str
    y_title: str
    drawn: tuple[Drawn, ...]
    bands: tuple[Band, ...] = ()
    marks: tuple[Mark, ...] = ()
    ticks: tuple[str, ...] = ()
    """Names of the positions 0, 1, 2, ... on an x axis of categories; empty for numbers."""
    is_log: bool = False
    """Whether the x axis is logarithmic."""
    is_y_log: bool = False
    """Whether the y axis is logarithmic."""
    legend: Legend | None = None
    """Its own legend; None where its gallery has one for all."""


@dataclass(frozen=True)
class Gallery:
    """Charts that are read in the same way, side by side."""

    title: str
    words: str
    """How to read them."""
    charts: tuple[Chart, ...]
    legend: Legend | None = None
    is_small: bool = False
    """Whether its charts have only their titles beside them, and more of them stand side by side."""
