"""The recorder in PyTorch loops: every situation in which hooks of others have failed, done for real."""

from __future__ import annotations

import copy
import gc
import pickle
import sys
from collections.abc import Callable
from pathlib import Path
from subprocess import PIPE
from typing import Any

import pytest

from tests.conftest import parse_records
from tests.support.processes import communicate, run, start
from tuimove import Recorder
from tuimove.errors import TuimoveError

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.frameworks


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "run"


def records(folder: Path) -> list[dict[str, Any]]:
    return parse_records((folder / "records.jsonl").read_text())


def measured(folder: Path) -> dict[int, dict[str, Any]]:
    return {one["epoch"]: one["matrices"] for one in records(folder) if one["record"] == "measurement"}


def new_model(*layers: Any) -> Any:
    torch.manual_seed(0)
    return torch.nn.Sequential(*(layers or (torch.nn.Linear(12, 8), torch.nn.ReLU(), torch.nn.Linear(8, 3))))


def train(
    model: Any, optimizer: Any, steps: int = 5, *, accumulate: int = 1, step: Callable[[Any], None] | None = None
) -> None:
    random = torch.Generator().manual_seed(1)
    for _ in range(steps):
        optimizer.zero_grad()
        for _ in range(accumulate):
            model(torch.rand(16, 12, generator=random)).square().mean().backward()
        step(optimizer) if step else optimizer.step()


def weights(model: Any) -> list[Any]:
    return [tensor.detach().clone() for tensor in model.parameters()]


OPTIMIZERS = ["SGD", "Adam", "AdamW", "RMSprop", "Adagrad", "NAdam"]


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_the_loop_stays_as_it_is_and_so_do_its_weights(out: Path, name: str) -> None:
    alone, recorded = new_model(), new_model()
    make = getattr(torch.optim, name)
    train(alone, make(alone.parameters(), lr=0.01))
    optimizer = make(recorded.parameters(), lr=0.01)
    recorder = Recorder(recorded, optimizer, out=out, budget=1)
    train(recorded, optimizer)
    recorder.close()
    assert all(torch.equal(one, other) for one, other in zip(weights(alone), weights(recorded), strict=True))
    assert list(measured(out)) == [0, 1, 2, 3, 4, 5]
    first = records(out)[0]
    assert first["loop"]["optimizer"]["name"] == name
    assert first["loop"]["optimizer"]["lr"] == 0.01
    assert {one["learning_rate"] for one in records(out) if one["record"] == "measurement"} == {0.01}


def test_the_start_is_recognised_as_the_frameworks_default(out: Path) -> None:
    model = new_model(torch.nn.Linear(64, 50), torch.nn.ReLU(), torch.nn.Linear(50, 40))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    with Recorder(model, optimizer, out=out):
        model(torch.rand(4, 64)).sum().backward()
        optimizer.step()
    roles = {role["name"]: role for role in records(out)[0]["matrices"]}
    assert roles["0.weight"]["law"] == {"kind": "uniform", "scale": 0.125}
    assert roles["0.bias"]["law"] == {"kind": "uniform", "scale": 0.125}
    assert (roles["0.weight"]["place"], roles["2.weight"]["place"]) == ("first", "last")
    assert records(out)[0]["loop"]["laws"]["0.weight"] == "uniform, 1 / sqrt(inputs)"


def test_only_real_steps_count_under_accumulation(out: Path) -> None:
    model = new_model()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    with Recorder(model, optimizer, out=out, budget=1):
        train(model, optimizer, 3, accumulate=4)
    assert records(out)[-1]["epochs"] == 3


def test_a_step_that_a_gradient_scaler_skips_isn_t_one(out: Path) -> None:
    model = new_model()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    scaler = torch.amp.GradScaler("cpu", init_scale=4.0)
    with Recorder(model, optimizer, out=out, budget=1):
        for place in range(5):
            optimizer.zero_grad()
            loss = model(torch.rand(16, 12)).square().mean() * (float("inf") if place == 2 else 1)
            scaler.scale(loss).backward()
            scaler.step(optimizer)
            scaler.update()
    assert records(out)[-1]["epochs"] == 4


def test_lbfgs_with_its_closure_is_recorded(out: Path) -> None:
    model = new_model()
    optimizer = torch.optim.LBFGS(model.parameters(), max_iter=4)

    def closure() -> Any:
        optimizer.zero_grad()
        loss = model(torch.ones(4, 12)).square().mean()
        loss.backward()
        return loss

    with Recorder(model, optimizer, out=out, budget=1):
        for _ in range(3):
            optimizer.step(closure)
    assert records(out)[-1]["epochs"] == 3


def test_a_compiled_model_has_its_plain_names(out: Path) -> None:
    model = torch.compile(new_model(), backend="eager")
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    with Recorder(model, optimizer, out=out, budget=1):
        train(model, optimizer, 2)
    assert list(measured(out)[2]) == ["0.weight", "0.bias", "2.weight", "2.bias"]


@pytest.mark.filterwarnings("ignore")  # PyTorch warns of itself as it compiles
def test_a_compiled_step_is_counted_and_changes_nothing(out: Path) -> None:
    alone, recorded = new_model(), new_model()
    train(alone, torch.optim.SGD(alone.parameters(), lr=0.1), 6)
    optimizer = torch.optim.SGD(recorded.parameters(), lr=0.1)
    compiled = torch.compile(lambda: optimizer.step(), backend="eager")
    with Recorder(recorded, optimizer, out=out, budget=1):
        train(recorded, optimizer, 6, step=lambda _: compiled())
    assert list(measured(out)) == [0, 1, 2, 3, 4, 5, 6]
    assert all(torch.equal(one, other) for one, other in zip(weights(alone), weights(recorded), strict=True))


def test_a_resumed_training_goes_on_at_its_optimizer_s_step(out: Path) -> None:
    model = new_model()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    recorder = Recorder(model, optimizer, out=out, budget=1)
    train(model, optimizer, 5)
    kept = copy.deepcopy((model.state_dict(), optimizer.state_dict()))
    train(model, optimizer, 4)
    recorder.close("interrupted")
    model, optimizer = new_model(), None
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    with Recorder(model, optimizer, out=out, budget=1):
        model.load_state_dict(kept[0])
        optimizer.load_state_dict(kept[1])
        train(model, optimizer, 3)
    assert list(measured(out)) == [0, 1, 2, 3, 4, 5, 6, 7, 8]
    moved = (model[0].weight - new_model()[0].weight).detach().norm().item()
    assert measured(out)[8]["0.weight"]["distance"] == pytest.approx(moved, rel=1e-5)


def test_model_and_optimizer_are_still_copied_and_pickled_and_the_copies_have_no_hooks(out: Path) -> None:
    model = new_model()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.1)
    recorder = Recorder(model, optimizer, out=out, budget=1)
    train(model, optimizer, 1)
    for copied_model, copied in (
        copy.deepcopy((model, optimizer)), pickle.loads(pickle.dumps((model, optimizer))),
    ):  # fmt: skip
        train(copied_model, copied, 3)
    optimizer.load_state_dict(optimizer.state_dict())
    train(model, optimizer, 1)
    recorder.close()
    assert records(out)[-1]["epochs"] == 2


def test_tied_weights_are_measured_once_and_frozen_ones_are_not_judged(out: Path) -> None:
    model = new_model(torch.nn.Linear(12, 12), torch.nn.Linear(12, 12), torch.nn.Linear(12, 3))
    model[1].weight = model[0].weight
    model[2].weight.requires_grad_(False)
    optimizer = torch.optim.SGD([one for one in model.parameters() if one.requires_grad], lr=0.1)
    recorder = Recorder(model, optimizer, out=out, budget=1)
    train(model, optimizer, 12)
    recorder.close()
    kinds = {role["name"]: role["kind"] for role in records(out)[0]["matrices"]}
    assert kinds == {"0.weight": "weights", "0.bias": "bias", "1.bias": "bias", "2.weight": "other", "2.bias": "bias"}
    assert "frozen_entries" not in {one.rule for one in recorder.findings if one.matrix == "2.weight"}


def test_a_lazy_module_has_its_shapes_at_the_first_step(out: Path) -> None:
    model = new_model(torch.nn.LazyLinear(8), torch.nn.ReLU(), torch.nn.LazyLinear(3))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    with Recorder(model, optimizer, out=out, budget=1):
        train(model, optimizer, 2)
    assert [role["shape"] for role in records(out)[0]["matrices"]] == [[8, 12], [8], [3, 8], [3]]
    with pytest.raises(ValueError, match="has no shape before the first batch; give the optimizer"):
        Recorder(new_model(torch.nn.LazyLinear(8)), out=out.with_name("other"))


def test_a_group_that_is_added_midway_and_loaded_weights_are_followed(out: Path) -> None:
    model = new_model()
    optimizer = torch.optim.SGD(model[0].parameters(), lr=0.1)
    with Recorder(model, optimizer, out=out, budget=1):
        train(model, optimizer, 2)
        optimizer.add_param_group({"params": list(model[2].parameters()), "lr": 0.2})
        train(model, optimizer, 2)
    assert measured(out)[2]["2.weight"]["distance"] == 0
    assert measured(out)[4]["2.weight"]["distance"] > 0


@pytest.mark.parametrize("kind", ["bfloat16", "float64", "float16"])
def test_weights_of_other_precision_are_measured_as_they_are_held(out: Path, kind: str) -> None:
    model = new_model(torch.nn.Linear(12, 8)).to(getattr(torch, kind))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    start = model[0].weight.detach().double().clone()
    with Recorder(model, optimizer, out=out, budget=1):
        optimizer.zero_grad()
        model(torch.ones(4, 12, dtype=getattr(torch, kind))).sum().backward()
        optimizer.step()
    moved = (model[0].weight.detach().double() - start).norm().item()
    assert measured(out)[1]["0.weight"]["distance"] == pytest.approx(moved, rel=1e-5)


def test_embeddings_norms_convolutions_and_empty_parameters(out: Path) -> None:
    model = new_model(
        torch.nn.Embedding(9, 4), torch.nn.LayerNorm(4), torch.nn.Conv1d(5, 6, 3), torch.nn.BatchNorm1d(6)
    )
    model.register_parameter("empty", torch.nn.Parameter(torch.empty(0)))
    model.register_parameter("scalar", torch.nn.Parameter(torch.tensor(1.0)))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    with Recorder(model, optimizer, out=out, budget=1):
        model(torch.arange(5).repeat(3, 1)).square().sum().backward()
        optimizer.step()
    assert {role["name"]: (role["kind"], role["shape"]) for role in records(out)[0]["matrices"]} == {
        "scalar": ("other", []), "0.weight": ("other", [9, 4]), "1.weight": ("other", [4]), "1.bias": ("bias", [4]),
        "2.weight": ("weights", [6, 15]), "2.bias": ("bias", [6]), "3.weight": ("other", [6]), "3.bias": ("bias", [6]),
    }  # fmt: skip


def test_a_second_recorder_on_an_optimizer_closes_the_first(out: Path) -> None:
    model = new_model()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    Recorder(model, optimizer, out=out, budget=1)
    train(model, optimizer, 2)
    Recorder(model, optimizer, out=out.with_name("again"), budget=1)
    train(model, optimizer, 1)
    end = records(out)[-1]
    assert (end["status"], end["epochs"], end["reason"]) == ("stopped", 2, "another recorder has replaced this one")


def test_a_run_is_closed_when_its_optimizer_goes(out: Path) -> None:
    model = new_model()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    Recorder(model, optimizer, out=out, budget=1)
    train(model, optimizer, 2)
    del optimizer
    gc.collect()
    assert records(out)[-1]["status"] == "finished"


def test_an_optimizer_of_another_model_is_refused(out: Path) -> None:
    optimizer = torch.optim.SGD(new_model().parameters(), lr=0.1)
    with pytest.raises(ValueError, match="trains none of the model's parameters"):
        Recorder(new_model(), optimizer, out=out)
    with pytest.raises(ValueError, match="no parameters of floating point"):
        Recorder(torch.nn.ReLU(), out=out)
    assert not out.exists()


RANKS = """
import sys, torch, tuimove
import torch.distributed as dist
dist.init_process_group("gloo", rank=int(sys.argv[1]), world_size=2, init_method="file://" + sys.argv[2])
torch.manual_seed(0)
model = torch.nn.parallel.DistributedDataParallel(torch.nn.Linear(6, 2))
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
recorder = tuimove.Recorder(model, optimizer, out=sys.argv[3], budget=1)
for _ in range(3):
    optimizer.zero_grad()
    model(torch.rand(4, 6)).sum().backward()
    optimizer.step()
print(recorder.folder)
dist.destroy_process_group()
"""


def both_ranks(script: str, out: Path) -> list[tuple[str, str]]:
    """Return what two processes of one training print on both streams."""
    command = [sys.executable, "-c", script]
    meet = out.with_name("meet")
    ranks = [start([*command, rank, meet, out], stdout=PIPE, stderr=PIPE, text=True) for rank in (0, 1)]
    return [communicate(rank) for rank in ranks]


def test_of_two_ranks_the_first_records(out: Path) -> None:
    assert [printed.split() for printed, _ in both_ranks(RANKS, out)] == [[str(out)], ["None"]]
    assert list(measured(out)[3]) == ["weight", "bias"]


SHARDS = """
import sys, torch, tuimove
import torch.distributed as dist
from torch.distributed.fsdp import fully_shard
dist.init_process_group("gloo", rank=int(sys.argv[1]), world_size=2, init_method="file://" + sys.argv[2])
torch.manual_seed(0)
model = torch.nn.Sequential(torch.nn.Linear(6, 8), torch.nn.ReLU(), torch.nn.Linear(8, 2))
fully_shard(model, mesh=torch.distributed.init_device_mesh("cpu", (2,)))
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
recorder = tuimove.Recorder(model, optimizer, out=sys.argv[3], budget=1)
for _ in range(3):
    optimizer.zero_grad()
    model(torch.rand(4, 6)).sum().backward()
    optimizer.step()
recorder.close()
dist.destroy_process_group()
"""


def test_of_sharded_weights_the_first_rank_s_part_is_measured_and_that_is_said(out: Path) -> None:
    said = [said for _, said in both_ranks(SHARDS, out)]
    assert "parameters are sharded: the part of each that the first process holds is measured" in said[0]
    assert "tuimove" not in said[1]
    assert measured(out)[3]["0.weight"]["entries"] == 24
    assert measured(out)[3]["0.weight"]["distance"] > 0


LOADERS = """
import sys, torch, tuimove
class Images(torch.utils.data.Dataset):
    def __len__(self): return 32
    def __getitem__(self, place): return torch.full((6,), float(place))
def main():
    model = torch.nn.Linear(6, 2)
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-4)
    recorder = tuimove.Recorder(model, optimizer, out=sys.argv[2], budget=1)
    loader = torch.utils.data.DataLoader(Images(), 8, num_workers=2, multiprocessing_context=sys.argv[1])
    for batch in loader:
        optimizer.zero_grad()
        model(batch).mean().backward()
        optimizer.step()
if __name__ == "__main__":
    main()
"""


@pytest.mark.parametrize("context", ["fork", "spawn"])
def test_workers_that_load_data_record_nothing(out: Path, tmp_path: Path, context: str) -> None:
    (tmp_path / "loop.py").write_text(LOADERS)
    done = run([sys.executable, str(tmp_path / "loop.py"), context, str(out)])
    assert done.returncode == 0, done.stderr
    assert [one["record"] for one in records(out)].count("run") == 1
    assert records(out)[-1]["epochs"] == 4


def test_no_loss_is_read_between_looks(out: Path) -> None:
    class Counted:
        reads = 0

        def detach(self) -> Counted:
            return self

        def __float__(self) -> float:
            Counted.reads += 1
            return 0.5

    model = new_model()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    recorder = Recorder(model, optimizer, out=out, budget=0)
    for _ in range(50):
        recorder.loss(Counted())
        train(model, optimizer, 1)
    assert Counted.reads == len(measured(out))
    recorder.close()


def test_a_layer_that_takes_the_place_of_another_is_measured(out: Path) -> None:
    model = new_model()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    start = model[2].weight.detach().clone()
    with Recorder(model, optimizer, out=out, budget=1):
        train(model, optimizer, 2)
        model[2] = torch.nn.Linear(8, 3)
        optimizer.param_groups[0]["params"][2:] = list(model[2].parameters())
        train(model, optimizer, 2)
    assert measured(out)[4]["2.weight"]["distance"] == pytest.approx((model[2].weight - start).norm().item(), rel=1e-5)


@pytest.mark.parametrize("changed", [lambda model: model.__delitem__(3), torch.nn.utils.parametrizations.weight_norm])
def test_a_parameter_that_goes_is_one_line(out: Path, changed: Any, capsys: pytest.CaptureFixture[str]) -> None:
    model = torch.nn.Sequential(*new_model(), torch.nn.Linear(3, 2))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    recorder = Recorder(model, optimizer, out=out, budget=1)
    train(model, optimizer, 2)
    changed(model if changed.__name__ == "<lambda>" else model[0])
    optimizer.step()
    assert "it is no longer in the model" in capsys.readouterr().err
    recorder.close()


def test_bags_and_learnt_positions_are_embeddings(out: Path) -> None:
    model = new_model(torch.nn.EmbeddingBag(50, 12), torch.nn.Linear(12, 3))
    model.position_embedding = torch.nn.Parameter(torch.zeros(5, 12))
    model.cls_token = torch.nn.Parameter(torch.zeros(1, 1, 12))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    with Recorder(model, optimizer, out=out):
        optimizer.step()
    kinds = {role["name"]: role["kind"] for role in records(out)[0]["matrices"]}
    assert kinds == {
        "position_embedding": "other", "cls_token": "other", "0.weight": "other", "1.weight": "weights",
        "1.bias": "bias",
    }  # fmt: skip


@pytest.mark.parametrize(("name", "goes_on"), [("Adam", True), ("SGD", False)])
def test_a_finished_run_goes_on_where_the_optimizer_has_counted_its_steps(
    out: Path, name: str, *, goes_on: bool
) -> None:
    model = new_model()
    optimizer = getattr(torch.optim, name)(model.parameters(), lr=0.01)
    with Recorder(model, optimizer, out=out, budget=1):
        train(model, optimizer, 5)
    finished = (out / "records.jsonl").read_bytes()
    if goes_on:
        with Recorder(model, optimizer, out=out, budget=1):
            train(model, optimizer, 2)
        assert list(measured(out)) == [0, 1, 2, 3, 4, 5, 6, 7]
        return
    with pytest.raises(TuimoveError, match="a finished run is already there"):
        Recorder(model, optimizer, out=out, budget=1)
    train(model, optimizer, 2)
    assert (out / "records.jsonl").read_bytes() == finished


@pytest.mark.parametrize("name", ["Adam", "SGD"])
def test_a_cell_that_is_run_again_goes_on_with_the_run_in_its_folder(out: Path, name: str) -> None:
    model = new_model()
    optimizer = getattr(torch.optim, name)(model.parameters(), lr=0.01)
    for _ in range(3):
        Recorder(model, optimizer, out=out, budget=1)
        train(model, optimizer, 4)
    Recorder(model, optimizer, out=out).close()  # another one that has never taken a step
    assert list(measured(out)) == list(range(13))
    assert records(out)[-1]["record"] != "end" or records(out)[-1]["epochs"] == 12


def test_a_cell_that_makes_its_model_and_optimizer_anew_is_refused_in_the_constructor(out: Path) -> None:
    for attempt in range(2):
        model = new_model()
        optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
        gc.collect()
        if attempt:
            with pytest.raises(TuimoveError, match="a finished run is already there"):
                Recorder(model, optimizer, out=out, budget=1)
        else:
            Recorder(model, optimizer, out=out, budget=1)
        train(model, optimizer, 3)
    assert records(out)[-1]["epochs"] == 3


@pytest.mark.filterwarnings("error")
def test_tensors_are_numbers_without_a_warning_and_others_are_said_once(
    out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = new_model()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    recorder = Recorder(model, optimizer, out=out, budget=1)
    for loss in (torch.ones(1, requires_grad=True), torch.ones(3), torch.ones(4), torch.tensor(1 + 0j)):
        recorder.loss(loss)
        recorder.note(validation_loss=torch.tensor(0.5, requires_grad=True))
        train(model, optimizer, 1)
    recorder.close()
    losses = [one["loss"] for one in records(out) if one["record"] == "measurement"]
    assert losses == [1.0, 1.0, None, None, None]
    assert capsys.readouterr().err.count("loss left out") == 2
