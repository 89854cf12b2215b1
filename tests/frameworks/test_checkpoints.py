"""Checkpoints that the frameworks themselves have written, read without running anything in them."""

from __future__ import annotations

import os
import warnings
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.conftest import parse_records
from tests.support.in_process import InProcess
from tests.support.weight_files import Trap, save_npz
from tuimove import Recorder
from tuimove.errors import DataError
from tuimove.runs.checkpoints.model import chosen_arrays
from tuimove.runs.weight_files.opening import open_weights
from tuimove.runs.weight_files.weight_file import entries_at

pytestmark = pytest.mark.frameworks
torch: Any = pytest.importorskip("torch")
h5py: Any = pytest.importorskip("h5py")


def new_model() -> Any:
    torch.manual_seed(0)
    return torch.nn.Sequential(torch.nn.Linear(12, 8), torch.nn.BatchNorm1d(8), torch.nn.ReLU(), torch.nn.Linear(8, 3))


def trained(model: Any, steps: int) -> Any:
    """Train a model a little, and return the optimizer."""
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    for _ in range(steps):
        optimizer.zero_grad()
        model(torch.rand(16, 12)).square().mean().backward()
        optimizer.step()
    return optimizer


def arrays_in(path: Path) -> dict[str, Any]:
    with open_weights(path) as file:
        return {name: entries_at(array, None).reshape(array.shape) for name, array in file.arrays.items()}


def floats_of(model: Any) -> dict[str, Any]:
    return {name: one.numpy() for name, one in model.state_dict().items() if one.is_floating_point()}


def require_same(found: dict[str, Any], expected: dict[str, Any]) -> None:
    assert list(found) == list(expected)
    for name, array in expected.items():
        np.testing.assert_array_equal(found[name], array)


@pytest.mark.parametrize("is_zipped", [True, False])
def test_a_state_dict_is_read_as_it_is(tmp_path: Path, is_zipped: bool) -> None:
    model = new_model()
    torch.save(model.state_dict(), tmp_path / "a.pt", _use_new_zipfile_serialization=is_zipped)
    require_same(arrays_in(tmp_path / "a.pt"), floats_of(model))


@pytest.mark.parametrize("key", ["model", "state_dict", "model_state_dict", "anything"])
def test_a_nested_one_is_found_and_an_optimizer_s_state_left_out(tmp_path: Path, key: str) -> None:
    model = new_model()
    optimizer = trained(model, 2).state_dict()
    saved = {"epoch": 3, "global_step": 1200, "best": torch.tensor(0.5), key: model.state_dict()}
    saved |= {"optimizer": optimizer, "optimizer_states": [optimizer], "lr_schedulers": [{"x": torch.ones(3)}]}
    torch.save(saved, tmp_path / "a.ckpt")
    require_same(arrays_in(tmp_path / "a.ckpt"), floats_of(model))
    with open_weights(tmp_path / "a.ckpt") as file:
        assert file.step == 1200
        assert file.left_out["of an optimizer's state"] > 20


@pytest.mark.parametrize("key", ["opt", "o", "weights"])
def test_a_training_s_state_is_known_whatever_it_is_called(tmp_path: Path, key: str) -> None:
    model = new_model()
    optimizer = trained(model, 2)
    plateau = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer)
    plateau.step(torch.tensor(0.5))
    saved = {
        "mine": model.state_dict(), key: optimizer.state_dict(), "s": plateau.state_dict(), "arguments": {"lr": 0.1},
        "g": {"growth_factor": 2.0, "backoff_factor": 0.5, "_growth_tracker": torch.tensor([1.0])},
    }  # fmt: skip
    torch.save(saved, tmp_path / "a.pt")
    require_same(arrays_in(tmp_path / "a.pt"), floats_of(model))
    torch.save(optimizer.state_dict(), tmp_path / "only.pt")
    with pytest.raises(DataError, match=r"no arrays of floating point; left out: .* of an optimizer's state"):
        open_weights(tmp_path / "only.pt")


@pytest.mark.parametrize("pattern", ["0.*", "run*", "run/model/0.*", "run.model.0.*"])
def test_a_pattern_fits_a_name_with_or_without_its_table(tmp_path: Path, pattern: str) -> None:
    saved = {"run": {"model": new_model().state_dict()}, "best": torch.tensor(0.9), "extra": [torch.ones(3)]}
    torch.save(saved, tmp_path / "a.pt")
    with open_weights(tmp_path / "a.pt") as file:
        found = list(chosen_arrays(file, [pattern]))
    assert found[:2] == ["0.weight", "0.bias"]
    assert "extra/0" not in found


def test_a_pattern_that_fits_nothing_is_told_what_there_is(tmp_path: Path) -> None:
    torch.save({"model": new_model().state_dict()}, tmp_path / "a.pt")
    with open_weights(tmp_path / "a.pt") as file, pytest.raises(DataError, match=r"such a name, but 0\.weight"):
        chosen_arrays(file, ["net*"])


def test_two_models_keep_their_names_apart(tmp_path: Path) -> None:
    models = {"generator": torch.nn.Linear(2, 2), "discriminator": torch.nn.Linear(2, 2)}
    torch.save({name: model.state_dict() for name, model in models.items()}, tmp_path / "a.pt")
    assert list(arrays_in(tmp_path / "a.pt")) == [
        "generator/weight", "generator/bias", "discriminator/weight", "discriminator/bias",
    ]  # fmt: skip


def test_tensors_of_every_kind_are_read_or_counted(tmp_path: Path) -> None:
    tied = torch.rand(3, 3)
    kept = {"turned": torch.rand(6, 4).t(), "view": torch.rand(9, 9)[2:5, ::2], "scalar": torch.tensor(2.0),
            "bf16": torch.rand(5).bfloat16(), "f8": torch.rand(5).to(torch.float8_e4m3fn), "first": tied,
            "parameter": torch.nn.Parameter(torch.rand(2))}  # fmt: skip
    others = {
        "second": tied,
        "z": torch.rand(3).to(torch.complex64),
        "n": torch.arange(3),
        "s": torch.eye(3).to_sparse(),
    }
    torch.save({"state_dict": {**kept, **others}}, tmp_path / "a.pt")
    require_same(arrays_in(tmp_path / "a.pt"), {name: one.detach().float().numpy() for name, one in kept.items()})
    with open_weights(tmp_path / "a.pt") as file:
        assert file.left_out == {"tied to others": 1, "of complex numbers": 1, "of integers": 1, "of another type": 1}


def test_nothing_but_tensors_is_ever_made(tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    for is_zipped in (True, False):
        torch.save({"w": torch.ones(2), "x": Trap(trace)}, tmp_path / "a.pt", _use_new_zipfile_serialization=is_zipped)
        with pytest.raises(DataError, match="not only tensors; it isn't opened: a pickle can run anything"):
            open_weights(tmp_path / "a.pt")
        torch.save(new_model(), tmp_path / "whole.pt", _use_new_zipfile_serialization=is_zipped)
        with pytest.raises(DataError, match=r"torch\.nn\.modules"):
            open_weights(tmp_path / "whole.pt")
    assert not trace.exists()


@pytest.mark.parametrize("is_zipped", [True, False])
@pytest.mark.parametrize("share", [0.01, 0.5, 0.95])
def test_a_cut_file_is_refused_in_a_sentence(tmp_path: Path, is_zipped: bool, share: float) -> None:
    path = tmp_path / "a.pt"
    torch.save({"w": torch.rand(100, 100)}, path, _use_new_zipfile_serialization=is_zipped)
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])
    with pytest.raises(DataError, match="damaged or cut short") as refused:
        open_weights(path)
    assert "\n" not in str(refused.value)


def test_tensors_larger_than_their_file_and_endless_tables_are_refused(tmp_path: Path) -> None:
    torch.save({"w": torch.zeros(1).expand(10**12)}, tmp_path / "a.pt")
    endless: dict[str, Any] = {"w": torch.ones(1)}
    endless["again"] = endless
    wide: Any = [torch.ones(1)]
    for _ in range(24):
        wide = [wide, wide]
    torch.save(endless, tmp_path / "b.pt")
    torch.save(wide, tmp_path / "c.pt")
    for name in "abc":
        with pytest.raises(DataError, match="damaged or cut short"):
            open_weights(tmp_path / f"{name}.pt")


def test_an_archive_that_is_packed_is_refused_since_it_may_unpack_to_any_size(tmp_path: Path) -> None:
    torch.save({"w": torch.zeros(1000)}, tmp_path / "a.pt")
    with (
        zipfile.ZipFile(tmp_path / "a.pt") as whole,
        zipfile.ZipFile(tmp_path / "b.pt", "w", zipfile.ZIP_DEFLATED) as to,
    ):
        for name in whole.namelist():
            to.writestr(name, whole.read(name))
    with pytest.raises(DataError, match="in it is packed"):
        open_weights(tmp_path / "b.pt")


def test_a_run_of_checkpoints_is_that_of_the_live_recorder(in_process: InProcess, tmp_path: Path) -> None:
    model = new_model()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    with Recorder(model, optimizer, out=tmp_path / "live", budget=1):
        torch.save(model.state_dict(), tmp_path / "step_0.pt")
        for step in (1, 2):
            optimizer.zero_grad()
            model(torch.rand(16, 12)).square().mean().backward()
            optimizer.step()
            torch.save(model.state_dict(), tmp_path / f"step_{step}.pt")
    done = in_process("record", *(tmp_path / f"step_{step}.pt" for step in range(3)), "--out", tmp_path / "later")
    assert done.returncode == 0
    live, later = (parse_records((tmp_path / one / "records.jsonl").read_text()) for one in ("live", "later"))
    assert live[0]["matrices"] == later[0]["matrices"]
    assert later[0]["loop"]["framework"] == "torch"
    numbers = [[one["matrices"] for one in run if one["record"] == "measurement"] for run in (live, later)]
    assert numbers[0] == numbers[1]


def test_safetensors_are_what_their_own_package_reads(tmp_path: Path) -> None:
    package = pytest.importorskip("safetensors.torch")
    kinds = ["float64", "float32", "float16", "bfloat16", "float8_e4m3fn", "float8_e5m2"]
    tensors = {kind: torch.randn(4, 5).to(getattr(torch, kind)) for kind in kinds}
    package.save_file({**tensors, "n": torch.arange(3)}, tmp_path / "a.safetensors", metadata={"step": "7"})
    found = arrays_in(tmp_path / "a.safetensors")
    for name, tensor in package.load_file(tmp_path / "a.safetensors").items():
        if name in kinds:
            np.testing.assert_array_equal(found[name], tensor.float().numpy())
    with open_weights(tmp_path / "a.safetensors") as file:
        assert {name: array.dtype for name, array in file.arrays.items()} == {kind: kind for kind in sorted(kinds)}
        assert (file.step, file.left_out) == (7, {"of integers": 1})


def test_every_pattern_of_eight_bits_is_what_pytorch_makes_of_it() -> None:
    from tuimove.runs.weight_files.raw_entries import float8_e4m3, float8_e5m2

    patterns = torch.arange(256, dtype=torch.uint8)
    for decode, kind in ((float8_e4m3, torch.float8_e4m3fn), (float8_e5m2, torch.float8_e5m2)):
        np.testing.assert_array_equal(decode(bytes(range(256))), patterns.view(kind).float().numpy())


def test_formats_are_compared_with_one_another(in_process: InProcess, tmp_path: Path) -> None:
    model = new_model()
    torch.save({"model": model.state_dict()}, tmp_path / "a.pt")
    save_npz(tmp_path / "b.npz", **floats_of(model))
    done = in_process("diff", tmp_path / "a.pt", tmp_path / "b.npz", "--fail-on-unmoved")
    assert done.returncode == 3
    assert done.stdout.splitlines()[-1].startswith("0 of 8 arrays moved; 8 never moved")


def test_layers_of_a_keras_file_come_in_the_order_of_the_model(tmp_path: Path) -> None:
    os.environ.setdefault("KERAS_BACKEND", "torch")
    keras: Any = pytest.importorskip("keras")
    layers = [keras.layers.Dense(4) for _ in range(12)]
    model = keras.Sequential([keras.Input((6,)), keras.layers.Embedding(5, 3), keras.layers.Flatten(), *layers])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.save_weights(tmp_path / "a.weights.h5")
        expected = [variable.numpy() for variable in model.weights]
    found = list(arrays_in(tmp_path / "a.weights.h5").values())
    for array, weights in zip(found, expected, strict=True):
        np.testing.assert_array_equal(array, weights)
    with open_weights(tmp_path / "a.weights.h5") as file:
        assert [array.kind for array in file.arrays.values()][:3] == [None, None, "bias"]


def test_hdf5_files_that_lie_or_lead_elsewhere_are_refused(tmp_path: Path) -> None:
    def save(name: str) -> Any:
        return h5py.File(tmp_path / f"{name}.h5", "w")

    with save("unwritten") as file:
        file.create_dataset("w", (10**12,), "f4", chunks=(1024,))
    with save("virtual") as file:
        layout = h5py.VirtualLayout((3,), "f4")
        layout[:] = h5py.VirtualSource("other.h5", "w", (3,))
        file.create_virtual_dataset("w", layout)
    with save("elsewhere") as file:
        file.create_dataset("w", (3,), "f4", external=[("other.bin", 0, 12)])
    for name in ("unwritten", "virtual", "elsewhere"):
        with pytest.raises(DataError, match="damaged or cut short"):
            open_weights(tmp_path / f"{name}.h5")
    with save("linked") as file:
        file["loop"] = h5py.SoftLink("/loop")
        file["outside"] = h5py.ExternalLink("virtual.h5", "/w")
        file["w"] = np.arange(6.0).reshape(2, 3)
        file["optimizer/vars/0"] = np.ones(3)
        file.attrs["step"] = 12
    with open_weights(tmp_path / "linked.h5") as opened:
        assert (list(opened.arrays), opened.step) == (["w"], 12)
    content = (tmp_path / "linked.h5").read_bytes()
    (tmp_path / "cut.h5").write_bytes(content[: len(content) // 2])
    with pytest.raises(DataError, match="damaged or cut short"):
        open_weights(tmp_path / "cut.h5")
