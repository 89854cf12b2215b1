"""`tuimove replay` as it is called: what it opens, and what it refuses in a sentence."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import pytest

from tests.conftest import Tuimove
from tests.support.screen_reading import END, RUN, measurement
from tests.support.terminal import TUIMOVE, Terminal
from tuimove.command_line.main import build_parser, main
from tuimove.recording.record import to_json

LINES = "".join(f"{to_json(record, histograms=True)}\n" for record in (RUN, measurement(0), measurement(10), END))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "my-run"
    made.mkdir()
    (made / "records.jsonl").write_text(LINES)
    return made


def refusal(capsys: pytest.CaptureFixture[str], *arguments: object) -> str:
    """Return the one line that a command is refused with."""
    assert main(["replay", *map(str, arguments)]) == 2
    out, line = capsys.readouterr()
    assert not out
    assert line.count("\n") == 1
    return line


def test_without_a_terminal_it_says_what_to_do_instead(folder: Path, tuimove: Tuimove) -> None:
    done = tuimove("replay", folder, "--speed", "1e3")
    assert done.returncode == 2
    assert done.stderr == (
        "tuimove: error: no terminal to draw on: `tuimove check` tells the findings without a dashboard\n"
    )


def test_a_missing_run_is_named_with_the_nearest_one(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    line = refusal(capsys, folder.parent / "my-rum")
    assert "No such file or directory; did you mean 'my-run'?" in line


def test_a_name_that_no_file_can_have_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert "File name too long" in refusal(capsys, "a" * 5000)


def test_an_empty_folder_is_no_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "empty").mkdir()
    assert "empty: no run: it holds neither records.jsonl nor folders with one" in refusal(capsys, tmp_path / "empty")


def test_an_experiment_has_runs_to_choose_from(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    line = refusal(capsys, folder.parent)
    assert f"name one of its runs, such as {folder}" in line
    assert "tuimove compare" in line


def test_standard_input_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert "standard input can't be replayed" in refusal(capsys, "-")


@pytest.mark.parametrize("name", ["empty.jsonl", "empty.jsonl.gz"])
def test_an_empty_file_holds_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    (tmp_path / name).write_bytes(gzip.compress(b"") if name.endswith("gz") else b"")
    assert f"{name}: holds no records" in refusal(capsys, tmp_path / name)


def test_records_that_are_a_link_or_a_pipe_are_refused_at_once(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "records.jsonl").rename(folder.parent / "elsewhere.jsonl")
    (folder / "records.jsonl").symlink_to(folder.parent / "elsewhere.jsonl")
    assert "a link" in refusal(capsys, folder)
    (folder / "records.jsonl").unlink()
    os.mkfifo(folder / "records.jsonl")
    assert "not a regular file" in refusal(capsys, folder)


def test_data_must_be_a_folder(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "--data 'nowhere': not a folder" in refusal(capsys, folder, "--data", "nowhere")


@pytest.mark.parametrize("speed", ["0.5", "1", "1e3"])
def test_a_speed_may_be_a_fraction(speed: str) -> None:
    assert build_parser().parse_args(["replay", "my-run", "--speed", speed]).speed == float(speed)


@pytest.mark.parametrize("speed", ["0", "-1", "nan", "inf", "fast"])
def test_a_speed_is_a_number_above_zero(folder: Path, capsys: pytest.CaptureFixture[str], speed: str) -> None:
    with pytest.raises(SystemExit) as left:
        main(["replay", str(folder), f"--speed={speed}"])
    assert left.value.code == 2
    assert f"'{speed}' is not a number above 0" in capsys.readouterr().err


def test_a_terminal_is_left_as_it_was_found(folder: Path) -> None:
    terminal = Terminal([*TUIMOVE, "replay", str(folder)], folder.parent)
    try:
        terminal.read_words("finished")
        terminal.press("q")
        assert terminal.wait() == 0
        assert terminal.is_as_before()
    finally:
        terminal.close()


def test_a_signal_ends_it(folder: Path) -> None:
    terminal = Terminal([*TUIMOVE, "replay", str(folder), "--speed", "0.001"], folder.parent)
    try:
        terminal.read_words("playing")
        terminal.process.terminate()
        assert terminal.wait() == 130
        assert terminal.is_as_before()
    finally:
        terminal.close()
