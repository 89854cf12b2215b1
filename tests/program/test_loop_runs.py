"""Runs of training loops through the commands that read records: they count steps, and have what they have."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import tuimove
from tests.conftest import parse_records
from tests.support.in_process import InProcess
from tests.support.loop_runs import finding, look, parameters, run_record, write_loop
from tuimove.recording.folder.store import make_runs_folder

END = {"record": "end", "run": "nanoGPT", "status": "finished", "epochs": 11, "seconds": 0.2}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_loop(tmp_path / "loop", 1, 12, finding(9, "lm_head.weight"), END)


def test_check_finds_what_was_found_live_and_says_steps(in_process: InProcess, tmp_path: Path) -> None:
    weights = np.random.default_rng(1).normal(0, 0.1, (40, 50)).astype(np.float32)
    with tuimove.Recorder({"dense/kernel": weights}, out=tmp_path / "live") as recorder:
        for _ in range(40):
            weights *= 1.6
            recorder.step()
    live = [(one.step, one.rule, one.severity, one.message) for one in recorder.findings]
    assert live
    done = in_process("check", tmp_path / "live")
    again = parse_records(done.stdout)
    assert [(one["epoch"], one["rule"], one["severity"], one["message"]) for one in again] == live
    assert f"step {live[0][0]}, dense/kernel" in done.stderr
    assert "epoch " not in done.stderr


def test_compare_draws_against_steps_and_leaves_out_scores_that_nobody_noted(
    in_process: InProcess, folder: Path, tmp_path: Path
) -> None:
    done = in_process("compare", folder, folder)
    assert "transformer.h.0.attn.c_attn.weight.distance against steps" in done.stdout
    for absent in ("epoch", "test_accuracy", "loss"):
        assert absent not in done.stdout
    noted = [run_record(parameters(1)), *(look(parameters(1), step, test_accuracy=0.5) for step in (0, 1)), END]
    file = tmp_path / "noted.jsonl"
    file.write_text("".join(f"{json.dumps(record)}\n" for record in noted))
    assert "test_accuracy" in in_process("compare", folder, file).stdout


def test_a_report_speaks_of_steps(in_process: InProcess, folder: Path, tmp_path: Path) -> None:
    done = in_process("report", folder, "--out", tmp_path / "report")
    assert "first at step 9" in done.stdout
    for absent in ("epoch", "test acc"):
        assert absent not in done.stdout
    page = (tmp_path / "report" / "report.html").read_text()
    assert "first at step" in page
    assert "first at epoch" not in page


def test_runs_lists_the_step_and_plans_nothing(
    in_process: InProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    write_loop(make_runs_folder() / "loop-20260101T000000-abcdef", 1, 12, END)
    (line,) = in_process("runs").stdout.splitlines()[1:]
    assert "  step 11  " in line
    (row,) = parse_records(in_process("runs", "--json").stdout)
    assert (row["clock"], row["epoch"], row["epochs"]) == ("step", 11, None)


def test_a_loop_s_run_is_not_resumed_here(in_process: InProcess, tmp_path: Path) -> None:
    folder = write_loop(tmp_path / "loop", 1, 12)
    done = in_process("resume", folder, "--no-ui")
    assert done.returncode == 2
    assert "a training loop's run goes on where its loop does, not here" in done.stderr
