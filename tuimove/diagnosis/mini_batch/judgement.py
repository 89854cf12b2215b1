"""What a rule for mini-batches returns."""

from __future__ import annotations

from dataclasses import dataclass

from tuimove.diagnosis.finding import Cause, Evidence, Severity, Verdict


@dataclass(frozen=True)
class Judgement:
    """A verdict and the matrix that it is about."""

    matrix: str | None
    """The name of one of the run's matrices; None for what concerns the whole network."""
    verdict: Verdict


def judgement(
    severity: Severity,
    matrix: str | None,
    value: float,
    limit: float,
    message: str,
    causes: tuple[Cause, ...],
    evidence: tuple[Evidence, ...] = ("weights",),
) -> Judgement:
    """Return a verdict with its matrix; see `Verdict` for the rest."""
    return Judgement(matrix, Verdict(severity, value, limit, message, causes, evidence))
