"""Which checkpoints are meant, and in which order."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from tests.support.weight_files import save_npz, save_safetensors
from tuimove.errors import DataError
from tuimove.runs.checkpoints.listing import named_checkpoints, with_steps
from tuimove.runs.checkpoints.recording import checked_checkpoints
from tuimove.runs.weight_files.opening import open_weights

ONES = np.ones(3, np.float32)


def touch(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    return folder


def listed(folder: Path) -> list[tuple[str, int | None]]:
    said: list[str] = []
    return [(one.path.name, one.step) for one in named_checkpoints([folder], said.append)]


@pytest.mark.parametrize(
    ("names", "steps"),
    [
        (["step_500.pt", "step_60.pt", "step_7.pt"], [7, 60, 500]),
        (["epoch=3-step=1200.ckpt", "epoch=10-step=900.ckpt"], [900, 1200]),
        (["epoch_10.pth", "epoch_9.pth"], [9, 10]),
        (["w10.npz", "w2.npz"], [2, 10]),
        (["0002_net.npz", "0010_net.npz"], [2, 10]),
        (["model-100.weights.h5", "model-20.weights.h5"], [20, 100]),
        (["iter.5.safetensors", "iter.40.safetensors", "optimizer_7.pt", "notes.txt"], [5, 40]),
        (["b.npz", "a.npz", "c.npz"], [None, None, None]),
    ],
)
def test_a_folder_is_sorted_by_the_steps_in_the_names(tmp_path: Path, names: list[str], steps: list[int]) -> None:
    found = listed(touch(tmp_path, *names))
    assert [step for _, step in found] == steps
    if steps[0] is None:
        assert [name for name, _ in found] == sorted(names)


def test_names_without_a_step_are_passed_over_where_others_have_one(tmp_path: Path) -> None:
    said: list[str] = []
    found = named_checkpoints([touch(tmp_path, "step=5.ckpt", "step=9.ckpt", "last.ckpt")], said.append)
    assert [one.step for one in found] == [5, 9]
    assert said == ["passed over: last.ckpt: no step in the name, though others have one"]


def test_folders_that_are_checkpoints_count_as_one_each(tmp_path: Path) -> None:
    for step in (1000, 500):
        touch(tmp_path, f"checkpoint-{step}/optimizer.pt", f"checkpoint-{step}/rng_state.pth")
        save_safetensors(tmp_path / f"checkpoint-{step}" / "model.safetensors", {"w": ONES})
    touch(tmp_path, "logs/events.txt", "model.safetensors")
    assert listed(tmp_path) == [("checkpoint-500", 500), ("checkpoint-1000", 1000)]
    assert [one.step for one in named_checkpoints([tmp_path / "checkpoint-500"], print)] == [500]


def test_files_of_one_name_have_their_folder_s_step(tmp_path: Path) -> None:
    paths = [tmp_path / f"checkpoint-{step}" / "model.safetensors" for step in (5, 10)]
    assert [one.step for one in named_checkpoints(paths, print)] == [5, 10]


def test_a_folder_without_any_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no checkpoints in this folder"):
        listed(touch(tmp_path, "notes.txt"))


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (["step_5.npz", "step_3.npz"], "step_3.npz: goes back to step 3, after step_5.npz at step 5"),
        (["step_5.npz", "a_step_5.npz"], "a_step_5.npz: is again step 5"),
        (["step_5.npz", "last.npz"], "last.npz: no step in its name, though others have one"),
    ],
)
def test_steps_of_a_list_must_rise(tmp_path: Path, names: list[str], words: str) -> None:
    for name in names:
        save_npz(tmp_path / name, w=ONES)
    with pytest.raises(DataError, match=words):
        checked_checkpoints(named_checkpoints([tmp_path / name for name in names], print), (), is_sorted=False)


def test_steps_come_from_the_files_or_are_counted(tmp_path: Path) -> None:
    noted = [save_npz(tmp_path / name, w=ONES, step=step) for name, step in (("a.npz", 40), ("b.npz", 20))]
    found = named_checkpoints(noted, print)
    assert [one.path.name for one in checked_checkpoints(found, (), is_sorted=True)] == ["b.npz", "a.npz"]
    with pytest.raises(DataError, match="goes back to step 20"):
        checked_checkpoints(found, (), is_sorted=False)
    assert [one.step for one in with_steps(found, [40, None], is_sorted=False)] == [1, 2]


def test_a_checkpoint_in_several_files_is_one(tmp_path: Path) -> None:
    for number in (1, 2):
        save_safetensors(tmp_path / f"model-0000{number}-of-00002.safetensors", {f"h.{number}.weight": ONES})
    with open_weights(tmp_path) as file:
        assert list(file.arrays) == ["h.1.weight", "h.2.weight"]
    index = {"weight_map": {f"h.{number}.weight": f"model-0000{number}-of-00002.safetensors" for number in (1, 2)}}
    (tmp_path / "model.safetensors.index.json").write_text(json.dumps(index))
    with open_weights(tmp_path) as file:
        assert list(file.arrays) == ["h.1.weight", "h.2.weight"]
    save_safetensors(tmp_path / "model-00002-of-00002.safetensors", {"h.1.weight": ONES})
    with pytest.raises(DataError, match=r"'h\.1\.weight' is in another file of this checkpoint too"):
        open_weights(tmp_path)
    (tmp_path / "model-00002-of-00002.safetensors").unlink()
    with pytest.raises(DataError, match=r"model-00002-of-00002\.safetensors: missing"):
        open_weights(tmp_path)
    (tmp_path / "model.safetensors.index.json").unlink()
    with pytest.raises(DataError, match="1 of the 2 files of this checkpoint are there"):
        open_weights(tmp_path)


@pytest.mark.parametrize(
    "index", ["[]", "{", '{"weight_map": {"a": "../model.safetensors"}}', '{"weight_map": {"a": 1}}']
)
def test_an_index_that_is_none_or_leads_out_of_the_folder_is_refused(tmp_path: Path, index: str) -> None:
    (tmp_path / "model.safetensors.index.json").write_text(index)
    with pytest.raises(DataError, match="not an index of a checkpoint's files"):
        open_weights(tmp_path)
