"""Markdown tables with counts and intervals."""

from __future__ import annotations

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


def shares(hits: int, total: int) -> tuple[str, str, str]:
    """Return a share as a count, a percentage and its interval."""
    return counted(hits, total), percent(hits / total if total else float("nan")), interval(hits, total)
