"""The tool's own rules over a recorded specimen, with the limits as they are now."""

from __future__ import annotations

from tests.zoo.reading import Recording
from tests.zoo.scoring import Found
from tuimove.diagnosis.diagnosis import Diagnosis
from tuimove.diagnosis.run_facts import RunFacts
from tuimove.settings.limits import DiagnosisKeys


def diagnose(recording: Recording) -> tuple[Found, ...]:
    """Return every finding on a recording; the rules never see what it is judged by."""
    diagnosis = Diagnosis(DiagnosisKeys(), RunFacts.of_preset(recording.run["preset"]))
    return tuple(
        Found(finding.epoch, finding.rule, finding.verdict.severity, finding.verdict.causes)
        for numbers in recording.numbers_for_rules()
        for finding in diagnosis.observe(numbers)
    )
