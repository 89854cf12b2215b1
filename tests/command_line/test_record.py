"""`tuimove record`: a run of other people's checkpoints, and what is refused."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from subprocess import PIPE

import numpy as np
import pytest

from tests.conftest import parse_records
from tests.support.in_process import InProcess
from tests.support.processes import TUIMOVE, communicate, start
from tests.support.waiting import wait_until
from tests.support.weight_files import (
    moved_weights,
    npy_header,
    safetensors_bytes,
    save_npz,
    save_safetensors,
    started_weights,
    trap,
    zip_bytes,
)
from tuimove.command_line.inputs import REMEDIES
from tuimove.errors import Input


@pytest.fixture
def checkpoints(tmp_path: Path) -> Path:
    folder = tmp_path / "course"
    folder.mkdir()
    for step in (10, 2, 0):
        save_npz(folder / f"step_{step}.npz", **moved_weights(step / 100))
    return folder


def test_a_folder_becomes_a_run_like_any_other(in_process: InProcess, checkpoints: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    done = in_process("record", checkpoints, "--out", out, "--name", "mine")
    assert (done.returncode, done.stdout) == (0, f"{out}\n")
    assert f"recorded 3 checkpoints of 3 arrays, steps 0 to 10; tuimove replay {out} shows them" in done.stderr
    run, *records = parse_records((out / "records.jsonl").read_text())
    measured = {one["epoch"]: one["matrices"] for one in records if one["record"] == "measurement"}
    assert list(measured) == [0, 2, 10]
    assert {name: run["loop"][name] for name in ("framework", "clock", "source")} == {
        "framework": "arrays", "clock": "step", "source": "checkpoints",
    }  # fmt: skip
    assert [(one["name"], one["kind"], one["place"]) for one in run["matrices"]] == [
        ("W1", "weights", "first"), ("b1", "bias", "first"), ("W2", "weights", "last"),
    ]  # fmt: skip
    assert run["matrices"][0]["law"]["kind"] == "uniform"
    expected = np.linalg.norm(moved_weights(0.1)["W1"].astype(float) - started_weights()["W1"])
    assert measured[10]["W1"]["distance"] == pytest.approx(expected, rel=1e-6)
    assert records[-1]["status"] == "finished"
    assert in_process("check", out).returncode == 0


def test_findings_are_told_and_fail_where_that_is_asked(in_process: InProcess, tmp_path: Path) -> None:
    paths = [save_npz(tmp_path / f"w{step}.npz", W=np.full((9, 9), value)) for step, value in ((0, 1.0), (5, np.nan))]
    done = in_process("record", *paths, "--fail-on", "alarm")
    assert done.returncode == 3
    assert "alarm: step 5, W, not_finite" in done.stderr


def test_weights_of_pytorch_s_kind_have_outputs_first(in_process: InProcess, tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    start = {"embed.weight": random.normal(size=(50, 8)), "fc.weight": random.uniform(-0.25, 0.25, (40, 16)),
             "fc.bias": random.uniform(-0.25, 0.25, 40), "norm.running_mean": np.ones(4)}  # fmt: skip
    for step in (1, 2):
        save_safetensors(tmp_path / f"step-{step}.safetensors", {name: one * step for name, one in start.items()})
    in_process("record", tmp_path / "step-1.safetensors", tmp_path / "step-2.safetensors", "--out", tmp_path / "run")
    run = parse_records((tmp_path / "run" / "records.jsonl").read_text())[0]
    roles = {one["name"]: (one["kind"], one["shape"], one["law"]) for one in run["matrices"]}
    assert list(roles) == ["embed.weight", "fc.weight", "fc.bias"]
    assert roles["embed.weight"][0] == "other"
    assert roles["fc.weight"][:2] == ("weights", [40, 16])
    assert run["loop"]["laws"]["fc.weight"] == run["loop"]["laws"]["fc.bias"] == "uniform, 1 / sqrt(inputs)"


@pytest.mark.parametrize(
    ("other", "words"),
    [
        ({"W2": None}, "another model's: it lacks 'W2', which is in step_0.npz"),
        ({"W3": np.ones(3)}, "another model's: it has 'W3', which isn't in step_0.npz"),
        ({"W2": np.ones((5, 8))}, "another model's: 'W2' has shape (5, 8), not (8, 5) as in step_0.npz"),
    ],
)
def test_mixed_models_are_refused_before_anything_is_recorded(
    in_process: InProcess, checkpoints: Path, tmp_path: Path, other: dict[str, object], words: str
) -> None:
    arrays = {name: one for name, one in {**moved_weights(0.1), **other}.items() if one is not None}
    save_npz(checkpoints / "step_10.npz", **arrays)
    done = in_process("record", checkpoints, "--out", tmp_path / "run")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"tuimove: error: {checkpoints / 'step_10.npz'}: {words}; {REMEDIES[Input.ONLY]}\n"
    assert not (tmp_path / "run").exists()


def test_entries_that_are_damaged_end_the_run_and_what_was_recorded_stays(
    in_process: InProcess, checkpoints: Path, tmp_path: Path
) -> None:
    for step in (0, 2, 10):
        save_npz(checkpoints / f"step_{step}.npz", W=np.arange(9000.0) + step)
    content = bytearray((checkpoints / "step_10.npz").read_bytes())
    content[60_000] ^= 255
    (checkpoints / "step_10.npz").write_bytes(content)
    done = in_process("record", checkpoints, "--out", tmp_path / "run")
    assert done.returncode == 2
    assert "recorded 2 checkpoints" in done.stderr
    *_, end = parse_records((tmp_path / "run" / "records.jsonl").read_text())
    assert end["status"] == "stopped"
    assert "step_10.npz: damaged" in end["reason"]


HOSTILE = {
    "cut.npz": zip_bytes({"W.npy": npy_header("(9,)") + bytes(36)})[:100],
    "huge.npz": zip_bytes({"W.npy": npy_header("(1000000000000,)") + bytes(36)}),
    "huge.safetensors": safetensors_bytes({"W": np.ones(2, np.float32)}, shape=[10**12], data_offsets=[0, 4 * 10**12]),
    "integers.npz": zip_bytes({"n.npy": npy_header("(1,)", "'<i8'") + bytes(8)}),
    "empty.npz": b"",
    "words.txt": b"no checkpoint",
    "words.npz": b"no archive",
    "words.pt": b"no PyTorch file",
    "words.h5": b"no HDF5 file",
    "words.safetensors": b"no safetensors file",
}


@pytest.mark.parametrize("command", ["record", "diff"])
@pytest.mark.parametrize("name", HOSTILE)
def test_bad_files_are_refused_in_a_sentence(in_process: InProcess, tmp_path: Path, command: str, name: str) -> None:
    (tmp_path / name).write_bytes(HOSTILE[name])
    done = in_process(command, tmp_path / name, tmp_path / name)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"tuimove: error: {tmp_path / name}: ")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("command", ["record", "diff"])
def test_what_is_no_file_is_refused_in_a_sentence(in_process: InProcess, tmp_path: Path, command: str) -> None:
    os.mkfifo(tmp_path / "pipe.npz")
    (tmp_path / "loop.npz").symlink_to(tmp_path / "loop.npz")
    (tmp_path / "empty").mkdir()
    (tmp_path / "folder.npz").mkdir()
    (tmp_path / "device.npz").symlink_to("/dev/zero")
    for name, words in {
        "pipe.npz": "not a regular file, but a pipe",
        "loop.npz": "Too many levels of symbolic links",
        "missing.npz": "No such file or directory",
        "empty": "folder",
        "folder.npz": "folder",
        "device.npz": "not a regular file, but a device",
    }.items():
        done = in_process(command, tmp_path / name, tmp_path / name)
        assert (done.returncode, done.stdout) == (2, "")
        assert words in done.stderr
        assert done.stderr.count("error:") == done.stderr.count("\n") == 1


@pytest.mark.parametrize("command", ["record", "diff"])
@pytest.mark.parametrize("name", ["a.npz", "a.pt", "a.ckpt", "a.pkl", "a.safetensors", "a.h5"])
def test_a_pickle_is_never_opened(in_process: InProcess, tmp_path: Path, command: str, name: str) -> None:
    trace = tmp_path / "trace"
    for content in (trap(trace), zip_bytes({"data.pkl": trap(trace), "archive/data.pkl": trap(trace)})):
        (tmp_path / name).write_bytes(content)
        done = in_process(command, tmp_path / name, tmp_path / name)
        assert done.returncode == 2
        assert done.stderr.count("\n") == 1
        assert not trace.exists()


def test_an_out_that_exists_is_left_alone(in_process: InProcess, checkpoints: Path) -> None:
    done = in_process("record", checkpoints, "--out", checkpoints)
    assert done.returncode == 2
    assert "already there" in done.stderr
    assert len([*checkpoints.iterdir()]) == 3


def test_following_takes_one_folder(in_process: InProcess, checkpoints: Path) -> None:
    done = in_process("record", "--follow", checkpoints / "step_0.npz", checkpoints / "step_2.npz")
    assert (done.returncode, done.stderr) == (2, "tuimove record: error: --follow takes one folder\n")
    done = in_process("record", "--follow", checkpoints / "step_0.npz")
    assert (done.returncode, done.stdout) == (2, "")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_following_with_the_run_finished(checkpoints: Path, tmp_path: Path, number: int) -> None:
    out = tmp_path / "run"
    process = start([*TUIMOVE, "record", "--follow", checkpoints, "--out", out], stdout=PIPE, stderr=PIPE, text=True)

    def has_all() -> bool:
        return (out / "records.jsonl").exists() and '"epoch":10,' in (out / "records.jsonl").read_text()

    wait_until(has_all, "three checkpoints")
    process.send_signal(number)
    name, words = communicate(process)
    assert process.returncode == 130
    assert name == f"{out}\n"
    assert "recorded 3 checkpoints" in words
    assert json.loads((out / "records.jsonl").read_text().splitlines()[-1])["status"] == "finished"
