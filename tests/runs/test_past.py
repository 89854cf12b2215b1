"""What was recorded before a run is resumed is read twice, however much looks back on it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.counted_reads import counted_reads
from tests.support.cut_runs import PRESET, Dying, KilledError, train
from tests.support.in_process import InProcess
from tuimove.recording.folder import recorded_bytes
from tuimove.recording.record import EndRecord
from tuimove.runs.resumption import open_resumption, preset_of_run
from tuimove.runs.run_options import RunOptions
from tuimove.screen.sources.trained_run import TrainingThread
from tuimove.settings.preset import DataKeys, MeasureKeys
from tuimove.training.image_set import Digits

EPOCHS, KILLED_AT, DAMAGED = 120, 110, 60
MOST_SEARCHED = 1 << 17
"""Bytes, more than are read for the first line and the last one."""
EPOCHS_TO_CHECKPOINT = {"just after a checkpoint": 55, "after one": 40, "without one": 1000, "after a damaged one": 40}


@pytest.fixture(params=EPOCHS_TO_CHECKPOINT)
def cut(request: pytest.FixtureRequest, tmp_path: Path, idx_folder: Path, digits: Digits) -> Path:
    """Return the folder of a run that was killed after a hundred records."""
    data, training = DataKeys(str(idx_folder)), replace(PRESET.training, epochs=EPOCHS)
    preset = replace(PRESET, data=data, training=training, measure=MeasureKeys(every=1))
    folder, every = tmp_path / "cut", EPOCHS_TO_CHECKPOINT[request.param]
    with pytest.raises(KilledError):
        train(folder, replace(digits, name=str(idx_folder)), Dying(KILLED_AT), preset=preset, every=every)
    if request.param == "after a damaged one":
        lines = (folder / "records.jsonl").read_bytes().splitlines(keepends=True)
        place = next(i for i, line in enumerate(lines) if json.loads(line).get("epoch") == DAMAGED)
        lines[place] = b"?" + lines[place][1:]
        (folder / "records.jsonl").write_bytes(b"".join(lines))
    return folder


def resume_headless(folder: Path, in_process: InProcess) -> None:
    done = in_process("resume", folder, "--no-ui", "--threads", 1)
    assert done.returncode == 0, done.stderr


def resume_in_dashboard(folder: Path, _: InProcess) -> None:
    thread = TrainingThread(preset_of_run(folder), RunOptions(threads=1), folder)
    thread.work()
    assert isinstance(thread.end, EndRecord)
    assert thread.end.status == "finished"


@pytest.mark.parametrize("resume", [resume_headless, resume_in_dashboard])
def test_no_record_is_read_more_than_twice(
    cut: Path, in_process: InProcess, monkeypatch: pytest.MonkeyPatch, resume: Callable[[Path, InProcess], None]
) -> None:
    records = cut / "records.jsonl"
    monkeypatch.setattr(recorded_bytes, "BLOCK", MOST_SEARCHED // 8)
    size, read = records.stat().st_size, counted_reads(records, monkeypatch)
    assert size > 2 * MOST_SEARCHED
    resume(cut, in_process)
    assert size < sum(read) < 2 * size + MOST_SEARCHED


@pytest.mark.parametrize("cut", ["after a damaged one"], indirect=True)
def test_where_records_before_a_checkpoint_are_damaged_an_older_one_is_taken(cut: Path) -> None:
    said: list[str] = []
    resumption = open_resumption(cut, 10.0, said.append)
    resumption.run_folder.close()
    assert resumption.checkpoint
    assert resumption.checkpoint.epoch < DAMAGED
    assert any("aren't what they were" in words for words in said)
