"""A run of checkpoints that are there: how it ends, and what is too much for it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.conftest import parse_records
from tests.support.weight_files import moved_weights, save_npz, save_safetensors
from tuimove.errors import DataError, OutputError, TuimoveError
from tuimove.recording.folder.stop_request import ask_to_stop
from tuimove.runs.checkpoints.listing import named_checkpoints
from tuimove.runs.checkpoints.recording import (
    CheckpointRun,
    Listener,
    RunPlan,
    checked_checkpoints,
    record_all,
)
from tuimove.runs.loops.sample import MOST_MEASURED
from tuimove.runs.weight_files.opening import open_weights


def listener(said: list[str]) -> Listener:
    """Return one that keeps what is said of the checkpoints."""
    return Listener(lambda _: None, lambda *_: None, said.append)


def recorded(
    place: Path, asked: Callable[[CheckpointRun], bool] = lambda _: False, said: list[str] | None = None
) -> list[dict[str, Any]]:
    """Record the checkpoints in a folder, and return the records."""
    run = CheckpointRun(RunPlan("mine", place / "run"), listener([] if said is None else said))
    listed = checked_checkpoints(named_checkpoints([place], print), (), is_sorted=True)
    record_all(run, listed, lambda: asked(run))
    return parse_records((place / "run" / "records.jsonl").read_text())


@pytest.fixture
def checkpoints(tmp_path: Path) -> Path:
    for step in range(3):
        save_npz(tmp_path / f"step_{step}.npz", **moved_weights(step))
    return tmp_path


def test_an_interruption_ends_it_between_two_checkpoints(checkpoints: Path) -> None:
    records = recorded(checkpoints, lambda run: run.steps == [0])
    assert (records[-1]["status"], records[-1]["epochs"]) == ("interrupted", 0)
    assert sum(one["record"] == "measurement" for one in records) == 1


def test_a_request_to_stop_does_too(checkpoints: Path) -> None:
    def ask(run: CheckpointRun) -> bool:
        if run.steps == [0, 1]:
            ask_to_stop(checkpoints / "run")
        return False

    assert recorded(checkpoints, ask)[-1]["status"] == "stopped"


def test_a_run_folder_that_goes_away_is_told(checkpoints: Path) -> None:
    def remove(run: CheckpointRun) -> bool:
        if run.steps == [0]:
            shutil.rmtree(checkpoints / "run")
        return False

    with pytest.raises(OutputError, match="No such file or directory"):
        recorded(checkpoints, remove)


def test_large_matrices_are_represented_by_the_recorder_s_sample(tmp_path: Path) -> None:
    W = np.random.default_rng(0).normal(size=(600, 500)).astype(np.float32)
    for step in range(2):
        save_npz(tmp_path / f"step_{step}.npz", W=W + np.float32(step))
    run, *records = recorded(tmp_path)
    assert run["loop"]["sampled"] == {"W": MOST_MEASURED}
    distance = next(one for one in records if one["epoch"] == 1)["matrices"]["W"]["distance"]
    assert distance == pytest.approx(np.sqrt(MOST_MEASURED), rel=1e-6)


def test_of_more_arrays_than_a_run_can_have_some_are_recorded_and_that_is_said(tmp_path: Path) -> None:
    save_npz(tmp_path / "step_0.npz", **{f"w{number}": np.ones(1) for number in range(1025)})
    said: list[str] = []
    assert len(recorded(tmp_path, said=said)[0]["matrices"]) == 1024
    assert said == ["only 1,024 of 1,025 parameters are recorded; choose others by `only`"]


def test_a_file_that_is_cut_while_it_is_read_ends_the_run_in_a_sentence(tmp_path: Path) -> None:
    W = np.ones(300_000, np.float32)
    for step in range(2):
        save_safetensors(tmp_path / f"step_{step}.safetensors", {"W": W})
    cut = tmp_path / "step_1.safetensors"

    def truncate(run: CheckpointRun) -> bool:
        if run.steps == [0]:
            weights = open_weights(cut)
            cut.write_bytes(cut.read_bytes()[:1000])
            with weights as file:
                run.take(file, 1)
        return False

    with pytest.raises(DataError, match=r"step_1\.safetensors: damaged or cut short"):
        recorded(tmp_path, truncate)
    *_, end = parse_records((tmp_path / "run" / "records.jsonl").read_text())
    assert end["status"] == "stopped"


def test_a_folder_that_is_in_use_is_refused_before_anything_is_read(checkpoints: Path) -> None:
    with pytest.raises(TuimoveError, match="already there"):
        CheckpointRun(RunPlan("mine", checkpoints), listener([]))


def test_where_nobody_can_be_told_of_the_run_its_end_is_written_and_its_folder_unlocked(tmp_path: Path) -> None:
    def deaf(_: str) -> None:
        raise OutputError("standard output: No space left on device")

    save_npz(tmp_path / "step_0.npz", **moved_weights(0.0))
    run = CheckpointRun(RunPlan("mine", tmp_path / "run"), Listener(deaf, lambda *_: None, print))
    listed = checked_checkpoints(named_checkpoints([tmp_path], print), (), is_sorted=True)
    with pytest.raises(OutputError, match="No space left"):
        record_all(run, listed, lambda: False)
    end = parse_records((tmp_path / "run" / "records.jsonl").read_text())[-1]
    assert (end["record"], end["status"]) == ("end", "stopped")
    assert not (tmp_path / "run" / "lock").exists()
