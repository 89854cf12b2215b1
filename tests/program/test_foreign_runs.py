"""Runs that another program recorded, with matrices of their own, through the commands that read records."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from tests.support.foreign_runs import DEEP, foreign_run, write_lines
from tests.support.in_process import InProcess
from tests.support.recordings import recorded
from tuimove.recording.folder.store import runs_folder


@pytest.fixture
def small(tmp_path: Path) -> Path:
    return write_lines(tmp_path / "small", foreign_run("small"))


@pytest.fixture
def deep(tmp_path: Path) -> Path:
    return write_lines(tmp_path / "deep.jsonl", foreign_run("deep", DEEP))


@pytest.fixture
def own(tmp_path: Path) -> Path:
    return write_lines(tmp_path / "own.jsonl", recorded("same-network"))


def test_compare_draws_the_first_weights_and_lists_both_ends(in_process: InProcess, small: Path) -> None:
    title, *_, header, row = in_process("compare", small).stdout.splitlines()
    assert title == "fc1.weight.distance against epochs"
    listed = ["fc1.weight.distance", "fc1.weight.norm", "head.weight.distance", "loss", "test_accuracy"]
    assert header.split() == ["epochs", *listed]
    assert row.split()[1:] == ["small", "100", "4.6151", "24.5385", "1.5384", "1.0000", "-"]


def test_compare_lists_what_any_run_has_and_leaves_blank_what_one_lacks(
    in_process: InProcess, deep: Path, small: Path, own: Path
) -> None:
    title, *_, header, of_deep, of_small, of_own = in_process("compare", deep, small, own).stdout.splitlines()
    assert title == "conv.weight.distance against epochs"
    names = header.split()[1:]
    assert names[:3] == ["conv.weight.distance", "conv.weight.norm", "head.weight.distance"]
    assert names[3:8] == ["fc1.weight.distance", "fc1.weight.norm", "W1.distance", "W1.norm", "W2.distance"]
    rows = [dict(zip(names, row.split()[-len(names) :], strict=True)) for row in (of_deep, of_small, of_own)]
    assert [row["conv.weight.distance"] == "-" for row in rows] == [False, True, True]
    assert [row["fc1.weight.distance"] == "-" for row in rows] == [False, False, True]  # the deep one's inner weights
    assert [row["W1.norm"] == "-" for row in rows] == [True, True, False]


def test_compare_refuses_a_quantity_that_no_run_has_with_the_nearest_of_its_own(
    in_process: InProcess, small: Path
) -> None:
    for asked in ("fc1.weight.distanse", "fc1.weights.distance"):
        done = in_process("compare", small, "--of", asked)
        assert (done.returncode, done.stdout) == (2, "")
        assert "did you mean 'fc1.weight.distance'?" in done.stderr
    assert in_process("compare", small, "--of", "W1.distance").returncode == 2
    done = in_process("compare", small, "--of", "head.weight.kurtosis")
    assert done.stdout.startswith("head.weight.kurtosis against epochs\n")


def test_a_run_without_weights_is_drawn_by_what_it_has(in_process: InProcess, tmp_path: Path) -> None:
    scales = write_lines(tmp_path / "scales.jsonl", foreign_run("scales", [("norm.scale", "other", "first")]))
    assert in_process("compare", scales).stdout.startswith("norm.scale.distance against epochs\n")
    nothing = write_lines(tmp_path / "nothing.jsonl", foreign_run("nothing", []))
    assert in_process("compare", nothing).stdout.startswith("loss against epochs\n")
    assert in_process("report", nothing, "--out", tmp_path / "r").returncode == 0


def test_report_lists_and_draws_the_end_layers(in_process: InProcess, deep: Path, tmp_path: Path) -> None:
    done = in_process("report", deep, "--out", tmp_path / "r")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    (header,) = [line for line in lines if line.startswith("epochs")]
    ends = ["conv.weight", "conv.bias", "head.weight", "head.bias", "|conv.weight|", "p(conv.weight)"]
    assert header.split() == ["epochs", *ends, "test", "acc", "finding"]
    assert "distance of conv.weight from its start [weight]" in lines
    page = (tmp_path / "r" / "report.html").read_text()
    assert "Entries of conv.weight" in page
    assert "Movements of conv.weight&#39;s entries" in page
    assert "W1" not in page
    assert "Stands for the document" not in page
    with (tmp_path / "r" / "measurements.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert float(rows[-1]["block3.bias.distance"]) > 0
    assert "W1.distance" not in rows[-1]


def test_report_draws_an_experiment_s_ends_by_what_is_varied(in_process: InProcess, tmp_path: Path) -> None:
    for place, rate in enumerate((1.0, 2.0)):
        records = foreign_run(f"rate {rate}", slope=rate, training={"learning_rate": rate})
        write_lines(tmp_path / "x" / f"{place:05}", records)
    lines = in_process("report", tmp_path / "x", "--out", tmp_path / "r").stdout.splitlines()
    assert "distances from the start at the end [weight]" in lines
    assert "* fc1.weight  + fc1.bias  x head.weight" in lines
    assert "norm of fc1.weight at the end [weight]" in lines
    assert not [line for line in lines if line.startswith("mean")], "over learning rates it means nothing"


def test_runs_of_different_networks_share_a_table_with_blanks(in_process: InProcess, tmp_path: Path) -> None:
    write_lines(tmp_path / "x" / "00000", foreign_run("small"))
    write_lines(tmp_path / "x" / "00001", recorded("same-network"))
    lines = in_process("report", tmp_path / "x", "--out", tmp_path / "r").stdout.splitlines()
    (place,) = [place for place, line in enumerate(lines) if "|fc1.weight|" in line]
    header, of_small, of_own = lines[place : place + 3]
    names = ["fc1.weight", "fc1.bias", "head.weight", "W1", "b1", "W2", "b2"]
    assert [name for name in header.split() if name in names] == names
    assert "4.6151" in of_small
    assert "4.6151" not in of_own
    assert of_own.split().count("-") == 6  # three distances, a norm and a p-value of the other run; b2


def test_check_judges_the_matrices_by_their_roles(in_process: InProcess, tmp_path: Path) -> None:
    records = foreign_run("small")
    for record in records:
        if record["record"] == "measurement" and record["epoch"] >= 50:
            record["matrices"]["head.weight"]["non_finite"] = 3
    done = in_process("check", write_lines(tmp_path / "bad.jsonl", records), "--fail-on", "alarm")
    assert done.returncode == 3
    assert "alarm: epoch 50, head.weight, not_finite" in done.stderr


def test_runs_lists_a_foreign_run_that_names_no_preset(
    in_process: InProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
    records = foreign_run("theirs")
    records[0]["preset"] = {}
    write_lines(runs_folder() / "theirs", records)
    _, line = in_process("runs").stdout.splitlines()
    assert line.split()[:5] == ["theirs", "finished", "100/?", "-", "-"]
