"""Experiments: many runs from one command, each as if it were alone, whatever happens to the others."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.conftest import Tuimove, parse_records
from tests.support import processes
from tests.support.in_process import InProcess
from tests.support.recordings import recorded
from tests.support.waiting import wait_until
from tests.support.workers_here import workers_here as workers_here
from tuimove.command_line.headless.many_runs import Narrator
from tuimove.experiments.experiment import Outcome
from tuimove.recording.folder.store import runs_folder
from tuimove.recording.reading.written_record import WrittenRecord
from tuimove.reports.pictures import pictures_of
from tuimove.runs.side_by_side import group_runs
from tuimove.settings.preset import DataKeys, MeasureKeys, NetworkKeys, Preset, TrainingKeys
from tuimove.settings.sweep import Member

PRESET = """
title = "a test"
[network]
hidden = 5
activation = "tanh"
[training]
learning_rate = 0.3
epochs = 20
[measure]
every = 5
[sweep]
"""


@pytest.fixture
def preset(tmp_path: Path) -> Path:
    return tmp_path / "mine.toml"


def write(preset: Path, sweep: str) -> Path:
    preset.write_text(PRESET + sweep)
    return preset


def ends(text: str) -> dict[str, str]:
    """Return how each run ended, by the preset's name."""
    records = parse_records(text)
    names = {record["run"]: record["preset"]["name"] for record in records if record["record"] == "run"}
    return {names[record["run"]]: record["status"] for record in records if record["record"] == "end"}


def last_distances(text: str) -> dict[int, float]:
    """Return the last distance of W1, by the run's seed."""
    records = parse_records(text)
    seeds = {record["run"]: record["preset"]["training"]["seed"] for record in records if record["record"] == "run"}
    measured = [record for record in records if record["record"] == "measurement"]
    return {seeds[record["run"]]: record["matrices"]["W1"]["distance"] for record in measured}


def test_every_run_streams_its_records_and_the_table_comes_last(
    tuimove: Tuimove, preset: Path, idx_folder: Path
) -> None:
    done = tuimove("run", write(preset, '"training.seed" = [1, 2, 3]'), "--no-ui", "--data", idx_folder)
    assert done.returncode == 0, done.stderr
    assert ends(done.stdout) == {f"training.seed={seed}": "finished" for seed in (1, 2, 3)}
    *_, header, one, two, three, mean, sd = done.stderr.splitlines()
    assert header.split()[:4] == ["seed", "epochs", "W1", "b1"]
    distances = last_distances(done.stdout)
    assert [float(row.split()[2]) for row in (one, two, three)] == pytest.approx(list(distances.values()), abs=1e-4)
    assert (mean.split()[0], sd.split()[0]) == ("mean", "sd")


@pytest.mark.usefixtures("workers_here")
def test_a_run_of_an_experiment_is_the_same_alone(in_process: InProcess, preset: Path, idx_folder: Path) -> None:
    """Within the rounding of sums: networks side by side add up in another order."""
    together = in_process("run", write(preset, '"training.seed" = [1, 2]'), "--no-ui", "--data", idx_folder)
    alone = in_process("run", write(preset, ""), "--no-ui", "--threads", 1, "--data", idx_folder, "--seed", 2)
    assert last_distances(together.stdout)[2] == pytest.approx(last_distances(alone.stdout)[2], rel=1e-5)


@pytest.mark.usefixtures("workers_here")
def test_runs_of_different_lengths_end_each_after_its_own(
    in_process: InProcess, preset: Path, idx_folder: Path
) -> None:
    done = in_process("run", write(preset, '"training.epochs" = [3, 20, 11]'), "--no-ui", "--data", idx_folder)
    records = parse_records(done.stdout)
    assert sorted(record["epochs"] for record in records if record["record"] == "end") == [3, 11, 20]
    epochs = [record["epoch"] for record in records if record["record"] == "measurement"]
    assert sorted(epochs) == sorted([0, 3, 0, 5, 10, 11, 0, 5, 10, 15, 20])


@pytest.mark.usefixtures("workers_here")
def test_a_run_that_fails_is_in_the_table_and_the_others_finish(
    in_process: InProcess, preset: Path, idx_folder: Path
) -> None:
    done = in_process("run", write(preset, '"training.learning_rate" = [0.3, 1e38]'), "--no-ui", "--data", idx_folder)
    assert done.returncode == 1
    assert list(ends(done.stdout).values()) in (["failed", "finished"], ["finished", "failed"])
    assert "failed: loss or weights not finite" in done.stderr
    assert any(line.endswith("alarm    failed") for line in done.stderr.splitlines())


@pytest.mark.usefixtures("workers_here")
def test_findings_gate_an_experiment(in_process: InProcess, preset: Path, idx_folder: Path) -> None:
    sweep = '"training.learning_rate" = [0.3, 300]'
    gate = ("--set", "measure.every=1", "--fail-on", "alarm")
    done = in_process("run", write(preset, sweep), "--no-ui", "--data", idx_folder, *gate)
    assert done.returncode == 3, done.stderr


@pytest.mark.usefixtures("workers_here")
def test_finished_runs_are_not_trained_again(
    in_process: InProcess, preset: Path, idx_folder: Path, tmp_path: Path
) -> None:
    written = write(preset, '"training.seed" = [1, 2, 3]')
    command = ("run", written, "--no-ui", "--data", idx_folder, "--out", tmp_path / "x")
    first = in_process(*command)
    assert first.returncode == 0, first.stderr
    records = tmp_path / "x" / "00001" / "records.jsonl"
    records.write_text("\n".join(records.read_text().splitlines()[:-1]) + '\n{"record":"e')  # cut short
    kept = (tmp_path / "x" / "00000" / "records.jsonl").read_text()
    again = in_process(*command)
    assert again.returncode == 0, again.stderr
    assert "1 run had begun before, and begins anew" in again.stderr
    assert (tmp_path / "x" / "00000" / "records.jsonl").read_text() == kept
    assert last_distances(again.stdout) == pytest.approx(last_distances(first.stdout), rel=1e-5)
    assert ends(again.stdout) == ends(first.stdout)
    assert (tmp_path / "x" / "00002" / "last.npz").exists()


@pytest.mark.usefixtures("workers_here")
def test_the_folder_of_something_else_is_refused(
    in_process: InProcess, preset: Path, idx_folder: Path, tmp_path: Path
) -> None:
    common = ("--no-ui", "--data", idx_folder, "--out", tmp_path / "x")
    assert in_process("run", write(preset, '"training.seed" = [1, 2]'), *common).returncode == 0
    plan = tmp_path / "x" / "experiment.json"
    plan.write_text(plan.read_text().replace('"lost_first":', '"lost_w1":'))  # as an older version called it
    assert in_process("run", write(preset, '"training.seed" = [1, 2]'), *common).returncode == 0
    other = in_process("run", write(preset, '"training.seed" = [1, 3]'), *common)
    assert (other.returncode, "holds another experiment" in other.stderr) == (2, True)
    (tmp_path / "y").mkdir()
    (tmp_path / "y" / "thesis.txt").write_text("dear")
    foreign = in_process("run", preset, *common[:-1], tmp_path / "y")
    assert (foreign.returncode, "no experiment" in foreign.stderr) == (2, True)


def test_mistakes_are_one_line_each_and_exit_code_2(in_process: InProcess, preset: Path, tmp_path: Path) -> None:
    few = in_process("run", write(preset, '"training.seed" = [1, 2]'), "--no-ui", "--max-runs", 1)
    assert (few.returncode, "2 runs, more than 1; --max-runs N allows more" in few.stderr) == (2, True)
    screen = in_process("run", preset)
    assert (screen.returncode, "no terminal to draw on: add --no-ui" in screen.stderr) == (2, True)
    nowhere = in_process("run", preset, "--no-ui", "--data", tmp_path / "nowhere")
    assert (nowhere.returncode, nowhere.stderr.count("\n")) == (2, 1)


Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def start() -> Start:
    """Begin an experiment that the test will end one way or another."""

    def begin(*arguments: Any) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "tuimove", "run", *map(str, arguments), "--no-ui"]
        return processes.start(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    return begin


def workers_of(process: subprocess.Popen[str]) -> list[psutil.Process]:
    return [
        child
        for child in psutil.Process(process.pid).children()
        if "tuimove.experiments.local.worker" in child.cmdline()
    ]


def wait_for(process: subprocess.Popen[str], folder: Path) -> None:
    """Wait until a run has been measured twice."""

    def is_measured() -> bool:
        assert process.poll() is None, process.communicate()
        return (folder / "records.jsonl").exists() and (folder / "records.jsonl").read_text().count("\n") >= 3

    wait_until(is_measured, f"two measurements in {folder}")


def test_a_worker_that_is_killed_costs_only_its_own_runs(
    start: Start, preset: Path, idx_folder: Path, tmp_path: Path
) -> None:
    sweep = 'mode = "zip"\n"network.hidden" = [5, 6]\n"training.epochs" = [1000000000, 20]'
    process = start(write(preset, sweep), "--data", idx_folder, "--out", tmp_path / "x")
    for place in ("00000", "00001"):
        wait_for(process, tmp_path / "x" / place)
    short = tmp_path / "x" / "00001" / "records.jsonl"
    wait_until(lambda: "finished" in short.read_text(), "the short run's end")
    for worker in workers_of(process):
        worker.send_signal(signal.SIGKILL)
    output, errors = processes.communicate(process)
    assert process.returncode == 1, errors
    assert list(ends(output).values()) == ["finished"]
    assert "killed by SIGKILL" in errors


def test_a_signal_ends_every_run_cleanly(start: Start, preset: Path, idx_folder: Path, tmp_path: Path) -> None:
    sweep = '"network.hidden" = [5, 6]\n"training.epochs" = [1000000000]'
    process = start(write(preset, sweep), "--data", idx_folder, "--out", tmp_path / "x")
    for place in ("00000", "00001"):
        wait_for(process, tmp_path / "x" / place)
    os.kill(process.pid, signal.SIGTERM)
    output, errors = processes.communicate(process)
    assert process.returncode == 130, errors
    assert list(ends(output).values()) == ["interrupted", "interrupted"]
    assert not workers_of_pid(process.pid)


def test_without_its_terminal_an_experiment_goes_on(
    start: Start, preset: Path, idx_folder: Path, tmp_path: Path
) -> None:
    sweep = '"network.hidden" = [5, 6]\n"training.epochs" = [1000000000]'
    process = start(write(preset, sweep), "--data", idx_folder, "--out", tmp_path / "x")
    records = tmp_path / "x" / "00000" / "records.jsonl"
    wait_for(process, records.parent)
    os.kill(process.pid, signal.SIGHUP)
    before = records.read_text().count("\n")
    wait_until(lambda: records.read_text().count("\n") >= before + 20, "20 more records")
    os.kill(process.pid, signal.SIGTERM)
    processes.communicate(process)
    assert process.returncode == 130


@pytest.mark.usefixtures("workers_here")
def test_an_experiment_is_kept_listed_and_resumed_by_name(
    in_process: InProcess, preset: Path, idx_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
    first = in_process("run", write(preset, '"training.seed" = [1, 2]'), "--no-ui", "--data", idx_folder)
    assert first.returncode == 0, first.stderr
    (folder,) = runs_folder().iterdir()
    assert f"kept as {folder.name}" in first.stderr
    assert "finished" in in_process("runs").stdout
    (folder / "00001" / "records.jsonl").write_text("")
    assert "1/2 runs" in in_process("runs").stdout
    again = in_process("resume", "mine", "--no-ui")
    assert again.returncode == 0, again.stderr
    assert last_distances(again.stdout) == pytest.approx(last_distances(first.stdout), rel=1e-5)
    attached = in_process("attach", "mine")
    assert (attached.returncode, "no terminal to draw on" in attached.stderr) == (2, True)


def test_two_processes_never_train_one_experiment(
    start: Start, in_process: InProcess, preset: Path, idx_folder: Path, tmp_path: Path
) -> None:
    arguments = (write(preset, '"training.epochs" = [1000000000]'), "--data", idx_folder, "--out", tmp_path / "x")
    process = start(*arguments)
    wait_for(process, tmp_path / "x" / "00000")
    second = in_process("run", *arguments, "--no-ui")
    assert (second.returncode, f"process {process.pid} is writing there" in second.stderr) == (2, True)


def workers_of_pid(pid: int) -> list[int]:
    return [child.pid for child in psutil.process_iter(["ppid"]) if child.info["ppid"] == pid]


def test_runs_are_grouped_by_shape_and_length() -> None:
    def preset(hidden: int, epochs: int, noise: float = 0.0) -> Preset:
        keys = NetworkKeys(hidden=hidden), TrainingKeys(epochs=epochs, seed=epochs), DataKeys(label_noise=noise)
        return Preset(f"{hidden}-{epochs}", "", *keys, MeasureKeys())

    shapes = [(100, 5, 0.0), (10, 9, 0.0), (10, 3, 0.0), (100, 6, 0.0), (10, 4, 0.5), (10, 5, 0.5)]
    groups = group_runs(preset(*shape) for shape in shapes)
    names = [[run.name for run in group] for group in groups]
    assert names == [["100-5"], ["100-6"], ["10-3", "10-9"], ["10-4"], ["10-5"]]


def test_histograms_for_the_closing_pictures_stay_out_of_standard_output(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    narrator = Narrator(1, histograms=False)
    outcome = Outcome(0, Member(Preset("a"), ()))
    for record in recorded("weights-normal"):
        narrator.take(outcome, WrittenRecord(json.dumps(record), record))
    written = parse_records(capfd.readouterr().out)
    assert not any("histogram" in name for name in written[1]["matrices"]["W1"])
    assert pictures_of(narrator.courses, "entries")
