"""How fast this machine has trained, from the records of finished runs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.support.screen_reading import END, RUN
from tuimove.recording.folder.measured_rates import measured_rates
from tuimove.recording.folder.store import runs_folder
from tuimove.recording.record import to_json


@pytest.fixture(autouse=True)
def _place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))


def keep(day: int, hidden: Any, seconds: float, status: Any = "finished") -> None:
    folder = runs_folder() / f"run-202601{day:02}T000000-aaaaaa"
    folder.mkdir(parents=True)
    data = {"name": "mnist", "train": 10_000, "test": 10, "inputs": 784, "live_inputs": 700, "classes": 10}
    run = replace(RUN, preset={"name": "run", "network": {"hidden": hidden}}, data=data)
    end = replace(END, status=status, epochs=100, seconds=seconds)
    (folder / "records.jsonl").write_text("".join(f"{to_json(one, histograms=True)}\n" for one in (run, end)))


def test_the_median_of_the_newest_runs_of_each_width_counts() -> None:
    for day, seconds in enumerate((50.0, 1.0, 2.0, 400.0, 3.0, 4.0), start=1):
        keep(day, 10, seconds)
    keep(9, 100, 20.0)
    assert measured_rates() == {10: pytest.approx(3e-6), 100: pytest.approx(2e-5)}


def test_what_didn_t_finish_or_can_t_be_read_counts_for_nothing() -> None:
    keep(1, 10, 5.0, status="stopped")
    keep(2, "ten", 5.0)
    keep(3, 10, 0.0)
    (runs_folder() / "run-20260104T000000-aaaaaa").mkdir()
    (runs_folder() / "run-20260104T000000-aaaaaa" / "records.jsonl").write_bytes(b"\xff\x00{")
    assert measured_rates() == {}
