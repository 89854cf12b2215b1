"""Standard streams that are closed, full or broken: training goes on, records stay records, and the exit code is right.

Each kind of trouble was reported of comparable programs; the tests try the kind, not the report's letter.

=====  ==================================================  =======================================
F2     without standard error a run ends, and words land   test_a_run_trains_to_its_end_...,
       among its records                                   test_an_experiment_trains_...
F8     a command that lists things fails with a traceback  test_standard_output_...,
       where standard output is closed                     test_where_nobody_reads_...
=====  ==================================================  =======================================
"""

from __future__ import annotations

import errno
import io
import os
import shlex
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tests.conftest import parse_records
from tests.support import processes
from tests.support.waiting import join
from tuimove.errors import ExitCode, OutputError
from tuimove.recording.standard_streams import GuardedErrors, GuardedOutput, write_all

SHORT = ("--set", "training.epochs=20", "--set", "data.train=100")


def shell(words: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the program by a shell line in which it is called `tuimove`."""
    line = words.replace("tuimove", f"{shlex.quote(sys.executable)} -m tuimove")
    return processes.run(["sh", "-c", line], cwd=folder)


@pytest.fixture
def run(idx_folder: Path) -> str:
    return f"tuimove run quick-look --no-ui {shlex.join(SHORT)} --data {shlex.quote(str(idx_folder))} --out r"


def ended(folder: Path) -> str:
    """Return how the run in a folder ended."""
    return str(parse_records((folder / "records.jsonl").read_text())[-1]["status"])


@pytest.mark.parametrize("streams", ["2>&-", "<&- 2>&-", "2>/dev/full", "<&- >&- 2>&-", ">&-"])
def test_a_run_trains_to_its_end_whatever_becomes_of_its_words(run: str, workplace: Path, streams: str) -> None:
    done = shell(f"{run} {streams}", workplace)
    assert done.returncode == 0, done.stderr
    assert ended(workplace / "r") == "finished"
    records = parse_records(done.stdout)
    assert [record["record"] for record in records[:1]] == (["run"] if ">&-" not in streams.replace("2>&-", "") else [])


def test_a_run_trains_to_its_end_when_whoever_reads_its_words_has_gone(run: str, workplace: Path) -> None:
    done = shell(f"({run} 2>&1 >records; echo $? >code) | true", workplace)
    assert (workplace / "code").read_text() == "0\n", done.stderr
    assert ended(workplace / "r") == "finished"
    assert parse_records((workplace / "records").read_text())[-1]["status"] == "finished"


def test_a_run_whose_records_cannot_be_written_fails_in_words(run: str, workplace: Path) -> None:
    done = shell(f"{run} >/dev/full", workplace)
    assert done.returncode == ExitCode.FAILED
    told = [line for line in done.stderr.splitlines() if "No space left on device" in line]
    assert len(told) == 1
    assert "standard output" in told[0]
    assert ended(workplace / "r") == "failed"


@pytest.mark.parametrize(("streams", "code"), [("<&- 2>&-", 0), (">&- 2>/dev/full", 0), (">/dev/full", 1)])
def test_an_experiment_trains_to_its_end_unless_its_records_cannot_be_written(
    workplace: Path, idx_folder: Path, streams: str, code: int
) -> None:
    seeds = "'sweep.training.seed=[1, 2]'"
    done = shell(
        f"tuimove run repeatability --no-ui {shlex.join(SHORT)} --set {seeds} --data {idx_folder} --out x {streams}",
        workplace,
    )
    assert done.returncode == code, done.stderr
    assert all(record["record"] for record in parse_records(done.stdout))
    if code:
        assert [line for line in done.stderr.splitlines() if "tuimove: error" in line] == [
            "tuimove: error: standard output: No space left on device"
        ]
    else:
        assert [ended(workplace / "x" / name) for name in ("00000", "00001")] == ["finished", "finished"]


LISTING = ("presets", "presets quick-look", "runs --json", "--help", "--version", "check r", "compare r", "report r")


@pytest.fixture
def kept(workplace: Path, recorded_run: str) -> Path:
    (workplace / "r").mkdir()
    (workplace / "r" / "records.jsonl").write_text(recorded_run)
    return workplace


@pytest.fixture(scope="module")
def recorded_run(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the records of a short run on which there are findings."""
    folder = tmp_path_factory.mktemp("recorded")
    done = shell(
        "tuimove run quick-look --no-ui --no-store --set training.epochs=20 --set data.train=200 "
        "--set training.learning_rate=300 --set measure.every=1",
        folder,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("command", LISTING)
def test_standard_output_that_takes_nothing_is_one_line_and_exit_code_1(kept: Path, command: str) -> None:
    if command == "runs --json":
        command = "check r --set diagnosis.leap=1.01"
    done = shell(f"tuimove {command} >/dev/full", kept)
    errors = [line for line in done.stderr.splitlines() if not line.startswith(("notice", "warning", "alarm"))]
    assert (done.returncode, errors) == (1, ["tuimove: error: standard output: No space left on device"])
    if command.startswith("report"):
        assert "report.html" in os.listdir(kept / "report")


@pytest.mark.parametrize("streams", [">&-", "| true", "2>&- >/dev/null", "<&- >&- 2>&-"])
def test_where_nobody_reads_a_command_ends_as_if_somebody_did(kept: Path, streams: str) -> None:
    lines = [f"(tuimove {command}; echo $? >>codes) {streams}" for command in LISTING]
    done = shell("; ".join([*lines, f"(tuimove rum; echo $? >>codes) {streams}"]), kept)
    assert (kept / "codes").read_text().split() == ["0"] * len(LISTING) + ["2"], done.stderr
    words = [line for line in done.stderr.splitlines() if "did you mean 'run'" not in line]
    assert not [line for line in words if "Error" in line or "error" in line or "Exception" in line]


def test_a_missing_stream_gives_its_number_to_no_other_file(workplace: Path) -> None:
    script = (
        "import os; from tuimove.recording.standard_streams import guard_streams; guard_streams();"
        "print(open('/etc/hostname').fileno() > 2, *(os.readlink(f'/proc/self/fd/{n}') for n in (0, 1, 2)),"
        " file=open('told', 'w'))"
    )
    line = f"{shlex.quote(sys.executable)} -W ignore -c {shlex.quote(script)} <&- >&- 2>&-"
    assert processes.run(["sh", "-c", line], cwd=workplace).returncode == 0
    assert (workplace / "told").read_text().split() == ["True", *["/dev/null"] * 3]


def test_words_that_are_not_taken_are_lost_and_the_next_are_tried_again() -> None:
    ours, theirs = os.pipe()
    os.close(ours)
    words = io.TextIOWrapper(io.BufferedWriter(GuardedErrors(theirs)), line_buffering=True)  # type: ignore[type-var]
    print("nobody reads this", file=words)
    ours, other = os.pipe()
    os.dup2(other, theirs)
    os.close(other)
    print("but this", file=words)
    assert os.read(ours, 100) == b"but this\n"
    os.close(ours)
    words.close()
    os.close(theirs)


def test_output_fails_once_and_what_follows_is_lost() -> None:
    full = os.open("/dev/full", os.O_WRONLY)
    output = io.TextIOWrapper(io.BufferedWriter(GuardedOutput(full)))  # type: ignore[type-var]
    print("a line", file=output)
    with pytest.raises(OutputError, match="standard output: No space left on device"):
        output.flush()
    print("another", file=output)
    output.flush()
    output.close()
    os.close(full)


def test_a_pipe_that_takes_no_more_for_now_is_waited_for() -> None:
    """Another program that shares it may have set it not to block."""
    ours, theirs = os.pipe()
    os.set_blocking(theirs, False)
    content = os.urandom(1 << 20)
    writer = threading.Thread(target=write_all, args=(theirs, content))
    writer.start()
    read = b""
    while len(read) < len(content):
        read += os.read(ours, 65536)
    join(writer)
    os.close(ours)
    os.close(theirs)
    assert read == content


def test_what_is_no_trouble_of_a_stream_is_told(tmp_path: Path) -> None:
    descriptor = os.open(tmp_path / "file", os.O_WRONLY | os.O_CREAT)
    os.close(descriptor)
    with pytest.raises(OSError, match="Bad file descriptor") as raised:
        write_all(descriptor, b"x")
    assert raised.value.errno == errno.EBADF
