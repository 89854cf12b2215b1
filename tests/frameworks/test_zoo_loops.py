"""The second zoo's training: tiny specimens of each kind, recorded from end to end, and every fault done for real."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.frameworks

from tests.zoo.loops import training  # noqa: E402
from tests.zoo.loops.configurations import CONFIGURATIONS, PARTS, Configuration  # noqa: E402
from tests.zoo.loops.faults import noisy_labels  # noqa: E402
from tests.zoo.loops.fed_rivals import installed_rivals, said_of  # noqa: E402
from tests.zoo.loops.networks import new_network  # noqa: E402
from tests.zoo.loops.optimizers import rate_share  # noqa: E402
from tests.zoo.loops.reading import LoopRecording, read_kept  # noqa: E402
from tests.zoo.loops.recording import trained_bytes  # noqa: E402
from tests.zoo.loops.specimens import FAULTS, LoopFault, LoopSpecimen  # noqa: E402
from tests.zoo.specimens import HEALTHY  # noqa: E402

STEPS = 20
TABLES = Configuration("mlp", (6, 5), "relu", "tables-a", 500, "sgd", 0.3, 16, STEPS)
TEXT = Configuration("transformer", (8, 1, 2), "gelu", "english", 500, "adamw", 0.003, 4, STEPS, "warm-up", clip=1.0)
KINDS = {(fault.kind, fault.way): fault for _, _, faults in FAULTS for fault in faults}


@pytest.fixture(autouse=True)
def _hardly_pretrained(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Pretrain for two steps, on one thread: on busy processors the threads of small networks wait for one another."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    monkeypatch.setattr(training, "PRETRAINING_STEPS", 2)
    yield
    training._pretrained.cache_clear()
    torch.set_num_threads(threads)


def record(configuration: Configuration = TABLES, fault: LoopFault | None = None) -> LoopRecording:
    return read_kept(trained_bytes(LoopSpecimen("calibration", fault or LoopFault(HEALTHY), configuration)))


def moved(recording: LoopRecording, name: str) -> float:
    return float(recording.column(f"{name}.distance")[-1])


@pytest.mark.parametrize("configuration", [TABLES, TEXT, replace(TEXT, start="adapters")], ids=lambda one: one.name)
def test_a_specimen_is_recorded_from_end_to_end(configuration: Configuration) -> None:
    found = record(configuration)
    assert found.status == "finished"
    assert found.column("epoch")[[0, -1]].tolist() == [0, STEPS]
    assert {len(curve) for curve in found.steps.values()} == {STEPS}
    assert found.held_out["step"][[0, -1]].tolist() == found.validation["step"][[0, -1]].tolist() == [0, STEPS]
    assert found.held_out["loss"][-1] < found.held_out["loss"][0]
    assert found.column("loss")[-1] == pytest.approx(found.steps["loss"][-1], rel=2e-4)
    assert np.isfinite(found.column("validation_loss")[[0, -1]]).all()
    trained = [role.name for role in found.roles if role.kind == "weights"]
    assert min(moved(found, name) for name in trained) > 0


def test_a_specimen_is_the_same_every_time() -> None:
    specimen = LoopSpecimen("report", LoopFault("shuffled_labels", 0.5), TABLES)
    assert trained_bytes(specimen) == trained_bytes(specimen)


@pytest.mark.parametrize("fault", KINDS.values(), ids=lambda one: f"{one.kind}-{one.way}")
def test_every_fault_can_be_done(fault: LoopFault) -> None:
    is_idle = fault.kind == "idle_adapters"
    found = record(replace(TEXT, start="adapters") if is_idle else TABLES, fault)
    assert found.status == "finished"
    assert found.kind == fault.kind


@pytest.mark.parametrize("way", ["left-out", "zero-rate", "no-gradient"])
def test_idle_adapters_stay_where_they_are_and_the_last_layer_learns(way: str) -> None:
    found = record(replace(TEXT, start="adapters"), LoopFault("idle_adapters", way=way))
    adapters = [role.name for role in found.roles if "lora" in role.name]
    assert len(adapters) == 4
    assert not any(moved(found, name) for name in adapters)
    assert moved(found, "head.weight") > 0


def test_faults_of_layers_leave_the_others_alone() -> None:
    first = record(fault=LoopFault("frozen_layer", way="first"))
    half = record(fault=LoopFault("zero_rate_group", way="all-but-last"))
    assert [moved(first, name) > 0 for name in ("0.weight", "0.bias", "2.weight", "4.weight")] == [
        False,
        False,
        True,
        True,
    ]
    assert [moved(half, name) > 0 for name in ("0.weight", "2.weight", "4.weight")] == [False, False, True]


def test_faults_of_steps_do_what_they_say() -> None:
    flipped = record(fault=LoopFault("flipped_gradient", -1))
    assert flipped.held_out["loss"][-1] > flipped.held_out["loss"][0]
    repeated = record(fault=LoopFault("repeated_batch"))
    assert (np.diff(repeated.steps["loss"]) < 0).all()
    restarted = record(fault=LoopFault("restart", 0.5))
    shares = restarted.column("0.weight.distance") / restarted.column("0.weight.norm")[0]
    assert shares[restarted.column("epoch") <= STEPS / 2].max() < 0.5 < 1 < shares[-1]
    bad = record(fault=LoopFault("bad_batch", 0.5, "nan"))
    assert np.isfinite(bad.steps["loss"]).tolist() == [step < STEPS / 2 for step in range(STEPS)]


def test_decay_shrinks_all_or_weights_alone() -> None:
    some, everything = record(TEXT, LoopFault("weight_decay", 0.1)), record(TEXT, LoopFault("decay_on_everything", 0.1))
    name = "layers.0.norm1.weight"
    assert everything.column(f"{name}.norm")[-1] < 0.5 * some.column(f"{name}.norm")[-1]
    assert some.column("head.weight.norm")[-1] < 0.5 * some.column("head.weight.norm")[0]


def test_noise_draws_a_share_of_the_labels_anew() -> None:
    labels = np.zeros(20_000, np.int64)
    noisy = noisy_labels(labels, 0.5, 10, np.random.default_rng(0))
    assert (noisy != 0).mean() == pytest.approx(0.45, abs=0.02)


def test_rates_warm_up_and_fall() -> None:
    shares = [rate_share("warm-up", step, 100) for step in range(100)]
    assert shares[0] == 0.1
    assert shares[9] == shares[10] == 1
    assert sorted(shares[10:], reverse=True) == shares[10:]
    assert {rate_share("constant", step, 100) for step in range(100)} == {1}


@pytest.mark.parametrize("part", PARTS)
def test_every_network_can_be_made(part: Any) -> None:
    for one in CONFIGURATIONS[part]:
        inputs = {"mnist": 784, "fashion": 784, "digits": 64}.get(one.data, 20)
        assert sum(tensor.numel() for tensor in new_network(one, inputs, 10).parameters()) > 100


def test_packages_that_read_curves_are_fed_with_the_kept_ones() -> None:
    installed = installed_rivals()
    if not installed:
        pytest.skip("none of them is installed")
    diverged = record(fault=LoopFault("bad_batch", 0.5, "nan"))
    said = said_of(diverged, with_validation=True)
    assert said.keys() == installed.keys()
    assert said.get("sk-autod") is None, "it can't judge what isn't a number"
    assert all(said[name] for name in ("gradsnitch", "runmedic") if name in installed)
