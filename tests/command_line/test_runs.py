"""Runs are kept without being asked for, found again by name, listed with how they stand, and pruned with care."""

from __future__ import annotations

import errno
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Tuimove, parse_records
from tests.support.in_process import InProcess
from tuimove.command_line.headless.run_list import prune_runs
from tuimove.recording.folder.run_lock import LOCK, RunLock
from tuimove.recording.folder.run_summary import read_summary
from tuimove.recording.folder.store import find_run, new_run_id, runs_folder
from tuimove.runs.background import LOG, open_log

QUICK = ("run", "quick-look", "--no-ui", "--threads", "1", "--set", "data.train=200", "--set", "training.epochs=20")


@pytest.fixture(autouse=True)
def _own_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))


def write_run(name: str, *ends: str, epoch: int = 10, severity: str = "") -> Path:
    """Write a run into the default place, with end records of these statuses."""
    folder = runs_folder() / name
    folder.mkdir(parents=True)
    records: list[dict[str, Any]] = [
        {"record": "run", "run": name, "preset": {"name": "mine", "training": {"epochs": 50}}, "data": {}},
        {"record": "measurement", "run": name, "epoch": epoch, "test_accuracy": 0.5, "matrices": {}},
    ]
    if severity:
        records.append({"record": "finding", "run": name, "epoch": 5, "severity": severity, "matrix": None})
    records += [{"record": "end", "run": name, "status": status, "epochs": epoch, "seconds": 1.0} for status in ends]
    (folder / "records.jsonl").write_text("".join(f"{json.dumps(one, separators=(',', ':'))}\n" for one in records))
    return folder


def age(folder: Path, days: float) -> None:
    os.utime(folder / "records.jsonl", (time.time() - days * 86_400,) * 2)


def test_every_run_is_kept_and_found_by_the_beginning_of_its_name(
    tuimove: Tuimove, in_process: InProcess, idx_folder: Path
) -> None:
    done = tuimove(*QUICK, "--data", idx_folder)
    assert done.returncode == 0, done.stderr
    (folder,) = runs_folder().iterdir()
    assert f"kept as {folder.name}" in done.stderr
    assert folder.name == parse_records(done.stdout)[0]["run"]
    assert oct(runs_folder().stat().st_mode & 0o777) == "0o700"
    assert in_process("check", "quick-look").returncode == 0
    compared = in_process("compare", folder.name, "quick")
    assert compared.returncode == 0, compared.stderr


def test_nothing_is_kept_where_nothing_should_be(in_process: InProcess, idx_folder: Path) -> None:
    assert in_process(*QUICK, "--data", idx_folder, "--no-store").returncode == 0
    assert not runs_folder().exists()


def test_a_run_that_cannot_be_kept_is_trained_all_the_same(
    in_process: InProcess, idx_folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "share").touch()
    done = in_process(*QUICK, "--data", idx_folder)
    assert done.returncode == 0, done.stderr
    assert "this run is not kept: " in done.stderr


def test_runs_are_listed_with_how_they_stand(in_process: InProcess) -> None:
    write_run("done", "finished", epoch=50, severity="warning")
    write_run("killed")
    age(write_run("old", "failed", severity="alarm"), 3)
    RunLock(write_run("alive"))
    listed = in_process("runs")
    header, *lines = listed.stdout.splitlines()
    assert header.split() == ["id", "state", "epoch", "test", "acc", "finding", "changed"]
    rows = {line.split()[0]: line for line in lines}
    assert rows["done"].split()[1:5] == ["finished", "50/50", "0.5000", "warning"]
    assert "cut short" in rows["killed"]
    assert "training" in rows["alive"]
    assert rows["old"].split()[1:] == ["failed", "10/50", "0.5000", "alarm", "3", "d", "ago"]
    assert lines[-1] == rows["old"]
    as_json = [json.loads(line) for line in in_process("runs", "--json").stdout.splitlines()]
    assert {run["id"]: run["state"] for run in as_json} == {
        "done": "finished", "killed": "cut short", "alive": "training", "old": "failed",
    }  # fmt: skip


def write_experiment(name: str, *statuses: str, planned: int) -> Path:
    """Write an experiment into the default place, with a run of each status; an empty one has no end."""
    folder = runs_folder() / name
    for place, status in enumerate(statuses):
        write_run(f"{name}/{place:05}", *([status] if status else []))
    (folder / "experiment.json").write_text(json.dumps({"name": name, "runs": [{}] * planned}))
    return folder


@pytest.mark.parametrize(
    ("statuses", "is_lost", "state"),
    [
        (("finished", "finished"), False, "finished"),
        (("finished", "failed"), False, "failed"),
        (("finished", "interrupted"), False, "interrupted"),
        (("interrupted",), False, "interrupted"),
        (("interrupted", "interrupted"), True, "cut short"),
        (("finished", ""), False, "cut short"),
        (("finished",), True, "cut short"),
    ],
)
def test_an_experiment_is_called_what_its_runs_are_called(statuses: tuple[str, ...], is_lost: bool, state: str) -> None:
    """A lock that stayed tells of a process that was killed: its workers end their runs when they notice."""
    folder = write_experiment("seeds", *statuses, planned=2)
    if is_lost:
        (folder / LOCK).write_text("{}")
    assert read_summary(folder).state == state


def test_resuming_an_experiment_that_goes_on_is_one_line_before_any_screen(in_process: InProcess) -> None:
    lock = RunLock(write_experiment("seeds-20261125T000150-28a030", "finished", planned=2))
    for options in ([], ["--no-ui"]):
        done = in_process("resume", "seeds", *options)
        assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
        assert "is writing there; tuimove attach seeds-20261125T000150-28a030 shows it" in done.stderr
    lock.release()


def test_the_list_fits_into_eighty_columns_and_marks_what_it_cuts(
    in_process: InProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is left of an id is a beginning that names the run."""
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    names = ("different-networks-20261125T000150-28a030", "a-preset-of-my-own-with-a-long-name" * 2, "short",
             "different-networks-20261125T000250-28a030")  # fmt: skip
    for name in names:
        age(write_run(name, "interrupted", epoch=123_456, severity="warning"), 3)
    write_experiment("learning-rates-20261125T000150-28a030", "interrupted", planned=10_000)
    lines = in_process("runs").stdout.splitlines()
    assert len(lines) == 6
    assert max(map(len, lines)) <= 80
    for name in (*names, "learning-rates-20261125T000150-28a030"):
        (shown,) = (one for line in lines if name.startswith((one := line.split()[0]).rstrip("…")))
        assert shown == name or shown.endswith("…")
        assert find_run(shown.rstrip("…")) == runs_folder() / name


def test_in_a_pipe_ids_are_whole(in_process: InProcess) -> None:
    write_run("different-networks-20261125T000150-28a030", "interrupted", epoch=123_456, severity="warning")
    assert "different-networks-20261125T000150-28a030  interrupted" in in_process("runs").stdout


def test_an_end_that_was_followed_by_more_is_none() -> None:
    folder = write_run("resumed", "interrupted")
    with (folder / "records.jsonl").open("a") as records:
        records.write('{"record":"measurement","run":"resumed","epoch":20,"test_accuracy":0.75,"matrices":{}}\n{"rec')
    summary = read_summary(folder)
    assert (summary.state, summary.epoch, summary.test_accuracy) == ("cut short", 20, 0.75)


def test_hostile_folders_are_listed_harmlessly(in_process: InProcess, tmp_path: Path) -> None:
    write_run("fine", "finished")
    for name, content in (("bytes", b"\xff\x00\n"), ("deep", b"[" * 100_000), ("empty", b""), ("list", b"[]\n[]\n")):
        (runs_folder() / name).mkdir()
        (runs_folder() / name / "records.jsonl").write_bytes(content)
    steering = runs_folder() / "\x1b]0;mine\x07"
    steering.mkdir()
    (steering / "records.jsonl").write_text('{"record":"run","run":"x","preset":{"name":"\\u001b[2J"}}\n')
    (runs_folder() / "linked").symlink_to(tmp_path)
    (runs_folder() / "records-elsewhere").mkdir()
    (tmp_path / "secret").write_text("secret\n")
    (runs_folder() / "records-elsewhere" / "records.jsonl").symlink_to(tmp_path / "secret")
    listed = in_process("runs")
    assert listed.returncode == 0, listed.stderr
    assert "\x1b" not in listed.stdout
    assert "fine" in listed.stdout
    assert "linked" not in listed.stdout


def test_pruning_says_first_and_never_touches_a_run_that_is_alive(tuimove: Tuimove, in_process: InProcess) -> None:
    age(write_run("old", "finished"), 8)
    write_run("new", "finished")
    alive = write_run("alive")
    age(alive, 30)
    lock = RunLock(alive)
    said = in_process("runs", "--prune")
    assert said.stdout.splitlines() == ["would remove old (0.0 MB)"]
    assert "add --yes" in said.stderr
    assert len(list(runs_folder().iterdir())) == 3
    assert tuimove("runs", "--prune", "--older-than", 0, "--yes").returncode == 0
    assert [path.name for path in runs_folder().iterdir()] == ["alive"]
    lock.release()
    assert in_process("runs", "--prune", "--yes").stdout.startswith("removed alive")
    assert list(runs_folder().iterdir()) == []


def test_pruning_removes_no_more_than_the_folder(in_process: InProcess, tmp_path: Path) -> None:
    folder = write_run("old", "finished")
    (tmp_path / "dear").mkdir()
    (tmp_path / "dear" / "thesis").touch()
    (folder / "link").symlink_to(tmp_path / "dear")
    (runs_folder() / "linked").symlink_to(tmp_path / "dear")
    assert in_process("runs", "--prune", "--older-than", 0, "--yes").returncode == 0
    assert (tmp_path / "dear" / "thesis").exists()


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["resume", "nothing-here", "--no-ui"], "'nothing-here': neither a file nor a run"),
        (["check", "doen"], "did you mean 'done'?"),
        (["check", "twin"], "'twin': stands for 2 runs, the newest last: twin-1, twin-2"),
        (["resume", "done", "--no-ui"], "the run has finished"),
        (["resume", ".", "--no-ui"], "no run: there is no records.jsonl"),
        (["resume", "twin-1", "--no-ui"], "is writing there; tuimove attach twin-1 shows it"),
        (["resume", "twin-1"], "is writing there; tuimove attach twin-1 shows it"),
        (["runs", "--older-than", "x"], "'x' is not a number of days"),
        (["runs", "--yes"], "--yes goes with --prune"),
        (["run", "quick-look", "--no-store", "--out", "x"], "--no-store and --out exclude each other"),
        (["run", "quick-look", "--no-ui", "--checkpoint-every", "0"], "'0' is not a whole number from 1 up"),
    ],
)
def test_a_mistake_is_one_line_and_exit_code_2(in_process: InProcess, arguments: list[str], complaint: str) -> None:
    write_run("done", "finished")
    RunLock(write_run("twin-1"))
    write_run("twin-2")
    done = in_process(*arguments)
    assert done.returncode == 2
    assert complaint in done.stderr
    assert done.stderr.count("\n") == 1
    assert done.stdout == ""


def test_of_several_runs_those_that_have_finished_are_not_resumed(in_process: InProcess) -> None:
    for name in ("net-20260101T000000-aaaaaa", "net-20260102T000000-bbbbbb"):
        write_run(name, "finished")
    refused = in_process("resume", "net-2026", "--no-ui")
    assert "'net-2026': stands for 2 runs, and all of them have finished; tuimove runs lists them" in refused.stderr
    RunLock(write_run("net-20260103T000000-cccccc"))
    assert "tuimove attach net-20260103T000000-cccccc shows it" in in_process("resume", "net-2026", "--no-ui").stderr


def test_names_are_good_for_files_whatever_a_preset_is_called() -> None:
    for name in ("../../etc", "a b\n", "", "...", "é" * 200, "training.seed=3,x=1"):
        made = new_run_id(name)
        assert "/" not in made
        assert made.isprintable()
        assert not made.startswith((".", "-"))
        assert len(made) < 120
    assert LOCK not in new_run_id("x")


def test_pruning_makes_room_on_a_disk_too_full_for_a_lock(monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write_run("old", "finished")

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    prune_runs(0, dry_run=False)
    assert not folder.exists()


def test_a_name_that_could_steer_a_terminal_is_told_harmlessly(in_process: InProcess) -> None:
    age(write_run("old\x1b]0;mine\x07", "finished"), 9)
    for arguments in (
        ["resume", runs_folder() / "old\x1b]0;mine\x07", "--no-ui"],
        ["check", "old\x1b[2J"],
        ["runs", "--prune"],
    ):
        told = in_process(*arguments)
        assert "\x1b" not in told.stdout + told.stderr
        assert "old?" in told.stdout + told.stderr.replace("\\x1b", "?")


def test_a_background_s_words_never_go_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "dear").write_text("words")
    (tmp_path / LOG).symlink_to(tmp_path / "dear")
    with open_log(tmp_path) as log:
        log.write(b"more words")
    assert (tmp_path / "dear").read_text() == "words"
    (tmp_path / LOG).unlink()
    with open_log(tmp_path) as log:
        log.write(b"words")
    assert (tmp_path / LOG).read_text() == "words"
