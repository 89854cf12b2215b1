"""The bench times everything it promises, its contenders all take the same step, and its limits are well counted."""

from __future__ import annotations

import json
import sys
from itertools import islice
from pathlib import Path

import numpy as np
import psutil
import pytest

from tests.conftest import random_digits
from tests.support.waiting import wait_until
from tuimove.command_line.bench import contenders as bench_contenders
from tuimove.command_line.bench import limits, timing
from tuimove.command_line.bench import turns as bench_turns
from tuimove.command_line.bench.contenders import KEYS, Matrices, contenders, starting_matrices
from tuimove.command_line.bench.jax_process import JaxError, JaxProcess, jax_process
from tuimove.command_line.bench.limits import LOADS, MULTIPLY_ADDS, SparseWork, sparse_reach, sparse_work
from tuimove.command_line.bench.turns import Comparison
from tuimove.settings.preset import NetworkKeys
from tuimove.training.full_batch import FullBatch, ThreadPool
from tuimove.training.image_layout import SCALES
from tuimove.training.image_set import Digits
from tuimove.training.network import start_networks
from tuimove.training.trainer import training

MODULES = {"pytorch": "torch", "torch.sparse": "torch", "jax": "jax"}
"""What has to be installed for a contender."""


@pytest.fixture
def small_bench(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the bench run on a few small images and a small machine."""
    monkeypatch.setattr(timing, "load_digits", lambda *_, **__: random_digits(64, (5, 5), 10))
    monkeypatch.setattr(timing, "SAMPLES", (32, 64))
    monkeypatch.setattr(timing, "WIDTHS", (16, 32))
    monkeypatch.setattr(limits, "SGEMM_SIZE", 64)
    monkeypatch.setattr(limits, "READ_BYTES", 2**16)
    monkeypatch.setattr(limits, "TRIAL_VECTORS", 2**10)
    monkeypatch.setattr(bench_turns, "REST_SECONDS", 0.0)


def trained_by_us(digits: Digits, hidden: int, epochs: int) -> Matrices:
    """Return the weights after our own training."""
    networks = start_networks([NetworkKeys(hidden=hidden)], [0], digits.inputs, digits.classes)
    batch = FullBatch(digits.train_images, digits.train_labels, networks, ThreadPool(1), gradients=True)
    for _ in islice(training(networks, batch, [KEYS]), epochs + 1):
        pass
    return networks.copied_matrices()


@pytest.mark.usefixtures("small_bench")
def test_every_work_is_compared_for_one_thread_and_for_all() -> None:
    """Each width beside other libraries, nine networks, a measurement, a diagnosis, and how the cost grows."""
    lines: list[str] = []
    timed = timing.run_bench(1, [10, 20], [1, 2], lines.append)
    compared = [(comparison["what"], comparison["threads"]) for comparison in timed["comparisons"]]
    nine = "9 networks of 20 neurons"
    assert compared == [
        ("10 neurons", 1), ("20 neurons", 1), (nine, 1),
        ("10 neurons", 2), ("20 neurons", 2), (nine, 2),
        ("a measurement at 100 neurons", 1), ("1000 diagnoses at 10 neurons", 1),
    ]  # fmt: skip
    assert {"numpy", "scipy.sparse"} <= timed["comparisons"][0]["ratios"].keys()
    assert timed["scaling"].keys() == {"images", "neurons"}
    assert timed["limits"]["sgemm_gflops"] > 0
    assert any("of the least time of dense code" in line for line in lines)
    assert json.loads(json.dumps(timed)) == timed | {
        "scaling": {axis: {str(size): cost for size, cost in costs.items()} for axis, costs in timed["scaling"].items()}
    }


@pytest.mark.usefixtures("small_bench")
def test_how_much_of_the_processor_s_limit_is_reached_is_said_for_one_thread_of_each_width() -> None:
    lines: list[str] = []
    reaches = timing.run_bench(1, [10, 20], [1, 2], lines.append)["sparse_limits"]
    assert [reach["neurons"] for reach in reaches] == [10, 20]
    assert all(
        reach["reached"] > 0 and reach["load_seconds"] > 0 and reach["multiply_seconds"] > 0 for reach in reaches
    )
    assert [line for line in lines if "of the processor's limit" in line and "of 16 lanes are padding" in line]
    assert not any(LOADS in line or MULTIPLY_ADDS in line for line in lines)


@pytest.mark.parametrize("name", ["numpy", "scipy.sparse", "pytorch", "torch.sparse", "jax"])
def test_every_contender_takes_the_same_step_as_we_do(name: str) -> None:
    """What the weights have moved by in three epochs agrees, not only the weights."""
    if name in MODULES:
        pytest.importorskip(MODULES[name])
    digits = random_digits(200, (6, 5), 10)
    start, ours = starting_matrices(digits, 12), trained_by_us(digits, 12, 3)
    with contenders(digits, 1, pytest.fail) as starts:
        contender = starts[name](starting_matrices(digits, 12))
        assert all(contender.turn() > 0 for _ in range(3))
        theirs = contender.matrices()
    for matrix, began in start.items():
        moved = np.linalg.norm(ours[matrix] - began)
        assert moved > 1e-3
        assert np.linalg.norm(theirs[matrix] - ours[matrix]) < 1e-4 * moved


def test_networks_in_jax_are_trained_beside_one_another() -> None:
    pytest.importorskip("jax")
    digits = random_digits(50, (3, 3), 4)
    with contenders(digits, 1, pytest.fail) as starts:
        first, second = (starts["jax"](starting_matrices(digits, hidden)) for hidden in (3, 5))
        first.turn()
        untouched = second.matrices()
    for matrix, began in starting_matrices(digits, 5).items():
        np.testing.assert_array_equal(untouched[matrix], began)


@pytest.mark.skipif(sys.platform != "linux", reason="names of threads are read from /proc")
@pytest.mark.parametrize("threads", [1, 3])
def test_jax_works_with_as_many_threads_as_it_is_given(threads: int) -> None:
    pytest.importorskip("jax")
    with contenders(random_digits(50, (3, 3), 4), threads, pytest.fail):
        (process,) = (child for child in psutil.Process().children() if is_jax_process(child))
        names = [path.read_text().strip() for path in Path(f"/proc/{process.pid}/task").glob("*/comm")]
    assert names.count("tf_XLAEigen") == threads
    assert not process.is_running()


def test_a_jax_that_does_not_work_is_left_out_with_its_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench_contenders, "is_installed", lambda library: library == "jax")
    monkeypatch.setattr(JaxProcess, "arrange", refuse)
    said: list[str] = []
    with contenders(random_digits(20, (3, 3), 4), 1, said.append) as starts:
        assert starts.keys() == {"numpy"}
    assert said == ["left out: jax: ImportError: no jaxlib"]


def refuse(*_: object) -> None:
    raise JaxError("jax: ImportError: no jaxlib")


def is_jax_process(child: psutil.Process) -> bool:
    """Return whether a child is the contender's; one that has ended meanwhile isn't."""
    try:
        return "tuimove.command_line.bench.jax_process" in child.cmdline()
    except psutil.Error:
        return False


def contender() -> psutil.Process | None:
    """Return the contender's process; a moment after its start its command can't be read yet."""
    return next(filter(is_jax_process, psutil.Process().children()), None)


def test_a_process_that_died_is_named_with_its_exit_code() -> None:
    with jax_process(1) as jax:
        process = wait_until(contender, "the contender's process under its name")
        assert process is not None
        process.kill()
        with pytest.raises(JaxError, match="jax: its process was killed by SIGKILL"):
            jax.arrange(np.zeros((2, 2), np.uint8), SCALES, np.zeros((2, 2), np.float32), 0.5)


def test_a_mistake_in_the_process_comes_back_in_words() -> None:
    with jax_process(1) as jax, pytest.raises(JaxError, match=r"jax: .*Error"):
        jax.epoch(3)


def test_a_ratio_is_the_median_over_neighbouring_turns() -> None:
    """Not the ratio of the medians: a machine that slows down slows both of a pair. The first turns only warm up."""
    ours, theirs = iter([9.0, 1.0, 10.0, 100.0]), iter([9.0, 2.0, 30.0, 400.0])
    turns = {"ours": lambda: next(ours), "theirs": lambda: next(theirs)}
    compared = bench_turns.take_turns("work", 1, turns, rounds=3)
    assert compared.ratios == {"theirs": 3.0}
    assert compared.seconds == {"ours": 10.0, "theirs": 30.0}


def test_what_an_epoch_needs_is_counted_from_its_non_zero_pixels() -> None:
    """20 neurons are a vector and a half, 4 of whose lanes are padding; both passes read each non-zero pixel once."""
    images = np.array([[0, 5, 0], [7, 0, 9]], np.uint8)
    labels = np.array([0, 1], np.uint8)
    work = sparse_work(Digits("three pixels", images, labels, images, labels, (1, 3), 2), 20)
    assert (work.nonzeros, work.vectors, work.idle_lanes) == (3, 1.5, 4)
    assert work.loads == 2 * 3 * (1 + 1 + 2)
    assert work.multiply_adds == 2 * 3 * 1.5


def test_a_row_wider_than_the_registers_hold_is_counted_in_even_strips() -> None:
    """Twelve vectors are two strips of six, and each reads the entry and its scale."""
    work = SparseWork(nonzeros=100, neurons=12 * 16)
    assert work.strip_halves == [12, 12]
    assert work.loads == 2 * 100 * (2 * (1 + 1) + 12)
    assert sum(SparseWork(1, 17 * 16).strip_halves) == 34


@pytest.mark.parametrize(("loads", "multiply_adds", "binds"), [(0.5, 0.2, "loads"), (0.2, 0.4, "multiply-adds")])
def test_what_takes_longer_of_loads_and_multiply_adds_is_the_limit(
    loads: float, multiply_adds: float, binds: str
) -> None:
    times = {"tuimove": 0.01, LOADS: 0.01 * loads, MULTIPLY_ADDS: 0.01 * multiply_adds}
    comparison = Comparison("work", 1, times, {LOADS: loads, MULTIPLY_ADDS: multiply_adds})
    reach = sparse_reach(comparison, 10, SparseWork(1_000_000, 10))
    assert (reach.reached, reach.binds) == (max(loads, multiply_adds), binds)
    assert reach.line() == (
        f"    reaches {100 * reach.reached:.0f}% of the processor's limit ({binds} bind): 6 million loads take "
        f"{10 * loads:.1f} ms at least, 2 million multiply-adds of 16 lanes {10 * multiply_adds:.1f} ms; "
        "6 of 16 lanes are padding"
    )
    assert reach.to_json()["loads"] == 6_000_000
