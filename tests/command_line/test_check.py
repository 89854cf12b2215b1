"""`tuimove check`: the same findings as live, from folders, files and pipes, whole or damaged."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Tuimove, parse_records
from tests.support.courses import Numbers, bend, course, second_rise
from tests.support.in_process import InProcess

Records = list[dict[str, Any]]


def faulty_records(run: str = "r") -> Records:
    """Return a run whose W1 leaps beyond all measure and stands still afterwards."""
    rows = course(W1=lambda epoch: 500.0 + epoch * 1e-9 if epoch else 0.0, b1=lambda epoch: 50.0 * (epoch > 0))
    for row in rows:
        row["W1.step"] = 500.0 if row["epoch"] < 10 else 1e-3
    return as_records(rows, run)


def as_records(rows: list[Numbers], run: str = "r") -> Records:
    """Return a made-up run as it would be recorded."""
    records: Records = [{"record": "run", "run": run, "preset": {"network": {"init": "uniform"}}}]
    for row in rows:
        matrices: dict[str, dict[str, float]] = {}
        for name, value in row.items():
            matrix, _, column = name.partition(".")
            if column:
                matrices.setdefault(matrix, {})[column] = value
        whole: dict[str, Any] = {name: row[name] for name in ("epoch", "loss") if name in row}
        records.append({"record": "measurement", "run": run, **whole, "matrices": matrices})
    return records


def as_lines(records: Records) -> str:
    return "".join(f"{json.dumps(record)}\n" for record in records)


RULES = ["distance_jumping", "distance_plateau"]


def rules(text: str) -> list[str]:
    return [record["rule"] for record in parse_records(text)]


@pytest.fixture
def lines_file(tmp_path: Path) -> Path:
    path = tmp_path / "faulty.jsonl"
    path.write_text(as_lines(faulty_records()))
    return path


def test_findings_live_and_read_back_are_the_same(in_process: InProcess, idx_folder: Path, tmp_path: Path) -> None:
    live = in_process(
        "run", "quick-look", "--no-ui", "--threads", 1, "--data", idx_folder, "--set", "training.learning_rate=300",
        "--set", "data.train=200", "--set", "measure.every=1", "--set", "training.epochs=60", "--out", tmp_path / "run",
    )  # fmt: skip
    found = [record for record in parse_records(live.stdout) if record["record"] == "finding"]
    assert any(finding["severity"] == "alarm" for finding in found)
    assert {"rule", "severity", "matrix", "value", "limit", "message", "advice", "causes"} <= set(found[0])
    assert parse_records(in_process("check", tmp_path / "run").stdout) == found
    assert parse_records(in_process("check", "-", input=live.stdout).stdout) == found


def test_findings_go_to_stdout_and_words_to_stderr(in_process: InProcess, lines_file: Path) -> None:
    done = in_process("check", lines_file)
    assert done.returncode == 0
    assert rules(done.stdout) == RULES
    assert done.stderr.startswith("alarm: epoch 4, W1, distance_jumping: W1 leapt 20 times its own length away")
    assert done.stderr.endswith("141 measurements: 2 alarms\n")


@pytest.mark.parametrize(("severity", "code"), [("notice", 3), ("warning", 3), ("alarm", 3), (None, 0)])
def test_the_exit_code_tells_of_findings_when_asked_to(
    in_process: InProcess, lines_file: Path, severity: str | None, code: int
) -> None:
    assert in_process("check", lines_file, *(["--fail-on", severity] if severity else [])).returncode == code


def test_memorising_is_a_warning_where_the_loss_is_recorded(in_process: InProcess) -> None:
    rows = bend(course(W1=second_rise, W2=second_rise), loss=lambda epoch: 2.3 / (1 + epoch / 20))
    done = in_process("check", "-", "--fail-on", "warning", input=as_lines(as_records(rows)))
    assert (done.returncode, rules(done.stdout)) == (3, ["stop_here"])
    assert done.stderr.startswith("warning: epoch")
    without = in_process("check", "-", "--fail-on", "notice", input=as_lines(as_records(course(W1=second_rise))))
    assert (without.returncode, without.stdout) == (0, "")


def test_a_healthy_run_passes_the_strictest_gate(in_process: InProcess) -> None:
    rows = as_lines([record for record in faulty_records() if record["record"] == "run"])
    healthy = [
        {"record": "measurement", "run": "r", "epoch": row["epoch"],
         "matrices": {"W1": {name[3:]: value for name, value in row.items() if name.startswith("W1.")}}}
        for row in course()
    ]  # fmt: skip
    done = in_process("check", "-", "--fail-on", "notice", input=rows + as_lines(healthy))
    assert (done.returncode, done.stdout) == (0, "")
    assert "no findings" in done.stderr


def test_a_gzipped_file_is_read(in_process: InProcess, tmp_path: Path) -> None:
    path = tmp_path / "faulty.jsonl.gz"
    path.write_bytes(gzip.compress(as_lines(faulty_records()).encode()))
    assert rules(in_process("check", path).stdout) == RULES


def test_a_torn_last_line_is_passed_over(in_process: InProcess) -> None:
    done = in_process("check", "-", input=as_lines(faulty_records()) + '{"record":"measurem')
    assert (done.returncode, rules(done.stdout)) == (0, RULES)


def test_missing_fields_gaps_and_a_missing_run_record_are_no_errors(in_process: InProcess) -> None:
    records = [record for record in faulty_records() if record["record"] == "measurement"]
    del records[20:60]
    for record in records:
        record["matrices"] = {"W1": record["matrices"]["W1"]}
        for column in ("kurtosis", "effect", "entries", "live_entries", "mean"):
            del record["matrices"]["W1"][column]
    records[3] |= {"matrices": {"W1": None, "W7": {}}}
    records[4] |= {"epoch": None}
    done = in_process("check", "-", input=as_lines(records))
    assert (done.returncode, rules(done.stdout)) == (0, RULES)


@pytest.mark.parametrize("value", ["x", -1.0, float("nan"), True, [1]])
def test_measurements_with_invalid_numbers_are_counted_and_said(in_process: InProcess, value: object) -> None:
    records = faulty_records()
    for record in records[2:9]:
        record["matrices"]["W1"] = dict.fromkeys(record["matrices"]["W1"], value)
    records[9]["matrices"] = {"W1": value}
    done = in_process("check", "-", input=as_lines(records))
    assert done.returncode == 0
    told = "standard input: 8 measurements with invalid numbers, which are left out; the first: epoch 2.0, W1.distance"
    assert f"{told}: {json.dumps(value)}\n" in done.stderr


def test_numbers_that_do_not_exist_are_no_invalid_ones(in_process: InProcess) -> None:
    records = faulty_records()
    records[5]["matrices"]["W1"] |= {"cosine": -0.5, "mean": -2.0, "kurtosis": -1.2, "p_value": None}
    assert "invalid" not in in_process("check", "-", input=as_lines(records)).stderr


def test_a_newer_schema_is_said(in_process: InProcess) -> None:
    records = faulty_records()
    records[0]["schema"] = 9
    done = in_process("check", "-", input=as_lines(records))
    assert (done.returncode, rules(done.stdout)) == (0, RULES)
    assert "standard input: of schema 9, newer than the 2 known here: what is new is passed over\n" in done.stderr


def test_several_runs_in_one_stream_are_told_apart(tuimove: Tuimove) -> None:
    mixed = [record for pair in zip(faulty_records("a"), faulty_records("b"), strict=True) for record in pair]
    found = parse_records(tuimove("check", "-", input=as_lines(mixed)).stdout)
    assert [finding["run"] for finding in found] == ["a", "b", "a", "b"]


def test_a_limit_can_be_changed(in_process: InProcess, lines_file: Path) -> None:
    done = in_process("check", lines_file, "--set", "diagnosis.leap=1000")
    assert "distance_jumping" not in rules(done.stdout)


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", "holds no records"),
        (b'{"record":"end"}\n', "holds no measurements"),
        (b"{}\nrubbish\n{}\n", "holds no records"),
        (b"[1]\n", "holds no records"),
        (b"[" * 100_000 + b"\n", "holds no records"),
        (b"\xff\xfe\n", "text in UTF-16, not records"),
    ],
)
def test_a_file_that_is_no_record_is_refused_in_one_line(
    in_process: InProcess, tmp_path: Path, content: bytes, complaint: str
) -> None:
    path = tmp_path / "run.jsonl"
    path.write_bytes(content)
    done = in_process("check", path)
    assert done.returncode == 2
    assert complaint in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["nowhere"], "'nowhere': neither a file nor a run"),
        (["-", "--set", "training.seed=3"], "not a limit"),
        (["-", "--set", "diagnosis.jmp=3"], "did you mean 'diagnosis.jump'"),
        (["-", "--set", "diagnosis.jump=3"], "must be between 0 and 1"),
        (["-", "--fail-on", "alarms"], "did you mean 'alarm'"),
        ([], "required: RUN"),
    ],
)
def test_a_mistaken_command_is_refused_in_one_line(in_process: InProcess, arguments: list[str], complaint: str) -> None:
    done = in_process("check", *arguments, input=as_lines(faulty_records()))
    assert done.returncode == 2
    assert complaint in done.stderr
    assert "Traceback" not in done.stderr
