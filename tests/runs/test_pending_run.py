"""A run that is cut short before its first record is begun by resuming it; one that can't begin leaves nothing."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from tests.conftest import Tuimove, parse_records
from tests.support import held_loading
from tests.support.cut_runs import PRESET, contents, resume, train
from tests.support.processes import start, wait
from tests.support.terminal import TUIMOVE, Terminal
from tests.support.waiting import wait_until
from tuimove.errors import TuimoveError
from tuimove.recording.folder.run_folder import RunFolder
from tuimove.recording.folder.run_lock import LOCK
from tuimove.recording.folder.run_summary import read_summary
from tuimove.recording.folder.store import runs_folder
from tuimove.runs.resumption import open_resumption
from tuimove.training.image_set import Digits

QUICK = ("run", "quick-look", "--set", "data.train=200", "--set", "training.epochs=20")


@pytest.fixture(autouse=True)
def _own_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))


def kept_folders() -> list[Path]:
    return list(runs_folder().iterdir()) if runs_folder().exists() else []


@pytest.fixture
def held(tmp_path: Path) -> list[str]:
    """Return the program with runs that load nothing before there is a file `free`."""
    return [sys.executable, "-P", held_loading.__file__, str(tmp_path)]


def held_folder(tmp_path: Path) -> Path:
    """Wait for a run that is about to load its data, and return its folder."""
    wait_until((tmp_path / "held").exists, "a run that is about to load")
    (folder,) = kept_folders()
    assert (folder / "records.jsonl").read_text() == ""
    return folder


def is_finished(folder: Path) -> bool:
    return '"status":"finished"' in (folder / "records.jsonl").read_text()


def begin_headless(held: list[str], idx_folder: Path, *others: str) -> subprocess.Popen[bytes]:
    command = [*held, *QUICK, "--no-ui", "--data", str(idx_folder), *others]
    return start(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


@pytest.mark.parametrize("written", ["", '{"rec', '{"record":"run","schema":1,"run":"x"'])
def test_a_run_without_a_whole_record_is_begun_as_if_for_the_first_time(
    tmp_path: Path, digits: Digits, written: str
) -> None:
    train(tmp_path / "whole", digits)
    RunFolder(tmp_path / "cut", PRESET).close()
    (tmp_path / "cut" / "records.jsonl").write_text(written)
    said: list[str] = []
    resumption = resume(tmp_path / "cut", digits, said=said)
    assert (resumption.preset, said) == (PRESET, ["cut short before its first record: it begins anew"])
    assert contents(tmp_path / "cut") == contents(tmp_path / "whole")


def test_what_only_looks_like_a_beginning_is_left_alone(tmp_path: Path) -> None:
    RunFolder(tmp_path / "run", PRESET).close()
    records, preset = tmp_path / "run" / "records.jsonl", tmp_path / "run" / "preset.toml"
    for content in ("notes", '{"record":"measurement"', "{}\n"):
        records.write_text(content)
        with pytest.raises(TuimoveError, match="the first line isn't the record of a run"):
            open_resumption(tmp_path / "run", 10.0, print)
        assert records.read_text() == content
    records.write_text("")
    for content in ("nonsense = ", "x" * 2_000_000, "network.hidden = 0"):
        preset.write_text(content)
        with pytest.raises(TuimoveError, match=r"preset\.toml"):
            open_resumption(tmp_path / "run", 10.0, print)
        assert not (tmp_path / "run" / LOCK).exists()
        assert read_summary(tmp_path / "run").preset == "?"


def test_a_run_that_is_killed_while_it_loads_is_listed_and_resumed(
    tuimove: Tuimove, held: list[str], idx_folder: Path, tmp_path: Path
) -> None:
    process = begin_headless(held, idx_folder)
    folder = held_folder(tmp_path)
    summary = read_summary(folder)
    process.kill()
    wait(process)
    assert (summary.state, summary.preset, summary.progress) == ("training", "quick-look", "-")
    assert read_summary(folder).state == "cut short"
    done = tuimove("resume", folder.name, "--no-ui")
    assert done.returncode == 0, done.stderr
    records = parse_records(done.stdout)
    kept = parse_records((folder / "records.jsonl").read_text())
    assert [record.get("epoch") for record in records] == [record.get("epoch") for record in kept]
    assert [records[0][key] for key in ("record", "run")] == ["run", folder.name]
    assert records[0]["preset"]["name"] == "quick-look"
    assert is_finished(folder)


def test_a_headless_run_outlives_a_terminal_that_goes_while_it_loads(
    held: list[str], idx_folder: Path, tmp_path: Path
) -> None:
    process = begin_headless(held, idx_folder)
    folder = held_folder(tmp_path)
    process.send_signal(signal.SIGHUP)
    (tmp_path / "free").touch()
    assert wait(process) == 0
    assert is_finished(folder)


def test_an_interrupted_run_that_has_not_begun_leaves_no_folder(
    held: list[str], idx_folder: Path, tmp_path: Path
) -> None:
    process = begin_headless(held, idx_folder)
    held_folder(tmp_path)
    process.send_signal(signal.SIGINT)
    assert wait(process) == 130
    assert not kept_folders()


@pytest.mark.parametrize("ended", ["d", signal.SIGHUP, "q", signal.SIGTERM])
def test_a_dashboard_that_is_left_while_it_loads(
    held: list[str], tmp_path: Path, idx_folder: Path, ended: str | signal.Signals
) -> None:
    """Detached or hung up, the run goes on without it; quit, there is none."""
    with closing(Terminal([*held, *QUICK, "--data", str(idx_folder)], tmp_path)) as terminal:
        folder = held_folder(tmp_path)
        if isinstance(ended, str):
            terminal.press(ended)
        else:
            terminal.process.send_signal(ended)
        assert terminal.wait() == (0 if isinstance(ended, str) else 130)
    if ended in ("d", signal.SIGHUP):
        wait_until(lambda: is_finished(folder), "a finished run", seen=(folder / "background.log").read_text)
        assert json.loads((folder / "records.jsonl").read_text().splitlines()[0])["run"] == folder.name
    else:
        assert not kept_folders()


def test_a_run_that_has_not_begun_is_waited_for_by_who_attaches(
    held: list[str], tmp_path: Path, idx_folder: Path
) -> None:
    begin_headless(held, idx_folder, "--set", "training.epochs=1000000000")
    folder = held_folder(tmp_path)
    with closing(Terminal([*TUIMOVE, "attach", folder.name], tmp_path)) as terminal:
        terminal.read_words("waiting for the run to begin")
        (tmp_path / "free").touch()
        terminal.read_words("training")
        terminal.press("q")
        assert terminal.wait() == 0


def test_data_that_will_not_do_leave_no_folder_that_was_not_there(tuimove: Tuimove, tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    for out in ("there", "new"):
        done = tuimove(*QUICK, "--no-ui", "--data", "nowhere", "--out", tmp_path / out)
        assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert not list((tmp_path / "there").iterdir())
    assert not (tmp_path / "new").exists()
