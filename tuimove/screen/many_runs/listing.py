"""Chooses and sorts the runs that are listed, and those that the chart colours; uses no widgets."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Literal

from tuimove.diagnosis.finding import SEVERITIES
from tuimove.recording.reading.outline import RunOutline
from tuimove.screen.drawing.marks import MOST_CHARTED

Order = Literal["place", "highest", "lowest", "finding"]
ORDER_WORDS: dict[Order, str] = {
    "place": "by place", "highest": "highest first", "lowest": "lowest first", "finding": "worst finding first",
}  # fmt: skip


def list_places(runs: Sequence[RunOutline], words: str, order: Order, column: str) -> list[int]:
    """Return the sorted indices of the runs that contain all words; runs without a number come last."""
    wanted = words.lower().split()
    places = [place for place, run in enumerate(runs) if not wanted or _holds(run, wanted)]
    if order == "finding":
        return sorted(places, key=lambda place: -runs[place].worst)
    if order == "place":
        return places
    sign = -1 if order == "highest" else 1
    values = {place: runs[place].outline.latest(column) for place in places}
    return sorted(places, key=lambda place: math.inf if math.isnan(values[place]) else sign * values[place])


def _holds(run: RunOutline, wanted: Sequence[str]) -> bool:
    severity = SEVERITIES[run.worst] if run.worst >= 0 else ""
    text = f"{run.label} {run.state} {severity} {run.reason}".lower()
    return all(word in text for word in wanted)


def chosen_places(marked: Sequence[int], highlighted: int | None, listed: Iterable[int]) -> list[int]:
    """Return the runs to colour: marked ones and the highlighted one, or without marks also the first others.

    Without marks the highlighted run comes first, so that it always has the same colour.
    """
    here = [] if highlighted is None else [highlighted]
    if marked:
        return list(dict.fromkeys([*marked, *here]))[:MOST_CHARTED]
    chosen = dict.fromkeys(here)
    for place in listed:
        if len(chosen) == MOST_CHARTED:
            break
        chosen[place] = None
    return list(chosen)
