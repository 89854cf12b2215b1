"""The dashboard over a run that another process trains."""

from __future__ import annotations

from tuimove.screen.one_run.dashboard import Dashboard


class Attached(Dashboard):
    """A run that goes on when this screen is left."""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """Leave out what only the process that trains the run can do."""
        return action != "restart"
