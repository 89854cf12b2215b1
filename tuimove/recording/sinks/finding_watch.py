"""Watches for findings, so that a script can be told by the exit code."""

from __future__ import annotations

from tuimove.diagnosis.finding import SEVERITIES, Severity
from tuimove.errors import ExitCode
from tuimove.recording.record import FindingRecord, Record
from tuimove.recording.sinks.sink import Sink


class FindingWatch(Sink):
    """Remembers whether anything as severe as asked for was found."""

    def __init__(self, fail_on: Severity | None) -> None:
        self._least = SEVERITIES.index(fail_on) if fail_on else len(SEVERITIES)
        self._has_found = False

    def write(self, record: Record) -> None:
        """Take note of a finding."""
        if isinstance(record, FindingRecord):
            self._has_found = self._has_found or SEVERITIES.index(record.severity) >= self._least

    def exit_code(self, otherwise: ExitCode) -> ExitCode:
        """Return the exit code: a failure or an interruption is told before a finding."""
        return ExitCode.FOUND if self._has_found and otherwise == ExitCode.FINISHED else otherwise
