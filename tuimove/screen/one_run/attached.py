"""The dashboard over a run that another process trains."""

from __future__ import annotations

from tuimove.screen.one_run.dashboard import Dashboard


class Attached(Dashboard):
    """Shows a run that goes on when this screen closes."""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """Disable actions of the process that trains the run."""
        return action != "restart"
