"""A run that was cut short goes on as if it hadn't been: the same weights and records, to the bit."""

from __future__ import annotations

import json
import os
import random
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.conftest import Tuimove, parse_records
from tests.support.cut_runs import (
    PRESET,
    Asking,
    Dying,
    KilledError,
    contents,
    damage_and_resume,
    is_every,
    resume,
    train,
)
from tests.support.in_process import InProcess
from tuimove.errors import DataError, TuimoveError
from tuimove.recording.folder.run_folder import RunFolder
from tuimove.recording.folder.run_lock import LOCK
from tuimove.recording.sinks.sink import Sink
from tuimove.runs.resumption import open_resumption
from tuimove.runs.session import run_session
from tuimove.runs.steering.controls import Controls
from tuimove.settings.preset import NetworkKeys
from tuimove.training.image_set import Digits


@pytest.fixture
def whole(tmp_path: Path, digits: Digits) -> Path:
    """Return the folder of the uninterrupted run."""
    train(tmp_path / "whole", digits)
    return tmp_path / "whole"


@pytest.mark.parametrize("activation", ["relu", "sigmoid"])
@pytest.mark.parametrize("epoch", [0, 4, 13, 14, 60])
def test_a_killed_run_ends_as_an_uninterrupted_one(tmp_path: Path, digits: Digits, epoch: int, activation: str) -> None:
    preset = replace(PRESET, network=NetworkKeys(hidden=5, activation=activation))
    train(tmp_path / "whole", digits, preset=preset)
    with pytest.raises(KilledError):
        train(tmp_path / "cut", digits, Dying(epoch), preset=preset)
    resume(tmp_path / "cut", digits)
    assert contents(tmp_path / "cut") == contents(tmp_path / "whole")


@pytest.mark.parametrize("records", [1, 2, 3, 5, 8, 11])
def test_it_does_so_wherever_it_is_killed_between_records(
    tmp_path: Path, digits: Digits, whole: Path, records: int
) -> None:
    with pytest.raises(KilledError):
        train(tmp_path / "cut", digits, Dying(records=records))
    with pytest.raises(KilledError):
        resume(tmp_path / "cut", digits, Dying(epoch=50))
    resume(tmp_path / "cut", digits)
    assert contents(tmp_path / "cut") == contents(whole)


def test_what_was_recorded_before_is_never_written_again(tmp_path: Path, digits: Digits) -> None:
    with pytest.raises(KilledError):
        train(tmp_path / "cut", digits, Dying(48), every=1000)
    before = (tmp_path / "cut" / "records.jsonl").read_bytes()
    resume(tmp_path / "cut", digits)
    after = (tmp_path / "cut" / "records.jsonl").read_bytes()
    assert after.startswith(before)
    epochs = [r["epoch"] for r in parse_records(after.decode()) if r["record"] == "measurement"]
    assert epochs == [*range(0, 60, 7), 60]


def with_first_record(folder: Path, change: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    """Write a run's first record anew, without a checkpoint, whose sum of the records wouldn't hold any longer."""
    first, *others = (folder / "records.jsonl").read_text().splitlines(keepends=True)
    line = json.dumps(change(json.loads(first)), separators=(",", ":"))
    (folder / "records.jsonl").write_text("".join((f"{line}\n", *others)))


def as_schema_1(record: dict[str, Any]) -> dict[str, Any]:
    """Return a run record as it was written before it listed its matrices."""
    return {**{name: value for name, value in record.items() if name != "matrices"}, "schema": 1}


def test_a_run_that_was_begun_with_schema_1_goes_on(tmp_path: Path, digits: Digits, whole: Path) -> None:
    with pytest.raises(KilledError):
        train(tmp_path / "cut", digits, Dying(30), every=1000)
    with_first_record(tmp_path / "cut", as_schema_1)
    resumption = resume(tmp_path / "cut", digits)
    assert resumption.record is not None
    assert [role.shape for role in resumption.record.matrices] == [(5, digits.inputs), (5,), (digits.classes, 5),
                                                                   (digits.classes,)]  # fmt: skip
    (first, *others), weights = contents(tmp_path / "cut")
    (whole_first, *whole_others), whole_weights = contents(whole)
    assert (others, weights) == (whole_others, whole_weights)
    assert (first["schema"], whole_first["schema"]) == (1, 2)
    assert first == as_schema_1(whole_first)


def test_another_program_s_training_is_not_gone_on_with(tmp_path: Path, digits: Digits) -> None:
    with pytest.raises(KilledError):
        train(tmp_path / "cut", digits, Dying(30))
    role = {"name": "fc.weight", "kind": "weights", "place": "first"}
    with_first_record(tmp_path / "cut", lambda record: {**record, "matrices": [role]})
    with pytest.raises(DataError, match=r"other matrices \(fc\.weight\)"):
        resume(tmp_path / "cut", digits)


def test_half_a_checkpoint_that_a_killed_process_left_is_removed(tmp_path: Path, digits: Digits) -> None:
    with pytest.raises(KilledError):
        train(tmp_path / "cut", digits, Dying(30))
    (tmp_path / "cut" / "checkpoint-000000030-0123456789abcdef.npz.part").write_bytes(b"half")
    resume(tmp_path / "cut", digits)
    assert not list((tmp_path / "cut").glob("*.part"))


@pytest.mark.parametrize("epoch", [19, 20, 21, 40])
@pytest.mark.parametrize("every", [5, 1000])
def test_a_run_that_was_steered_is_steered_again(tmp_path: Path, digits: Digits, epoch: int, every: int) -> None:
    """Two changes of the learning rate; those before the run was cut short are in its records."""

    def steer(controls: Controls, at: int) -> None:
        if at in (20, 33):
            controls.scale_rate(0.5)

    def steered(folder: Path, *others: Sink) -> None:
        controls = Controls()
        kept = RunFolder(folder, PRESET)
        kept.wants_checkpoint = is_every(every)  # type: ignore[method-assign]
        sinks = [kept, Asking(lambda at: steer(controls, at)), *others]
        run_session(PRESET, digits, sinks, controls, 1, keeper=kept)

    steered(tmp_path / "whole")
    with pytest.raises(KilledError):
        steered(tmp_path / "cut", Dying(epoch))
    resumption = open_resumption(tmp_path / "cut", 10.0, print)
    controls = Controls()
    later = Asking(lambda at: steer(controls, at) if at >= epoch else None)
    kept = resumption.run_folder
    run_session(PRESET, digits, [kept, later], controls, 1, keeper=kept, resumption=resumption)
    assert contents(tmp_path / "cut") == contents(tmp_path / "whole")


@pytest.mark.parametrize("epoch", [7, 20])
def test_an_interrupted_run_goes_on_from_that_very_epoch(
    tmp_path: Path, digits: Digits, whole: Path, epoch: int
) -> None:
    controls = Controls()
    kept = RunFolder(tmp_path / "cut", PRESET)
    stopping = Asking(lambda at: controls.stop("interrupted") if at == epoch else None)
    end = run_session(PRESET, digits, [kept, stopping], controls, 1, keeper=kept)
    assert end
    assert (end.status, end.epochs) == ("interrupted", epoch)
    resumption = resume(tmp_path / "cut", digits)
    assert resumption.checkpoint
    assert resumption.checkpoint.epoch == epoch
    assert contents(tmp_path / "cut") == contents(whole)


def test_a_detached_run_has_no_end_until_another_process_has_ended_it(
    tmp_path: Path, digits: Digits, whole: Path
) -> None:
    controls = Controls()
    controls.stop("detached")
    kept = RunFolder(tmp_path / "cut", PRESET)
    assert run_session(PRESET, digits, [kept], controls, 1, keeper=kept) is None
    assert '"record":"end"' not in (tmp_path / "cut" / "records.jsonl").read_text()
    assert not (tmp_path / "cut" / LOCK).exists()
    resume(tmp_path / "cut", digits)
    assert contents(tmp_path / "cut") == contents(whole)


def test_a_run_that_has_finished_or_never_was_is_refused(tmp_path: Path, whole: Path) -> None:
    with pytest.raises(TuimoveError, match="has finished"):
        open_resumption(whole, 10.0, print)
    assert not (whole / LOCK).exists()
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match="no run"):
        open_resumption(tmp_path / "empty", 10.0, print)
    for content in ("", "\n", "garbage\n", '{"record":"run"}\n', '{"record":"run","run":"x"', "[1]\n{}\n"):
        (tmp_path / "empty" / "records.jsonl").write_text(content)
        with pytest.raises(TuimoveError):
            open_resumption(tmp_path / "empty", 10.0, print)


def test_other_data_are_told_from_those_that_the_run_began_with(tmp_path: Path, digits: Digits) -> None:
    with pytest.raises(KilledError):
        train(tmp_path / "cut", digits, Dying(40))
    other = replace(digits, train_labels=np.roll(digits.train_labels, 1))
    with pytest.raises(DataError, match="not the training images and labels that the run began with"):
        resume(tmp_path / "cut", other)


@pytest.mark.parametrize("seed", range(int(os.environ.get("TUIMOVE_MUTATIONS", "25"))))
def test_whatever_is_damaged_is_made_again_or_refused_in_words(
    tmp_path: Path, digits: Digits, whole: Path, seed: int
) -> None:
    """Of checkpoints and records alike; `python -m tests.faults damaging --full` tries a thousand."""
    damage_and_resume(tmp_path / "cut", digits, whole, random.Random(seed))


def test_a_folder_copied_elsewhere_goes_on_there(tmp_path: Path, digits: Digits, whole: Path) -> None:
    with pytest.raises(KilledError):
        train(tmp_path / "cut", digits, Dying(30))
    shutil.copytree(tmp_path / "cut", tmp_path / "elsewhere")
    resume(tmp_path / "elsewhere", digits)
    assert contents(tmp_path / "elsewhere") == contents(whole)


def test_the_command_streams_what_had_not_been_recorded(
    tuimove: Tuimove, in_process: InProcess, tmp_path: Path, idx_folder: Path
) -> None:
    common = ("run", "quick-look", "--no-ui", "--threads", 1, "--data", idx_folder, "--set", "data.train=200", "--out")
    whole = in_process(*common, tmp_path / "whole", "--set", "training.epochs=40")
    assert whole.returncode == 0, whole.stderr
    folder = tmp_path / "whole"
    lines = (folder / "records.jsonl").read_bytes().splitlines(keepends=True)
    (folder / "records.jsonl").write_bytes(b"".join(lines[:3]) + lines[3][:100])
    resumed = tuimove("resume", folder, "--no-ui")
    assert resumed.returncode == 0, resumed.stderr
    run, *rest = parse_records(resumed.stdout)
    assert (run["record"], run["run"]) == ("run", json.loads(lines[0])["run"])
    told = [record.get("epoch") for record in parse_records(whole.stdout)]
    assert [record.get("epoch") for record in rest] == told[3:]
    again = in_process("resume", folder, "--no-ui")
    assert (again.returncode, "has finished" in again.stderr) == (2, True)


def cut_with(folder: Path, change: Callable[[dict[str, Any]], None]) -> None:
    """Cut a run short after its first records, and change what they say."""
    lines = [json.loads(line) for line in (folder / "records.jsonl").read_text().splitlines()[:3]]
    for line in lines:
        change(line)
    (folder / "records.jsonl").write_text("".join(f"{json.dumps(line, separators=(',', ':'))}\n" for line in lines))


def test_records_that_leave_things_out_or_claim_too_much_are_no_traceback(
    in_process: InProcess, tmp_path: Path, idx_folder: Path
) -> None:
    made = in_process("run", "quick-look", "--no-ui", "--threads", 1, "--data", idx_folder, "--set", "data.train=200",
                      "--set", "training.epochs=20", "--out", tmp_path / "whole")  # fmt: skip
    assert made.returncode == 0, made.stderr
    shutil.copytree(tmp_path / "whole", tmp_path / "greedy")

    def leave_out(record: dict[str, Any]) -> None:
        record["matrices"] = {}
        if "preset" in record:
            record["preset"] = {"data": record["preset"]["data"], "training": {"epochs": 20}}

    def claim(record: dict[str, Any]) -> None:
        if "preset" in record:
            record["preset"]["network"]["hidden"] = 10**12

    cut_with(tmp_path / "whole", leave_out)
    assert (done := in_process("resume", tmp_path / "whole", "--no-ui", "--threads", 1)).returncode == 0, done.stderr
    cut_with(tmp_path / "greedy", claim)
    refused = in_process("resume", tmp_path / "greedy", "--no-ui")
    assert refused.returncode == 2
    assert "network.hidden = 1000000000000: needs over" in refused.stderr
    assert "Traceback" not in refused.stderr
