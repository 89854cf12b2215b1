"""`tuimove compare`: runs over one another, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Tuimove
from tests.support.in_process import InProcess


def write_run(path: Path, name: str, slope: float, epochs: int = 50) -> Path:
    """Write a run whose distance grows in a straight line."""
    records: list[dict[str, Any]] = [{"record": "run", "run": name, "preset": {"name": name}}]
    records += [
        {"record": "measurement", "run": name, "epoch": epoch, "seconds": epoch / 10, "test_accuracy": 0.5,
         "matrices": {"W1": {"distance": slope * epoch}}}
        for epoch in range(0, epochs, 5)
    ]  # fmt: skip
    path.write_text("".join(f"{json.dumps(record)}\n" for record in records))
    return path


def test_runs_are_drawn_over_one_another_and_listed(tuimove: Tuimove, tmp_path: Path) -> None:
    slow, fast = write_run(tmp_path / "a.jsonl", "slow", 0.1), write_run(tmp_path / "b.jsonl", "fast", 1.0)
    done = tuimove("compare", slow, fast)
    assert done.returncode == 0, done.stderr
    title, *picture, header, one, two = done.stdout.splitlines()
    assert title == "W1.distance against epochs"
    assert {"*", "+"} <= set("".join(picture))
    assert "W1.distance" in header
    assert one.split()[:4] == ["*", "slow", "45", "4.5000"]
    assert two.split()[:4] == ["+", "fast", "45", "45.0000"]
    assert one.split()[-1] == "0.5000"


@pytest.mark.parametrize(("axis", "title"), [("log-epoch", "log10 of epochs"), ("seconds", "seconds")])
def test_runs_are_drawn_against_other_axes(in_process: InProcess, tmp_path: Path, axis: str, title: str) -> None:
    done = in_process(
        "compare", write_run(tmp_path / "a.jsonl", "slow", 0.1), "--against", axis, "--of", "test_accuracy"
    )
    assert done.stdout.startswith(f"test_accuracy against {title}\n")


def test_an_experiment_s_folder_stands_for_its_runs(in_process: InProcess, tmp_path: Path) -> None:
    for place in range(6):
        (tmp_path / "x" / f"{place:05}").mkdir(parents=True)
        write_run(tmp_path / "x" / f"{place:05}" / "records.jsonl", f"run-{place}", place + 1)
    done = in_process("compare", tmp_path / "x")
    assert done.stdout.startswith("W1.distance of the first 4 runs against epochs\n")
    assert all(f"run-{place}" in done.stdout for place in range(6))


def test_a_matrix_of_another_program_is_drawn_by_its_name(in_process: InProcess, tmp_path: Path) -> None:
    run = write_run(tmp_path / "a.jsonl", "slow", 0.1)
    run.write_text(run.read_text().replace('"W1"', '"fc.weight"'))
    done = in_process("compare", run, "--of", "fc.weight.distance")
    assert done.stdout.startswith("fc.weight.distance against epochs\n"), done.stderr
    done = in_process("compare", run, "--of", "fc2.weight.distance")
    assert (done.returncode, "no such quantity" in done.stderr) == (2, True)


def test_a_quantity_that_was_not_measured_is_said_to_be_unknown(in_process: InProcess, tmp_path: Path) -> None:
    done = in_process("compare", write_run(tmp_path / "a.jsonl", "slow", 0.1), "--of", "W2.norm")
    assert (done.returncode, "W2.norm isn't known of these runs" in done.stdout) == (0, True)


def test_a_name_that_could_steer_the_terminal_is_not_shown(in_process: InProcess, tmp_path: Path) -> None:
    done = in_process("compare", write_run(tmp_path / "a.jsonl", "\x1b]0;mine\x07", 0.1))
    assert "\x1b" not in done.stdout
    assert "a.jsonl" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["nowhere.jsonl"], "No such file or directory"),
        (["-"], "holds no records"),
        (["-", "--of", "W1.distanse"], "did you mean 'W1.distance'"),
        (["-", "--against", "epochs"], "did you mean 'epoch'"),
        ([], "required: RUN"),
    ],
)
def test_a_mistake_is_one_line_and_exit_code_2(in_process: InProcess, arguments: list[str], complaint: str) -> None:
    done = in_process("compare", *arguments, input="")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert complaint in done.stderr
