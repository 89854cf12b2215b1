"""Has the dashboard of a restarted run show what that of the run before showed."""

from __future__ import annotations

from dataclasses import replace

from tuimove.screen.drawing.chart import Chart
from tuimove.screen.one_run.dashboard import Dashboard

KEPT = ("_matrix", "_quantity", "_panel", "_recent", "_second", "_shows_all")


def show_alike(new: Dashboard, old: Dashboard) -> None:
    """Show the same matrix, quantity, panel and scales on a dashboard that has just been pushed."""
    for name in KEPT:
        setattr(new, name, getattr(old, name))
    before = old.query_one(Chart)._view

    def scale() -> None:
        chart = new.query_one(Chart)
        chart._view = replace(
            chart._view,
            log_x=before.log_x,
            flipped=before.flipped,
            is_smooth=before.is_smooth,
            has_grid=before.has_grid,
        )
        new.fit_panels()
        new.show_everything()

    new.call_after_refresh(scale)
