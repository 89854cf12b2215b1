"""`tuimove report` and `tuimove reproduce`: what is printed, what is written, and what is refused."""

from __future__ import annotations

import csv
import re
import shutil
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tests.conftest import Tuimove
from tests.support.broken_streams import FULL, broken_output
from tests.support.in_process import InProcess
from tests.support.processes import run
from tests.support.recordings import recorded, write_run
from tuimove.command_line.headless import reproduction
from tuimove.command_line.main import main
from tuimove.errors import ExitCode, TuimoveError
from tuimove.recording.reading.course import Course
from tuimove.reports.exports import write_csv
from tuimove.reports.report import report_runs
from tuimove.settings.matrix_role import MatrixRole
from tuimove.settings.preset_reading import Override
from tuimove.settings.sweep import load_experiment

HOSTILE = "<script>alert(1)</script> & $x^2$"


@pytest.fixture
def experiment(tmp_path: Path) -> Path:
    """Return the folder of an experiment of three runs of a preset of the document."""
    for seed in (1, 2, 3):
        write_run(tmp_path / "an experiment" / f"{seed:05}", recorded("repeatability", seed))
    return tmp_path / "an experiment"


def test_a_report_is_told_in_the_terminal_and_written_as_page_and_tables(
    in_process: InProcess, experiment: Path
) -> None:
    done = in_process("report", experiment, "--out", "my report")
    assert done.returncode == 0, done.stderr
    for words in ("3 finished", "distances from the start", "notice: norm_growing", "Beside the source document"):
        assert words in done.stdout
    assert "W1, nine networks" in done.stdout
    assert max(map(len, done.stdout.partition("Beside the source document")[2].splitlines())) <= 80
    assert done.stdout.splitlines()[-3:] == [
        "measurements: my report/measurements.csv",
        "measurements: my report/measurements.parquet",
        "page: my report/report.html",
    ]


def test_csv_and_parquet_hold_a_row_for_each_measurement(experiment: Path, tmp_path: Path) -> None:
    report_runs([str(experiment)], tmp_path / "r")
    with (tmp_path / "r" / "measurements.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    table = pq.read_table(tmp_path / "r" / "measurements.parquet").to_pydict()
    assert len(rows) == len(table["run"]) == 3 * 3
    assert [float(row["W1.distance"]) for row in rows] == table["W1.distance"]
    assert {row["network.activation"] for row in rows} == {"sigmoid"}
    assert {row["W1.cosine"] for row in rows} == {""}


def test_a_matrix_of_another_program_has_columns_in_the_tables(tmp_path: Path) -> None:
    course = Course(
        "r",
        roles=(MatrixRole("fc.weight", "weights", "first", (), None),),
        rows=[{"epoch": 0.0, "fc.weight.norm": 2.0, "gamma.norm": 3.0}],
    )
    write_csv([course], tmp_path / "table.csv")
    (row,) = csv.DictReader((tmp_path / "table.csv").read_text().splitlines())
    assert (row["fc.weight.norm"], row["gamma.norm"]) == ("2.0", "3.0")
    assert not [name for name in row if name.startswith("W1")]


def test_the_page_loads_nothing_and_its_text_is_escaped(tmp_path: Path) -> None:
    records = recorded("same-network")
    records[0]["preset"]["title"] = records[0]["preset"]["name"] = HOSTILE
    next(record for record in records if record["record"] == "finding")["message"] = HOSTILE
    report_runs([str(write_run(tmp_path / HOSTILE.replace("/", ""), records))], tmp_path / "r")
    page = (tmp_path / "r" / "report.html").read_text()
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; $x^2$" in page
    assert not re.search(r'(?:src|href)="(?!#)|url\((?!#)|@import', page)
    assert "default-src 'none'" in page
    assert "/tmp" not in re.sub(re.escape(str(tmp_path)), "", page)


def test_runs_without_histograms_are_reported_on_without_those_figures(tmp_path: Path) -> None:
    report_runs([str(write_run(tmp_path / "x", recorded("weights-normal", histograms=False)))], tmp_path / "r")
    page = (tmp_path / "r" / "report.html").read_text()
    assert "They hold no histograms" in page
    assert "Entries of W1" not in page


def test_runs_that_failed_or_are_unfinished_are_reported_on_as_such(in_process: InProcess, tmp_path: Path) -> None:
    failed, unfinished = recorded("same-network", 1), recorded("same-network", 2)[:-1]
    failed[-1] |= {"status": "failed", "reason": "loss not finite"}
    write_run(tmp_path / "x" / "0", failed)
    write_run(tmp_path / "x" / "1", unfinished)
    done = in_process("report", tmp_path / "x")
    assert "1 failed, 1 unfinished; training.seed=1: loss not finite" in done.stdout
    assert "Beside the source document" not in done.stdout


def test_without_pyarrow_the_rest_is_there_and_what_to_install_is_said(experiment: Path, tmp_path: Path) -> None:
    script = (
        "import sys; sys.modules['pyarrow'] = None\n"
        "from tuimove.command_line.main import main; sys.exit(main(sys.argv[1:]))"
    )
    command = [sys.executable, "-c", script, "report", str(experiment), "--out", str(tmp_path / "r")]
    done = run(command)
    assert done.returncode == 0, done.stderr
    assert "pip install 'tuimove[parquet]'" in done.stdout
    assert {path.name for path in (tmp_path / "r").iterdir()} == {"measurements.csv", "report.html"}
    page = (tmp_path / "r" / "report.html").read_text()
    assert "Runs at their end" in page
    assert "<svg" in page


def test_standard_output_without_unicode_gets_none(tuimove: Tuimove, experiment: Path) -> None:
    done = tuimove("report", experiment, env={"PYTHONIOENCODING": "ascii", "PATH": ""})
    assert done.returncode == 0, done.stderr
    assert done.stdout.isascii()


def test_what_cannot_be_reported_on_is_one_line_and_exit_code_2(
    in_process: InProcess, experiment: Path, workplace: Path
) -> None:
    (workplace / "empty").mkdir()
    (workplace / "bare.jsonl").write_text('{"record":"run","run":"x","preset":{}}\n')
    (workplace / "rubbish.jsonl").write_text("rubbish\n")
    (workplace / "taken").mkdir()
    (workplace / "taken" / "thesis.txt").write_text("dear")
    for arguments, complaint in (
        (["nowhere"], "'nowhere': neither a file nor a run"),
        (["empty"], "neither records.jsonl nor folders with one"),
        (["bare.jsonl"], "holds no measurements"),
        (["rubbish.jsonl"], "holds no records"),
        ([experiment, "--out", "taken"], "already there"),
        ([], "required: RUN"),
    ):
        done = in_process("report", *arguments)
        assert (done.returncode, done.stderr.count("\n")) == (2, 1), done.stderr
        assert complaint in done.stderr
    assert not (workplace / "report").exists()


PRESET = """
title = "a test"
[network]
hidden = 5
[training]
epochs = 20
[measure]
every = 5
"""


def test_reproducing_trains_what_is_missing_and_reports_on_all(
    tmp_path: Path, idx_folder: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    preset, out = tmp_path / "mine.toml", tmp_path / "out"
    preset.write_text(PRESET)
    data = [Override("test", "data.name", str(idx_folder))]
    monkeypatch.setattr(reproduction, "PRESETS", ("mine",))
    monkeypatch.setattr(reproduction, "load_experiment", lambda _: load_experiment(str(preset), data))
    assert reproduction.reproduce_document(out, 2, 1) == ExitCode.FINISHED
    captured = capfd.readouterr()
    assert "2 finished" in captured.out
    assert '"record"' not in captured.out
    records = [(out / "mine" / place / "records.jsonl").read_text() for place in ("00000", "00001")]
    shutil.rmtree(out / "report")
    with broken_output(FULL):
        assert main(["reproduce", "--out", str(out), "--seeds", "2", "--threads", "1"]) == ExitCode.FAILED
    assert capfd.readouterr().err.endswith("tuimove: error: standard output: No space left on device\n")
    assert [(out / "mine" / place / "records.jsonl").read_text() for place in ("00000", "00001")] == records
    assert (out / "report" / "report.html").exists()


def test_reproducing_refuses_a_folder_with_anything_else(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("dear")
    with pytest.raises(TuimoveError, match=r"holds something else: 'thesis.txt'"):
        reproduction.reproduce_document(tmp_path, 1, 1)
