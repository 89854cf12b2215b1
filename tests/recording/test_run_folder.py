"""A run folder holds the whole run, is never overwritten, and is never left half-written."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from tests.conftest import parse_records
from tuimove.errors import Input, OutputError, TuimoveError
from tuimove.recording.folder.run_folder import RunFolder
from tuimove.recording.record import EndRecord
from tuimove.runs.session import run_session
from tuimove.runs.steering.controls import Controls
from tuimove.settings.preset import NetworkKeys, Preset, TrainingKeys
from tuimove.settings.preset_reading import load_preset
from tuimove.training.image_set import Digits

PRESET = Preset("test", "A test", NetworkKeys(hidden=5), TrainingKeys(epochs=12))


def test_a_folder_holds_preset_records_and_weights(tmp_path: Path, digits: Digits) -> None:
    folder = tmp_path / "new" / "run"
    end = run_session(PRESET, digits, [RunFolder(folder, PRESET)], Controls(), 1)

    assert end
    assert sorted(os.listdir(folder)) == ["first.npz", "last.npz", "preset.toml", "records.jsonl"]
    again = load_preset(str(folder / "preset.toml"))
    assert (again.network, again.training) == (PRESET.network, PRESET.training)
    records = parse_records((folder / "records.jsonl").read_text())
    assert [record["record"] for record in records] == ["run", *["measurement"] * 3, "end"]
    assert records[-1]["run"] == end.run
    with np.load(folder / "last.npz", allow_pickle=False) as last:
        assert {name: last[name].shape for name in last} == {
            "epoch": (),
            "W1": (5, 30),
            "b1": (5,),
            "W2": (4, 5),
            "b2": (4,),
        }
        assert last["epoch"] == 12
        norm = records[-2]["matrices"]["W1"]["norm"]
        assert np.linalg.norm(last["W1"].astype(float)) == pytest.approx(norm)


def test_recorded_histograms_count_every_entry(tmp_path: Path, digits: Digits) -> None:
    run_session(PRESET, digits, [RunFolder(tmp_path / "run", PRESET)], Controls(), 1)
    last = parse_records((tmp_path / "run" / "records.jsonl").read_text())[-2]["matrices"]["W1"]
    for name, expected in (("histogram", 150), ("movement_histogram", 150 * (1 - last["frozen"]))):
        histogram = last[name]
        assert histogram["below"] + sum(histogram["counts"]) + histogram["above"] == round(expected)


def test_an_existing_run_is_never_overwritten(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    folder.mkdir()
    RunFolder(folder, PRESET).close()
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    with pytest.raises(TuimoveError, match="already there; a run is never overwritten"):
        RunFolder(folder, PRESET)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_a_place_that_cannot_be_written_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(TuimoveError, match="Not a directory"):
        RunFolder(tmp_path / "file" / "run", PRESET)
    with pytest.raises(TuimoveError, match="already there"):
        RunFolder(tmp_path / "file", PRESET)


def test_a_folder_that_cannot_be_begun_is_taken_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_arguments: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "open", full)
    with pytest.raises(TuimoveError, match="No space left on device"):
        RunFolder(tmp_path / "run", PRESET)
    assert not (tmp_path / "run").exists()


def test_weights_that_cannot_be_written_leave_the_old_ones(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = RunFolder(tmp_path / "run", PRESET)
    folder.keep_weights("last", 1, {"W1": np.ones((2, 2), np.float32)})
    before = (tmp_path / "run" / "last.npz").read_bytes()

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OutputError, match=r"last\.npz: No space left on device"):
        folder.keep_weights("last", 2, {"W1": np.zeros((2, 2), np.float32)})
    assert (tmp_path / "run" / "last.npz").read_bytes() == before
    assert not list((tmp_path / "run").glob("*.part"))
    folder.close()


def test_a_full_disk_is_reported_with_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = RunFolder(tmp_path / "run", PRESET)

    def full(_descriptor: int, _content: bytes) -> int:
        raise OSError(28, "No space left on device")

    folder.write(EndRecord("id", "finished", 1, 1.0))
    before = (tmp_path / "run" / "records.jsonl").read_bytes()
    monkeypatch.setattr(os, "write", full)
    with pytest.raises(OutputError, match=r"records\.jsonl: No space left on device"):
        folder.write(EndRecord("id", "finished", 2, 1.0))
    assert (tmp_path / "run" / "records.jsonl").read_bytes() == before
    folder.close()


def test_a_folder_that_has_been_let_go_of_takes_nothing_more(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "run", PRESET)
    folder.close()
    with pytest.raises(OutputError):
        folder.write(EndRecord("id", "finished", 1, 1.0))
    with pytest.raises(OutputError, match=r"last\.npz: the folder has been let go of"):
        folder.keep_weights("last", 1, {"W1": np.ones((2, 2), np.float32)})
    assert sorted(os.listdir(tmp_path / "run")) == ["preset.toml", "records.jsonl"]


def test_a_folder_is_taken_back_once_and_only_what_was_made_of_it(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    for name in ("new", "there"):
        folder = RunFolder(tmp_path / name, PRESET)
        folder.discard()
        (tmp_path / name).mkdir(exist_ok=True)
        (tmp_path / name / "preset.toml").write_text("of somebody else by now")
        folder.discard()
        assert [path.name for path in (tmp_path / name).iterdir()] == ["preset.toml"]


def test_a_folder_that_somebody_writes_to_is_refused_with_their_number(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "run", PRESET)
    with pytest.raises(TuimoveError, match=f"^'.*run': process {os.getpid()} is writing there$") as refused:
        RunFolder(tmp_path / "run", PRESET)
    assert refused.value.about is Input.OUT
    folder.close()
