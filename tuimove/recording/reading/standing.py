"""How a run stands as far as its records have told; live, or read back from what somebody recorded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tuimove.diagnosis.finding import SEVERITIES
from tuimove.recording.reading.parsing import STATUSES, shown_text
from tuimove.settings.matrix_role import OWN_ROLES, Roles, recorded_roles


@dataclass(kw_only=True)
class Standing:
    """Whether a run has ended, and the worst that was found in it."""

    status: str = "waiting"
    """Of its end record; `waiting` before it has one."""
    reason: str = ""
    """Why it failed, in words."""
    worst: int = -1
    """Its worst finding, as a place in SEVERITIES; -1 for none."""
    roles: Roles = OWN_ROLES
    """Of its matrices, as its run record lists them."""

    def take(self, record: Mapping[str, Any]) -> None:
        """Take in one of the run's records; a run that is trained again begins anew."""
        match record.get("record"):
            case "run":
                self.status, self.reason, self.worst = "waiting", "", -1
                self.roles = recorded_roles(record)
            case "measurement":
                self.status, self.reason = "waiting", ""  # whatever ended before has been resumed
            case "finding" if record.get("severity") in SEVERITIES:
                self.worst = max(self.worst, SEVERITIES.index(record["severity"]))
            case "end" if record.get("status") in STATUSES:
                self.status, self.reason = record["status"], shown_text(record.get("reason"))


@dataclass(kw_only=True)
class RunRow(Standing):
    """A run as a row of a table: how it stands, what it differs in from the others, and its last numbers."""

    varied: Sequence[tuple[str, Any]] = ()
    """Key and value of everything that the runs of the table differ in."""
    measured: dict[str, Any] | None = None
    """Its last measurement."""

    def take(self, record: Mapping[str, Any]) -> None:
        """Take in one of the run's records."""
        super().take(record)
        match record.get("record"):
            case "run":
                self.measured = None
            case "measurement":
                self.measured = dict(record)
