"""A finding as a training loop sees it."""

from __future__ import annotations

from dataclasses import dataclass

from tuimove.diagnosis.finding import Finding, Severity


@dataclass(frozen=True)
class LoopFinding:
    """What a rule has found at one step."""

    rule: str
    severity: Severity
    matrix: str | None
    """The name of a parameter; None for what concerns the whole model."""
    step: int
    """Updates of the weights so far."""
    value: float
    """The number that was judged."""
    limit: float
    """What it was judged against."""
    message: str
    """One sentence of what it means."""
    advice: str
    """One sentence of what to do."""
    causes: tuple[str, ...]
    """What may be wrong, in single words, the likeliest first."""
    evidence: tuple[str, ...]
    """What it rests on: `weights`, with `loss` and `validation_loss` beside them where they were noted."""

    @classmethod
    def of(cls, finding: Finding) -> LoopFinding:
        """Return a finding of the rules in this form."""
        verdict = finding.verdict
        return cls(
            finding.rule, verdict.severity, finding.matrix, finding.epoch, verdict.value, verdict.limit,
            verdict.message, verdict.advice, verdict.causes, verdict.evidence,
        )  # fmt: skip

    def is_spoken(self) -> bool:
        """Return whether it is printed as it is made; notices are in the record only."""
        return self.severity != "notice"

    def __str__(self) -> str:
        return f"{self.severity}: step {self.step}, {self.matrix or 'model'}, {self.rule}: {self.message} {self.advice}"
