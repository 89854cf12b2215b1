"""The state of a run according to its records so far, live or recorded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tuimove.diagnosis.finding import SEVERITIES, Clock
from tuimove.recording.reading.parsing import STATUSES, shown_text
from tuimove.recording.record import clock_of
from tuimove.settings.matrix_role import OWN_ROLES, Roles, recorded_roles


@dataclass(kw_only=True)
class Standing:
    """Status of a run and its worst finding."""

    status: str = "waiting"
    """Status of the end record; `waiting` before there is one."""
    reason: str = ""
    """Why the run failed."""
    worst: int = -1
    """The worst finding, as an index into SEVERITIES; -1 for none."""
    roles: Roles = OWN_ROLES
    """The matrices that the run record lists."""
    clock: Clock = "epoch"
    """What the records' epochs count."""

    def take(self, record: Mapping[str, Any]) -> None:
        """Add one of the run's records; a run that is trained again starts anew."""
        match record.get("record"):
            case "run":
                self.status, self.reason, self.worst = "waiting", "", -1
                self.roles, self.clock = recorded_roles(record), clock_of(record.get("loop"))
            case "measurement":
                self.status, self.reason = "waiting", ""  # a run that had ended was resumed
            case "finding" if record.get("severity") in SEVERITIES:
                self.worst = max(self.worst, SEVERITIES.index(record["severity"]))
            case "end" if record.get("status") in STATUSES:
                self.status, self.reason = record["status"], shown_text(record.get("reason"))


@dataclass(kw_only=True)
class RunRow(Standing):
    """A run as a row of a table: its state, the settings that distinguish it, and its last numbers."""

    varied: Sequence[tuple[str, Any]] = ()
    """Keys and values of the settings in which the table's runs differ."""
    measured: dict[str, Any] | None = None
    """The last measurement."""

    def take(self, record: Mapping[str, Any]) -> None:
        """Add one of the run's records."""
        super().take(record)
        match record.get("record"):
            case "run":
                self.measured = None
            case "measurement":
                self.measured = dict(record)
