"""Scored runs as tests make them up."""

from __future__ import annotations

from tests.zoo.judging import Verdict
from tests.zoo.scoring import RIGHT_CAUSES, Found, Rule, Scored
from tests.zoo.specimens import HEALTHY

TRAITS = {"data": "mnist", "neurons": "14", "images": "500", "epochs": "200"}


def scored(
    kind: str, *found: Found, alarms: tuple[Rule, ...] = (), judged_by: tuple[str, ...] = (), drop: float = 0.1
) -> Scored:
    """Return a run that is what it was meant to be, with findings; its accuracy is best at epoch 200."""
    state = "healthy" if kind == HEALTHY else "faulty"
    verdict = Verdict(state, "", 200, 0.9, 0.9 - drop, 0.1, best_loss_epoch=120)  # type: ignore[arg-type]
    causes = RIGHT_CAUSES.get(kind, frozenset())
    return Scored(f"{kind}-1", kind, 200, verdict, found, frozenset(alarms), frozenset(judged_by), causes, TRAITS)
