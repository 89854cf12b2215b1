"""Screens whose sources are as patient as the tests are."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.key_bursts import nothing_trained, write_runs
from tests.support.waiting import PATIENCE, pause
from tuimove.runs.steering import control_socket, remote_controls
from tuimove.screen import everywhere
from tuimove.screen.sources import recorded_run
from tuimove.training import trainer


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take no run for unfinished, and no process for gone or silent, because the machine is busy."""
    monkeypatch.setattr(recorded_run, "GROWING_SECONDS", PATIENCE)
    monkeypatch.setattr(control_socket, "TIMEOUT_SECONDS", PATIENCE)
    monkeypatch.setattr(remote_controls, "SILENT_SECONDS", PATIENCE)


@pytest.fixture
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let an epoch last some milliseconds, so that endless training leaves the processor to other tests."""
    descend = trainer._descend

    def after_a_rest(*arguments: Any) -> list[int]:
        pause(0.005)
        return descend(*arguments)

    monkeypatch.setattr(trainer, "_descend", after_a_rest)


@pytest.fixture(autouse=True)
def _explained(monkeypatch: pytest.MonkeyPatch) -> None:
    """Explain no first run: the line would take a row of every dashboard; its own tests have it back."""
    monkeypatch.setattr(everywhere, "is_first_run", lambda: False)


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Return a folder with recorded runs; what is begun meanwhile trains, as far as anybody can tell."""
    folder = tmp_path_factory.mktemp("runs")
    write_runs(folder)
    with nothing_trained(folder):
        yield folder
