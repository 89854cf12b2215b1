"""Chooses and sorts the runs that are listed, and those that the chart colours; uses no widgets."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from operator import itemgetter
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


def chosen_places(marked: Sequence[int], highlighted: int | None, listed: Sequence[int]) -> list[int]:
    """Return the runs to colour: marked ones and the highlighted one, or without marks the first listed ones.

    Where the highlighted run isn't among the first, it takes the place of the last of them.
    """
    here = [] if highlighted is None else [highlighted]
    if marked:
        return list(dict.fromkeys([*marked, *here]))[:MOST_CHARTED]
    first = list(listed[:MOST_CHARTED])
    return first if highlighted in first else [*first[: MOST_CHARTED - 1], *here]


def kept_numbers(before: Mapping[int, int], chosen: Sequence[int]) -> dict[int, int]:
    """Return the number of each chosen run's colour and letter: the one that it had before, or the first free one."""
    kept = {place: before[place] for place in chosen if place in before}
    free = (number for number in range(MOST_CHARTED) if number not in kept.values())
    numbers = {place: kept[place] if place in kept else next(free) for place in chosen}
    return dict(sorted(numbers.items(), key=itemgetter(1)))
