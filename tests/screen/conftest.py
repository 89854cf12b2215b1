"""Screens whose sources are as patient as the tests are."""

from __future__ import annotations

import pytest

from tests.waiting import PATIENCE
from tuimove import control_socket
from tuimove.screen import recorded_source


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take no run for unfinished, and no process for gone, because the machine is busy."""
    monkeypatch.setattr(recorded_source, "GROWING_SECONDS", PATIENCE)
    monkeypatch.setattr(control_socket, "TIMEOUT_SECONDS", PATIENCE)
