"""Standard streams that are closed, full or broken: training goes on, records stay records, and the exit code is right.

Each kind of trouble was reported of comparable programs; the tests try the kind, not the report's letter.

=====  ==================================================  =======================================
F2     without standard error a run ends, and words land   test_a_run_trains_to_its_end_...,
       among its records                                   test_an_experiment_trains_...
F8     a command that lists things fails with a traceback  test_standard_output_...,
       where standard output is closed                     test_where_nobody_reads_...
beyond standard input that can't be read, or never ends    test_standard_input_...
beyond commands that train, time or draw                   those of a broken output
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
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import parse_records
from tests.support import processes
from tests.support.broken_streams import FULL, UNREAD, broken_output, input_from
from tests.support.in_process import exit_code_of
from tests.support.waiting import join, wait_until
from tuimove.command_line.bench import timing
from tuimove.errors import ExitCode, OutputError
from tuimove.recording.standard_streams import GuardedErrors, GuardedInput, GuardedOutput, write_all

SHORT = ("--set", "training.epochs=20", "--set", "data.train=100")


def shell(words: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the program by a shell line in which it is called `tuimove`."""
    line = words.replace("tuimove", f"{shlex.quote(sys.executable)} -m tuimove")
    return processes.run(["sh", "-c", line], cwd=folder)


@pytest.fixture
def run(idx_folder: Path) -> str:
    return f"tuimove run quick-look --no-ui {shlex.join(SHORT)} --data {shlex.quote(str(idx_folder))} --out r"


def ended(folder: Path) -> str | None:
    """Return how the run in a folder ended; None where it was cut short."""
    status = parse_records((folder / "records.jsonl").read_text())[-1].get("status")
    return None if status is None else str(status)


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


@pytest.mark.parametrize("command", ["check", "compare", "report"])
def test_standard_input_that_cannot_be_read_is_one_line(
    command: str, workplace: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(workplace)
    (workplace / "kept").touch()
    for path, flags, reason in (
        ("/dev/full", os.O_RDONLY, "a device without an end"),
        ("kept", os.O_WRONLY, "Bad file descriptor"),
        (os.devnull, os.O_RDONLY, "holds no records"),
    ):
        with input_from(path, flags):
            assert exit_code_of([command, "-"]) == ExitCode.USAGE
        assert capfd.readouterr() == ("", f"tuimove: error: standard input: {reason}\n")
    assert os.listdir(workplace) == ["kept"]


def test_a_pipe_from_which_nothing_comes_for_now_is_waited_for() -> None:
    """Another program that shares it may have set it not to block."""
    ours, theirs = os.pipe()
    os.set_blocking(ours, False)
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.extend(io.BufferedReader(GuardedInput(ours))))
    reader.start()
    for count, line in enumerate((b"one\n", b"two\n")):
        wait_until(lambda count=count: len(read) == count, "the lines so far")  # type: ignore[misc]
        os.write(theirs, line)
    os.close(theirs)
    join(reader)
    os.close(ours)
    assert read == [b"one\n", b"two\n"]


DRAWING = ((), ("attach", "r"), ("replay", "r"), ("replay", "-"), ("compare", "r", "--ui"), ("resume", "r"))
"""Commands that need a terminal."""


@pytest.mark.parametrize("arguments", DRAWING, ids=" ".join)
def test_without_a_terminal_a_dashboard_is_refused_whatever_becomes_of_the_words(
    kept: Path, arguments: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(kept)
    for out, errors in ((FULL, ""), (UNREAD, ""), ("", FULL), ("", UNREAD), (FULL, FULL), (UNREAD, UNREAD)):
        with broken_output(out, errors):
            assert exit_code_of(arguments) == ExitCode.USAGE
        told = capfd.readouterr()
        assert (told.out, told.err.count("\n"), told.err.count("tuimove: error: ")) == ("", *[0 if errors else 1] * 2)


def test_a_bench_ends_as_other_commands_do(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    def timed(_rounds: int, say: Callable[[str], None]) -> dict[str, int]:
        say("a line")
        return {"a": 1}

    monkeypatch.setattr(timing, "run_density", timed)
    for form in ((), ("--json",)):
        for out, errors, code in ((FULL, "", 1), (UNREAD, "", 0), ("", FULL, 0), ("", UNREAD, 0), (FULL, FULL, 1)):
            with broken_output(out, errors):
                assert exit_code_of(["bench", "--density", *form]) == code
            told = capfd.readouterr()
            has_error = "tuimove: error: standard output: No space left on device\n" in told.err
            assert has_error == (code == 1 and not errors)
            assert told.out == ("" if out else '{"a": 1}\n' if form else "a line\n")


def test_a_run_that_lost_its_reader_is_resumed_whatever_becomes_of_the_streams(
    workplace: Path, idx_folder: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(workplace)
    begin = ["run", "quick-look", "--no-ui", *SHORT, "--data", str(idx_folder), "--out", "r"]
    go_on = ["resume", "r", "--no-ui"]
    for arguments, out, errors, code, status in (
        (begin, UNREAD, "", 0, "stopped"),
        (go_on, FULL, "", 1, "failed"),
        (go_on, UNREAD, UNREAD, 0, "stopped"),
        (go_on, "", FULL, 0, "finished"),
    ):
        capfd.readouterr()
        with broken_output(out, errors):
            assert exit_code_of(arguments) == code
        assert ended(workplace / "r") == status
    assert [record["record"] for record in parse_records(capfd.readouterr().out)][-1] == "end"


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
