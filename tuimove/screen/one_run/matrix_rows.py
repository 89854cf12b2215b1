"""The matrices of a run as rows of numbers that are comparable between layers; uses no widgets."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from tuimove.diagnosis.finding import SEVERITIES
from tuimove.diagnosis.matrix_measurement import MatrixMeasurement
from tuimove.screen.one_run.state import RunState
from tuimove.settings.matrix_role import MatrixRole, with_measured

Order = Literal["finding", "movement", "place"]
ORDER_WORDS: dict[Order, str] = {
    "finding": "worst finding first", "movement": "farthest first", "place": "by place",
}  # fmt: skip


@dataclass(frozen=True)
class MatrixRow:
    """One matrix at the shown measurement; NaN where a number isn't known."""

    role: MatrixRole
    distance: float
    """Distance from the start in yard-sticks; see `yard_stick`."""
    left: float
    """Share of the start that is left, (W . W_0) / |W_0|^2."""
    step: float
    """Length of the last step, between two measurements, divided by the norm."""
    worst: int
    """Worst severity found, as an index into SEVERITIES; -1 for none."""

    @property
    def shape(self) -> str:
        """The shape in words; empty where it isn't known."""
        return "x".join(map(str, self.role.shape))


def matrix_rows(state: RunState) -> list[MatrixRow]:
    """Return a row for each matrix, in the order of the run."""
    worst: dict[str | None, int] = {}
    for finding in state.findings:
        worst[finding.matrix] = max(worst.get(finding.matrix, -1), SEVERITIES.index(finding.severity))
    first = state.first.matrices if state.first else {}
    roles = with_measured(state.roles, state.history.matrices)
    return [_row(state, role, first.get(role.name), worst.get(role.name, -1)) for role in roles]


def _row(state: RunState, role: MatrixRole, first: MatrixMeasurement | None, worst: int) -> MatrixRow:
    latest, name = state.history.latest, role.name
    distance, norm, cosine = latest(f"{name}.distance"), latest(f"{name}.norm"), latest(f"{name}.cosine")
    start = start_norm(first) if first else math.nan
    unit = yard_stick(role, start, latest(f"{name}.entries"))
    step = latest(f"{name}.step")
    return MatrixRow(
        role,
        distance / unit if unit > 0 else math.nan,
        _share_left(distance, cosine, start),
        step / norm if norm > 0 else math.nan,
        worst,
    )


def start_norm(first: MatrixMeasurement) -> float:
    """Return |W_0| by a matrix's first measurement, which may come after the start."""
    if first.distance == 0:
        return first.norm
    norm, distance, cosine = first.norm, first.distance, first.cosine
    rest = norm * norm - distance * distance * (1 - cosine * cosine)  # powers of recorded numbers could overflow
    return math.sqrt(max(rest, 0.0)) - cosine * distance


def yard_stick(role: MatrixRole, start: float, entries: float) -> float:
    """Return the length that a matrix's distance is divided by, so that layers are comparable.

    Of weights, it is the norm that PyTorch's default start would have, entries from U(-a, a) with a = 1 / sqrt(inputs):
    sqrt(entries) / sqrt(3 inputs). Of anything else it is the norm of its own start.
    """
    inputs = role.shape[1] if role.kind == "weights" and len(role.shape) == 2 else 0
    return math.sqrt(entries / (3 * inputs)) if inputs else start


def _share_left(distance: float, cosine: float, start: float) -> float:
    """Return (W . W_0) / |W_0|^2: as W is W_0 and a movement M, that is 1 + |M| cos(M, W_0) / |W_0|."""
    if not start > 0:
        return math.nan
    return 1.0 if distance == 0 else 1 + distance * cosine / start


def listed_places(rows: Sequence[MatrixRow], words: str, order: Order) -> list[int]:
    """Return the sorted indices of the rows that contain all words; those without a number come last."""
    wanted = words.lower().split()
    places = [place for place, row in enumerate(rows) if not wanted or _holds(row, wanted)]
    if order == "place":
        return places
    moved = [-math.inf if math.isnan(row.distance) else row.distance for row in rows]
    if order == "movement":
        return sorted(places, key=lambda place: -moved[place])
    return sorted(places, key=lambda place: (-rows[place].worst, -moved[place]))


def _holds(row: MatrixRow, wanted: Sequence[str]) -> bool:
    severity = SEVERITIES[row.worst] if row.worst >= 0 else ""
    text = f"{row.role.name} {row.role.kind} {row.role.place} {row.shape} {severity}".lower()
    return all(word in text for word in wanted)
