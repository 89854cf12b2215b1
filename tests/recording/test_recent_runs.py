"""The newest runs of a user, by their names alone."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from tuimove.recording.folder.recent_runs import recent_runs
from tuimove.recording.folder.store import PLAN, runs_folder
from tuimove.recording.reading.run_folders import RECORDS


@pytest.fixture(autouse=True)
def _place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    runs_folder().mkdir(parents=True)


def add(name: str, file: str = RECORDS) -> None:
    (runs_folder() / name).mkdir()
    (runs_folder() / name / file).touch()


def test_runs_come_newest_first_whatever_they_are_called() -> None:
    for name in ("z-20260101T000000-aaaaaa", "a-20260301T101500-aaaaaa", "m-20260201T000000-aaaaaa", "renamed"):
        add(name)
    add("sweep-20260215T000000-aaaaaa", PLAN)
    (runs_folder() / "no-run-20270101T000000-aaaaaa").mkdir()
    found, others = recent_runs(10)
    assert [run.name for run in found] == ["a", "sweep", "m", "z", "renamed"]
    assert [run.is_experiment for run in found] == [False, True, False, False, False]
    assert found[0].began == datetime(2026, 3, 1, 10, 15)
    assert found[-1].began is None
    assert others == 0


def test_more_than_asked_for_are_counted_but_not_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    for day in range(1, 29):
        add(f"run-202601{day:02}T000000-aaaaaa")
    found, others = recent_runs(3, {"run-20260128T000000-aaaaaa"})
    assert [run.folder.name[4:12] for run in found] == ["20260127", "20260126", "20260125"]
    assert others == 24
    monkeypatch.setenv("XDG_DATA_HOME", "/nowhere")
    assert recent_runs(3) == ([], 0)


def test_a_name_with_an_impossible_date_has_none() -> None:
    add("run-20261399T000000-aaaaaa")
    assert recent_runs(1)[0][0].began is None
