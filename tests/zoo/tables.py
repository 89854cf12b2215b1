"""Markdown tables with counts and intervals."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Sequence

from tests.zoo.scoring import wilson_interval


def markdown_table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table, its first column to the left and the others to the right."""
    marks = [":--", *["--:"] * (len(header) - 1)]
    return "\n".join(f"| {' | '.join(row)} |" for row in [header, marks, *rows])


def counted(hits: int, total: int) -> str:
    """Return `hits of total`."""
    return f"{hits} of {total}"


def percent(share: float) -> str:
    """Return a share as a percentage; `-` for NaN."""
    return "-" if share != share else f"{100 * share:.3g} %"


def interval(hits: int, total: int) -> str:
    """Return the 95 % interval of a share."""
    low, high = wilson_interval(hits, total)
    return f"{100 * low:.1f} - {100 * high:.1f} %"


def share_of(hits: Sequence[bool]) -> float:
    """Return the share that is true, NaN of nothing."""
    return sum(hits) / len(hits) if hits else math.nan


def shares(hits: Sequence[bool]) -> tuple[str, str, str]:
    """Return a share as a count, a percentage and its interval."""
    return counted(sum(hits), len(hits)), percent(share_of(hits)), interval(sum(hits), len(hits))


def cell(hits: Sequence[bool]) -> str:
    """Return a share in one cell: `3 of 57 = 5.26 % (1.8 - 14.4 %)`."""
    if not hits:
        return "-"
    return f"{counted(sum(hits), len(hits))} = {percent(share_of(hits))} ({interval(sum(hits), len(hits))})"


def middle(values: Sequence[float]) -> float:
    """Return the median, NaN of nothing."""
    return statistics.median(values) if values else math.nan
