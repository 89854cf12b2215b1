"""The tool's own rules over a recorded specimen, with the limits as they are now, by what evidence they are shown."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from tests.zoo.reading import TEST_LOSS, Recording
from tests.zoo.scoring import Found
from tuimove.diagnosis.diagnosis import Diagnosis
from tuimove.diagnosis.run_facts import RunFacts
from tuimove.settings.limits import DiagnosisKeys
from tuimove.settings.matrix_role import Roles, recorded_roles

Evidence = Literal["weights alone", "weights and loss", "weights, loss and validation loss"]

WEIGHTS: Evidence = "weights alone"
LOSS: Evidence = "weights and loss"
VALIDATION: Evidence = "weights, loss and validation loss"

HIDDEN: dict[Evidence, tuple[str, ...]] = {
    WEIGHTS: ("loss", "mean_loss", "validation_loss"),
    LOSS: ("validation_loss",),
    VALIDATION: (),
}
"""What the rules aren't shown, by evidence."""

JUDGED_BY = ("train_accuracy", "test_accuracy", TEST_LOSS)
"""What specimens are judged by, and its kin: no rule ever sees it."""


def shown_numbers(recording: Recording, evidence: Evidence) -> Iterator[dict[str, float]]:
    """Yield of every look what the rules are shown."""
    hidden = {*HIDDEN[evidence], *JUDGED_BY}
    for row in recording.numbers:
        yield {name: value for name, value in row.items() if name not in hidden}


def found_in(
    recording: Recording, facts: RunFacts, roles: Roles | None = None, evidence: Evidence = LOSS
) -> tuple[Found, ...]:
    """Return every finding on a recording."""
    diagnosis = Diagnosis(DiagnosisKeys(), facts, roles)
    return tuple(
        Found(finding.epoch, finding.rule, finding.verdict.severity, finding.verdict.causes, finding.matrix or "")
        for numbers in shown_numbers(recording, evidence)
        for finding in diagnosis.observe(numbers)
    )


def diagnose(recording: Recording, evidence: Evidence = LOSS) -> tuple[Found, ...]:
    """Return every finding on a run of our own networks."""
    return found_in(recording, RunFacts.of_record(recording.run), recorded_roles(recording.run), evidence)
