"""Fixtures that tests of several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tuimove.command_line.commands import attach
from tuimove.screen.app import ScreenOptions


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[Path]:
    """Return the folders that were shown on a screen that needs no terminal; runs are kept in a folder of the test."""
    shown: list[Path] = []

    def run_screen(screen: Any, *_: object) -> int:
        source = getattr(screen, "source", None) or screen.feed
        shown.append(source.out)
        source.close()
        return 0

    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setattr(attach, "run_screen", run_screen)
    monkeypatch.setattr(attach, "require_drawing", lambda *_: ScreenOptions())
    return shown
