"""What a recording does when its disk or its folder fails: one line, and the loop goes on."""

from __future__ import annotations

import errno
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.conftest import parse_records
from tests.runs.test_recorder import new_weights, update
from tests.support.processes import run
from tuimove import Recorder
from tuimove.recording.folder.stop_request import ask_to_stop


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "run"


def fail_from(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    """Let writing to files fail from its nth time on, as on a full disk."""
    real, times = os.write, 0

    def write(descriptor: int, content: bytes) -> int:
        nonlocal times
        times += descriptor not in (1, 2)
        if times >= number and descriptor not in (1, 2):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return real(descriptor, content)

    monkeypatch.setattr(os, "write", write)


@pytest.mark.parametrize("number", [3, 4, 6, 9])
def test_a_disk_that_runs_full_is_one_line_and_the_loop_goes_on(
    out: Path, monkeypatch: pytest.MonkeyPatch, number: int, capsys: pytest.CaptureFixture[str]
) -> None:
    weights, alone = new_weights(), new_weights()
    recorder = Recorder(weights, out=out, budget=1)
    fail_from(monkeypatch, number)
    for step in range(20):
        update(weights, step)
        update(alone, step)
        recorder.step(0.5)
    recorder.close()
    output = [line for line in capsys.readouterr().err.splitlines() if "tuimove: recording" not in line]
    said = [line for line in output if "recording ends" in line]
    assert len(said) == 1
    assert len(output) <= 2
    assert "No space left on device" in said[0]
    assert all((weights[name] == alone[name]).all() for name in alone)
    kept = parse_records((out / "records.jsonl").read_text())
    assert [one["record"] for one in kept][:2] == ["run", "measurement"]
    assert not (out / "lock").exists()


def gone(out: Path) -> None:
    shutil.rmtree(out)


def moved(out: Path) -> None:
    out.rename(out.with_name("elsewhere"))


def replaced(out: Path) -> None:
    (out / "records.jsonl").unlink()
    (out / "records.jsonl").write_text("")


@pytest.mark.parametrize(
    ("trouble", "words"),
    [(gone, "No such file"), (moved, "No such file"), (replaced, "another file has taken its place")],
)
def test_a_folder_that_goes_away_is_one_line_and_the_loop_goes_on(
    out: Path, trouble: Callable[[Path], None], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    weights = new_weights()
    recorder = Recorder(weights, out=out, budget=1)
    recorder.step()
    trouble(out)
    for step in range(20):
        update(weights, step)
        recorder.step()
    assert not recorder.should_stop
    recorder.close()
    said = [line for line in capsys.readouterr().err.splitlines() if "recording ends" in line]
    assert len(said) == 1
    assert words in said[0]


def test_a_broken_standard_error_never_reaches_the_loop(out: Path) -> None:
    script = (
        "import os, sys, numpy, tuimove\n"
        "os.dup2(os.open('/dev/full', os.O_WRONLY), 2)\n"
        f"weights = {{'w': numpy.ones((3, 4))}}\nrecorder = tuimove.Recorder(weights, out={str(out)!r}, budget=1)\n"
        "recorder.step(0.5)\nweights['w'][:] = numpy.nan\nrecorder.step()\nsys.stderr = None\n"
        "recorder.step(), recorder.close('done')\nprint(len(recorder.findings))\n"
    )
    done = run([sys.executable, "-c", script])
    assert done.returncode == 0
    assert int(done.stdout) > 0


def test_a_screen_s_request_stops_a_loop_that_asks(out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tuimove.recording.folder.stop_request.LOOK_SECONDS", 0.0)
    recorder = Recorder(new_weights(), out=out)
    recorder.step()
    assert not recorder.should_stop
    ask_to_stop(out)
    assert recorder.should_stop
    recorder.close()
    end = parse_records((out / "records.jsonl").read_text())[-1]
    assert (end["status"], end["reason"]) == ("stopped", "a screen has asked for it")


def test_a_run_s_starting_weights_are_in_its_folder(out: Path) -> None:
    weights = new_weights()
    recorder = Recorder(weights, out=out, sample=100)
    with np.load(out / "first.npz") as kept:
        assert {name: kept[name].size for name in kept.files} == {
            "hidden/kernel": 100, "hidden/bias": 20, "out/kernel": 80, "out/bias": 4,
        }  # fmt: skip
        assert (kept["out/kernel"] == weights["out/kernel"].reshape(-1)).all()
    recorder.close()


def test_a_matrix_of_equal_size_and_another_shape_is_said(out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    weights: dict[str, Any] = new_weights()
    recorder = Recorder(weights, out=out, budget=1)
    weights["out/kernel"] = weights["out/kernel"].T
    recorder.step()
    assert "out/kernel: its shape is (4, 20), and was (20, 4) at the start" in capsys.readouterr().err
    recorder.close()


def test_a_loop_may_change_its_working_folder_or_lose_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "here").mkdir()
    (tmp_path / "there").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    recorder = Recorder(new_weights(), out="run", budget=1)
    monkeypatch.chdir(tmp_path / "there")
    recorder.step()
    (tmp_path / "there").rmdir()
    recorder.close()
    assert parse_records((tmp_path / "here" / "run" / "records.jsonl").read_text())[-1]["status"] == "finished"
    with Recorder(new_weights(), out=tmp_path / "other", budget=1) as other:
        other.step()
    assert parse_records((tmp_path / "other" / "records.jsonl").read_text())[-1]["status"] == "finished"


def test_a_loop_that_turns_overflows_into_exceptions_is_recorded_all_the_same(out: Path) -> None:
    weights = {"w": np.full((3, 4), 1.0)}
    with np.errstate(all="raise"), Recorder(weights, out=out, budget=1) as recorder:
        weights["w"][0, 0] = 1e300
        recorder.step()
        weights["w"][0, 1] = np.nan
        recorder.step()
    assert parse_records((out / "records.jsonl").read_text())[-1]["status"] == "finished"
    assert "not_finite" in {one.rule for one in recorder.findings}
