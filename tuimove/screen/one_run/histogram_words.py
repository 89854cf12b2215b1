"""What a histogram means, in a sentence: how the entries started, and what has become of them."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterator, Sequence

from tuimove.diagnosis.matrix_measurement import Histogram, MatrixMeasurement
from tuimove.screen.drawing.axes import format_tick
from tuimove.settings.starting_law import StartingLaw

MOST_COUNTED = 32
"""Most entries of which a share is told as a count."""
MUCH = 0.01
"""Share of entries beyond the bins above which it must be said; the bins follow the data but for half a percent."""


def entries_clauses(law: StartingLaw | None, now: MatrixMeasurement) -> list[str]:
    """Return what is to be said of the entries, the most telling first."""
    return _with_beyond([*_entries_clauses(law, now)], now.histogram, now)


def _entries_clauses(law: StartingLaw | None, now: MatrixMeasurement) -> Iterator[str]:
    kind = law.kind if law and law.scale > 0 else "zero" if law and law.kind == "zero" else None
    scale = format_tick(law.scale) if law else ""
    if kind == "uniform":
        yield f"started uniform in ±{scale}"
        if math.isfinite(now.escaped):
            yield f"{share_words(now.escaped, now.live_entries)} {'has' if now.escaped == 0 else 'have'} left it"
    elif kind == "normal":
        yield f"started normal, sd {scale}"
        yield f"sd {_number(now.sd)} now"
    elif kind == "zero":
        yield "started at 0"
        yield f"sd {_number(now.sd)} now"
    else:
        yield "unknown start law"
        yield f"mean {_number(now.mean)}, sd {_number(now.sd)} now"


def movement_clauses(now: MatrixMeasurement) -> list[str]:
    """Return what is to be said of the movement, the most telling first."""
    if now.frozen >= 1 or now.distance == 0:
        return ["nothing has moved yet"]
    moved = now.entries * (1 - now.frozen) if now.frozen >= 0 else now.entries
    size = now.distance / math.sqrt(moved) if moved > 0 else math.nan
    if now.frozen > 0:
        words = [f"{share_words(now.frozen, now.entries)} have never moved", f"the others by {_number(size)} (RMS)"]
    else:
        words = [f"all have moved, by {_number(size)} (RMS)"]
    return _with_beyond(words, now.movement_histogram, now)


def _with_beyond(words: list[str], histogram: Histogram, now: MatrixMeasurement) -> list[str]:
    """Return clauses with what lies beyond the bins: at the end, or if it is much, right after the first."""
    beyond = histogram.below + histogram.above
    is_much = beyond > MUCH * (beyond + sum(histogram.counts))
    place = 1 if is_much else len(words)
    return [*words[:place], *_beyond(histogram), *words[place:], *_not_finite(now)]


def _beyond(histogram: Histogram) -> Iterator[str]:
    """Yield how many entries lie beyond the bins."""
    if beyond := histogram.below + histogram.above:
        low, high = _number(histogram.low), _number(histogram.high)
        yield f"{beyond} beyond {f'±{high}' if low == f'-{high}' else f'{low} to {high}'}"


def _not_finite(now: MatrixMeasurement) -> Iterator[str]:
    if now.non_finite:
        yield f"{now.non_finite} not finite"


def share_words(share: float, of: int) -> str:
    """Return a share as a count of a few entries, else as a percentage that is 0 or 100 only where it is exact."""
    if share == 0:
        return "none"
    if of <= MOST_COUNTED:
        return f"{round(share * of)} of {of}"
    if share < 0.001:
        return "under 0.1 %"
    return f"{100 * share:.1f} %" if 100 * share < 99.95 or share == 1 else "over 99.9 %"


def _number(value: float) -> str:
    return "?" if math.isnan(value) else f"{value:.3g}".replace("e+0", "e").replace("e-0", "e-")


def fitting_lines(clauses: Sequence[str], width: int, rows: int) -> list[str]:
    """Return as many clauses as fit into a few lines, which are broken between clauses, else between words."""
    for count in range(len(clauses), 0, -1):
        lines = _broken(clauses[:count], max(1, width))
        if len(lines) <= rows and all(len(line) <= width for line in lines):
            return lines
    return []


def _broken(clauses: Sequence[str], width: int) -> list[str]:
    lines: list[str] = []
    for place, clause in enumerate(clauses):
        words = f"{clause};" if place + 1 < len(clauses) else clause
        if lines and len(lines[-1]) + 1 + len(words) <= width:
            lines[-1] += f" {words}"
        else:
            lines += textwrap.wrap(words, width, break_long_words=False)
    return lines
