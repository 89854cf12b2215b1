"""Watches for findings, so that the exit code can report them to a script."""

from __future__ import annotations

from tuimove.diagnosis.finding import SEVERITIES, Severity
from tuimove.errors import ExitCode
from tuimove.recording.record import FindingRecord, Record
from tuimove.recording.sinks.sink import Sink


class FindingWatch(Sink):
    """Remembers whether there was a finding of at least a given severity."""

    def __init__(self, fail_on: Severity | None) -> None:
        self._least = SEVERITIES.index(fail_on) if fail_on else len(SEVERITIES)
        self._has_found = False

    def write(self, record: Record) -> None:
        """Note a finding."""
        if isinstance(record, FindingRecord):
            self._has_found = self._has_found or SEVERITIES.index(record.severity) >= self._least

    def exit_code(self, otherwise: ExitCode) -> ExitCode:
        """Return `otherwise` if it is a failure or an interruption, else the code for a finding, if there was one."""
        return ExitCode.FOUND if self._has_found and otherwise == ExitCode.FINISHED else otherwise
