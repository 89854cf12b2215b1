"""The program as a user or a script runs it."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
import termios
from pathlib import Path

import numpy as np
import pytest

from tests.conftest import Tuimove, parse_records
from tests.support.in_process import InProcess
from tests.support.processes import TUIMOVE, start, wait
from tests.support.processes import run as run_program
from tests.support.waiting import wait_until
from tuimove import __version__
from tuimove.command_line.main import main
from tuimove.settings.preset_file import shipped_presets

QUICK = ("run", "quick-look", "--no-ui", "--threads", "1", "--set", "training.epochs=12")
ENDLESS = ("run", "quick-look", "--no-ui", "--set", "training.epochs=1000000000")


def test_records_go_to_stdout_and_words_to_stderr(tuimove: Tuimove, idx_folder: Path) -> None:
    done = tuimove(*QUICK, "--data", idx_folder, "--set", "data.train=100")
    assert done.returncode == 0
    run, *measurements, end = parse_records(done.stdout)
    assert (run["record"], run["schema"], run["threads"]) == ("run", 2, 1)
    assert run["preset"]["training"]["epochs"] == 12
    assert run["data"] == {
        "name": str(idx_folder),
        "train": 100,
        "test": 50,
        "inputs": 30,
        "live_inputs": 30,
        "classes": 4,
    }
    assert [record["epoch"] for record in measurements] == [0, 10, 12]
    assert {
        "record",
        "run",
        "epoch",
        "seconds",
        "learning_rate",
        "loss",
        "train_accuracy",
        "test_accuracy",
        "matrices",
    } == set(measurements[0])
    contract = {
        "distance",
        "norm",
        "weighted_norm",
        "rms",
        "step",
        "cosine",
        "test",
        "statistic",
        "p_value",
        "effect",
        "escaped",
        "frozen",
    }
    for matrix in measurements[-1]["matrices"].values():
        assert contract <= set(matrix)
        assert "histogram" not in matrix
    assert measurements[0]["matrices"]["W1"]["cosine"] is None
    assert (end["record"], end["status"], end["epochs"]) == ("end", "finished", 12)
    assert {record["run"] for record in (run, *measurements, end)} == {run["run"]}
    assert "finished after 12 epochs" in done.stderr
    assert "\x1b" not in done.stderr


def test_histograms_are_shown_when_asked_for(in_process: InProcess, idx_folder: Path) -> None:
    done = in_process(*QUICK, "--data", idx_folder, "--set", "data.train=100", "--histograms")
    matrix = parse_records(done.stdout)[1]["matrices"]["W1"]
    assert sum(matrix["histogram"]["counts"]) == 300


def test_the_first_command_of_the_readme_runs_on_the_bundled_digits(in_process: InProcess) -> None:
    done = in_process(*QUICK, "--out", "my run")
    assert done.returncode == 0
    assert parse_records(done.stdout)[0]["data"]["inputs"] == 784
    again = in_process("run", "my run/preset.toml", "--no-ui", "--threads", 1)
    ours, theirs = (parse_records(each.stdout)[-2]["matrices"] for each in (done, again))
    assert ours == theirs


def test_non_finite_training_fails_with_nulls(in_process: InProcess, workplace: Path, idx_folder: Path) -> None:
    done = in_process(
        *QUICK,
        "--data",
        idx_folder,
        "--set",
        "data.train=100",
        "--set",
        "training.learning_rate=1e38",
        "--out",
        "run",
    )
    assert done.returncode == 1
    *_, last, finding, end = [record for record in parse_records(done.stdout) if record.get("matrix") in (None, "W1")]
    assert (finding["rule"], finding["severity"], finding["matrix"]) == ("not_finite", "alarm", "W1")
    assert end["status"] == "failed"
    assert f"epoch {end['epochs']}" in end["reason"]
    assert last["loss"] is None
    assert "failed after" in done.stderr
    assert "Warning" not in done.stderr
    assert parse_records((workplace / "run" / "records.jsonl").read_text())[-1] == end


def test_help_is_quick_and_imports_nothing_heavy() -> None:
    script = (
        "import sys, time; from tuimove.command_line.main import main\n"
        "try: main(['--help'])\n"
        "except SystemExit: pass\n"
        "heavy = {'numpy', 'numba', 'scipy', 'textual', 'rich'} & set(sys.modules)\n"
        "print(heavy, file=sys.stderr)\n"
    )
    done = run_program([sys.executable, "-c", script])
    assert done.stderr.strip() == "set()"
    for word in ("run", "presets", "exit codes", "130"):
        assert word in done.stdout


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["--version"])
    assert left.value.code == 0
    assert capsys.readouterr().out == f"tuimove {__version__}\n"


def test_presets_are_listed_and_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["presets"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == sorted(shipped_presets())
    assert main(["presets", "same-network"]) == 0
    assert capsys.readouterr().out == shipped_presets()["same-network"]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["run", "quik-look", "--no-ui"], "unknown preset 'quik-look'; did you mean 'quick-look'?"),
        (["presets", "quik-look"], "did you mean 'quick-look'?"),
        (
            ["run", "quick-look", "--no-ui", "--set", "network.hidden=0"],
            "network.hidden = 0: must be at least 1",
        ),
        (["run", "quick-look", "--no-ui", "--set", "hidden"], "expected KEY=VALUE"),
        (
            ["run", "quick-look", "--no-ui", "--seed", "1.5"],
            "--seed: training.seed = 1.5: must be a whole number",
        ),
        (["run", "quick-look", "--no-ui", "--data", "nowhere"], "data.name = 'nowhere': neither"),
        (["run", "quick-look", "--no-ui", "--set", "data.train=60001"], "mnist has 60000 training images"),
        (["run", "quick-look", "--no-ui", "--set", "network.hidden=99999999999"], "GiB are free"),
        (["run", "quick-look", "--no-ui", "--out", "/proc/run"], "--out '/proc/run': "),
        (["run", "quick-look", "--no-ui", "--out", "."], "already there"),
        (["run", "quick-look"], "add --no-ui"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(
    arguments: list[str],
    expected: str,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine").touch()
    assert main(arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    said = [line for line in captured.err.splitlines() if "compiling" not in line]
    assert len(said) == 1
    assert said[0].startswith("tuimove: error: ")
    assert expected in said[0]
    assert os.listdir(tmp_path) == ["mine"]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["rum"], "did you mean 'run'?"),
        (["run", "quick-look", "--sed", "3"], "unrecognized arguments: --sed 3; did you mean '--seed'?"),
        (["run", "quick-look", "--noui"], "did you mean '--no-ui'?"),
        (["run", "quick-look", "--threads", "0"], "'0' is not a whole number from 1 up"),
        (["run"], "PRESET"),
    ],
)
def test_a_usage_error_is_one_line_and_exit_code_2(
    arguments: list[str], expected: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as left:
        main(arguments)
    assert left.value.code == 2
    assert expected in capsys.readouterr().err
    assert capsys.readouterr().out == ""


def test_a_reader_that_leaves_ends_the_run_quietly(idx_folder: Path, tmp_path: Path) -> None:
    command = [*TUIMOVE, *ENDLESS, "--data", str(idx_folder), "--set", "data.train=100", "--out", str(tmp_path / "run")]
    process = start(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stderr is not None
    assert json.loads(process.stdout.readline())["record"] == "run"
    process.stdout.close()
    assert wait(process) == 0
    assert [line for line in process.stderr.read().splitlines() if "compiling" not in line][1:] == []
    assert parse_records((tmp_path / "run" / "records.jsonl").read_text())[-1]["status"] == "stopped"
    process.stderr.close()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_run_cleanly(idx_folder: Path, tmp_path: Path, number: signal.Signals) -> None:
    folder = tmp_path / "run"
    command = [*TUIMOVE, *ENDLESS, "--data", str(idx_folder), "--set", "data.train=100", "--out", str(folder)]
    with (tmp_path / "records").open("w") as records:
        process = start(command, stdout=records, stderr=subprocess.DEVNULL)
        wait_until(lambda: '"epoch":100,' in (tmp_path / "records").read_text(), "epoch 100")
        process.send_signal(number)
        assert wait(process) == 130
    *_, end = parse_records((tmp_path / "records").read_text())
    assert end["status"] == "interrupted"
    assert end == parse_records((folder / "records.jsonl").read_text())[-1]
    with np.load(folder / "last.npz", allow_pickle=False) as last:
        assert last["epoch"] == end["epochs"]


@pytest.mark.parametrize("is_kept", [True, False])
def test_without_its_terminal_a_kept_run_goes_on(idx_folder: Path, tmp_path: Path, *, is_kept: bool) -> None:
    """Its own terminal has gone, so there is nobody to tell; one that isn't kept has nothing to go on for."""
    place = ["--out", str(tmp_path / "run")] if is_kept else ["--no-store"]
    command = [*TUIMOVE, *ENDLESS, "--data", str(idx_folder), "--set", "data.train=100", *place]
    ours, theirs = pty.openpty()
    process = start(command, stdout=theirs, stderr=theirs, stdin=theirs)
    os.close(theirs)
    shown = b""
    while b'"epoch":100,' not in shown:
        shown += os.read(ours, 65536)
    process.send_signal(signal.SIGHUP)
    os.close(ours)
    if not is_kept:
        assert wait(process) == 130
        return
    records = tmp_path / "run" / "records.jsonl"
    before = records.read_text().count("\n")
    wait_until(lambda: records.read_text().count("\n") > before + 5, "five more records")
    process.send_signal(signal.SIGTERM)
    assert wait(process) == 130
    assert parse_records(records.read_text())[-1]["status"] == "interrupted"


LEAPING = ("run", "quick-look", "--no-ui", "--threads", "1", "--set", "training.epochs=40",
           "--set", "training.learning_rate=300", "--set", "data.train=200", "--set", "measure.every=1")  # fmt: skip


@pytest.mark.parametrize(("severity", "code"), [("notice", 3), ("alarm", 3), (None, 0)])
def test_fail_on_gates_a_run(in_process: InProcess, idx_folder: Path, severity: str | None, code: int) -> None:
    done = in_process(*LEAPING, "--data", idx_folder, *(["--fail-on", severity] if severity else []))
    assert done.returncode == code
    assert parse_records(done.stdout)[-1]["status"] == "finished"
    assert "alarm: epoch 2, W2, distance_jumping: W2 leapt" in done.stderr


def test_fail_on_lets_a_run_pass_that_nothing_was_found_on(in_process: InProcess, idx_folder: Path) -> None:
    gate = ("--set", "data.train=100", "--fail-on", "warning")
    assert in_process(*QUICK, "--data", idx_folder, *gate).returncode == 0


def test_a_failed_run_is_told_before_its_findings(in_process: InProcess, idx_folder: Path) -> None:
    settings = (
        "--set",
        "training.learning_rate=1e38",
        "--set",
        "data.train=100",
        "--set",
        "network.activation=leaky_relu",
    )
    done = in_process(*QUICK, "--data", idx_folder, *settings, "--fail-on", "notice")
    assert done.returncode == 1
    assert "not_finite" in [record.get("rule") for record in parse_records(done.stdout)]


def test_on_a_terminal_a_bar_shows_progress_and_lines_stay_whole(idx_folder: Path) -> None:
    """Standard output and error are one terminal here; the bar never runs into a record."""
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, 100))
    command = [
        sys.executable,
        "-m",
        "tuimove",
        "run",
        "quick-look",
        "--no-ui",
        "--data",
        str(idx_folder),
        "--set",
        "data.train=200",
        "--set",
        "training.epochs=6000",
        "--set",
        "measure.every=1000",
    ]
    process = start(command, stdout=theirs, stderr=theirs)
    os.close(theirs)
    shown = b""
    while True:
        try:
            shown += os.read(ours, 65536)
        except OSError:  # the last writer has closed the terminal
            break
    os.close(ours)
    assert wait(process) == 0
    text = shown.decode()
    assert "epochs/s" in text
    assert "left" in text
    whole = [line.rpartition("\r")[2] for line in text.replace("\r\n", "\n").splitlines() if '"record"' in line]
    whole = [line for line in whole if '"finding"' not in line]
    assert len(whole) == 9
    parse_records("\n".join(whole))
