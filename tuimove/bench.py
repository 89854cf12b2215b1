"""How fast this machine trains and measures, beside the same step in NumPy, scipy.sparse and PyTorch.

Machines are shared and their speed drifts, so contenders take turns in one run and what is reported is the
median of the ratios of neighbouring turns. Nothing else imports this module.
"""

from __future__ import annotations

import importlib.util
import math
import platform
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import psutil
from scipy import sparse
from threadpoolctl import threadpool_limits

from tuimove.diagnosis.diagnosis import Diagnosis
from tuimove.diagnosis.past import RunFacts
from tuimove.digits import Digits, load_digits
from tuimove.full_batch import FullBatch, ThreadPool
from tuimove.history import measured_numbers
from tuimove.images import SCALES, Form
from tuimove.measurement import Observer
from tuimove.network import Floats, start_networks
from tuimove.preset import DataKeys, NetworkKeys, Preset, TrainingKeys
from tuimove.record import MeasurementRecord
from tuimove.trainer import training

NEURONS = (10, 20, 64, 100, 180)
WIDTHS = (64, 128, 256, 512)
SAMPLES = (10_000, 20_000, 30_000, 40_000, 50_000, 60_000)
SHARES = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0)
TABLE_NETWORKS, TABLE_NEURONS = 9, 20
"""The source document's table of repeatability."""

KEYS = TrainingKeys(learning_rate=0.5, epochs=10**9)
REST_SECONDS = 0.3
"""Before a turn with several threads: those of other libraries' pools go on spinning after theirs."""

DIAGNOSES = 1000
"""Measurements of the run that is diagnosed: one an epoch."""

SGEMM_SIZE = 2048
READ_BYTES = 2**28

Turn = Callable[[], object]
"""Trains one epoch, or whatever else is timed."""


@dataclass(frozen=True)
class Comparison:
    """One thing timed in several ways that take turns."""

    what: str
    threads: int
    seconds: dict[str, float]
    """Median time of each contender."""
    ratios: dict[str, float]
    """Median of each other contender's time over the first one's in the same turn."""


@dataclass(frozen=True)
class Limits:
    """What one thread of this machine can do at most."""

    sgemm_gflops: float
    """float32 multiply-adds of a dense product, each counted as two, in 10^9 a second."""
    read_gbytes: float
    """Bytes of a long array read in 10^9 a second."""


def run_bench(
    rounds: int, neurons: Sequence[int], threads: Sequence[int], say: Callable[[str], None]
) -> dict[str, Any]:
    """Time everything, telling `say` line by line; return it all for `--json`."""
    digits = load_digits(DataKeys(), seed=1)
    limits = measure_limits()
    say(f"{platform.processor() or platform.machine()}, {psutil.cpu_count()} processors, "
        f"sgemm {limits.sgemm_gflops:.0f} Gflop/s, reads {limits.read_gbytes:.1f} GB/s (one thread)")  # fmt: skip
    comparisons = []
    for count in threads:
        for hidden in neurons:
            comparisons.append(compare_epoch(digits, hidden, count, rounds))
            say(_comparison_line(comparisons[-1]))
            if count == 1:
                say(_limits_line(comparisons[-1], digits, hidden, limits))
        comparisons.append(compare_table(digits, count, rounds))
        say(_comparison_line(comparisons[-1]))
    comparisons.append(compare_measurement(digits, rounds))
    say(f"{comparisons[-1].what}: {1 / comparisons[-1].ratios['epoch']:.4f} of an epoch")
    comparisons.append(compare_diagnosis(digits, rounds))
    say(f"{comparisons[-1].what}: {1 / comparisons[-1].ratios['epoch'] / DIAGNOSES:.4f} of an epoch each")
    scaling = {"images": scale_images(digits, rounds), "neurons": scale_neurons(digits, rounds)}
    for axis, costs in scaling.items():
        shown = ", ".join(f"{size}: {cost:.3g}" for size, cost in costs.items())
        say(f"microseconds an epoch for each of the {axis}: {shown}; {_spread(costs):.0%} from their mean at most")
    return {
        "limits": asdict(limits),
        "comparisons": [asdict(comparison) for comparison in comparisons],
        "scaling": scaling,
    }


def run_density(rounds: int, say: Callable[[str], None]) -> dict[str, Any]:
    """Time both forms of images against the share of non-zero pixels; `DENSE_SHARE` is set by it."""
    comparisons = []
    for hidden in (10, 100):
        for share in SHARES:
            comparisons.append(compare_forms(share, hidden, rounds))
            say(_comparison_line(comparisons[-1]))
    return {"comparisons": [asdict(comparison) for comparison in comparisons]}


def compare_epoch(digits: Digits, hidden: int, threads: int, rounds: int) -> Comparison:
    """Compare one epoch of one network with the same step in other libraries."""
    with _our_epoch(digits, hidden, threads) as ours:
        turns = {"tuimove": ours, "numpy": _numpy_epoch(digits, hidden), "scipy.sparse": _sparse_epoch(digits, hidden)}
        if _has_torch():
            turns["pytorch"] = _torch_epoch(digits, hidden, threads)
        return take_turns(f"{hidden} neurons", threads, turns, rounds)


def compare_table(digits: Digits, threads: int, rounds: int) -> Comparison:
    """Compare the nine networks of the document's table in one pass with one after the other."""
    with (
        _our_epoch(digits, TABLE_NEURONS, threads, TABLE_NETWORKS) as ours,
        _our_epoch(digits, TABLE_NEURONS, threads) as alone,
    ):
        turns = {"tuimove": ours, "tuimove one by one": _repeated(alone)}
        if _has_torch():
            turns["pytorch"] = _repeated(_torch_epoch(digits, TABLE_NEURONS, threads))
        return take_turns(f"{TABLE_NETWORKS} networks of {TABLE_NEURONS} neurons", threads, turns, rounds)


def compare_measurement(digits: Digits, rounds: int) -> Comparison:
    """Compare a measurement of all four matrices with an epoch, at 100 neurons."""
    networks = start_networks([NetworkKeys(hidden=100)], [1], digits.inputs, digits.classes)
    observer = Observer(networks.matrices(), networks.laws[0], digits.live_inputs())
    with _our_epoch(digits, 100, 1) as epoch:
        return take_turns("a measurement at 100 neurons", 1, {"measurement": observer.measure, "epoch": epoch}, rounds)


def compare_diagnosis(digits: Digits, rounds: int) -> Comparison:
    """Compare the diagnosis of a run measured every epoch with an epoch, at 10 neurons."""
    preset = Preset("bench", network=NetworkKeys(hidden=10))
    networks = start_networks([preset.network], [1], digits.inputs, digits.classes)
    measured = Observer(networks.matrices(), networks.laws[0], digits.live_inputs()).measure()
    records = [MeasurementRecord("bench", epoch, 0.0, 0.5, 1.0, 0.5, 0.5, measured) for epoch in range(DIAGNOSES)]

    def diagnose() -> None:
        diagnosis = Diagnosis(preset.diagnosis, RunFacts("uniform", "per_neuron"))
        for record in records:
            distance = math.log1p(record.epoch)
            diagnosis.observe(measured_numbers(record) | {"W1.distance": 2 * distance, "W2.distance": distance})

    with _our_epoch(digits, 10, 1) as epoch:
        return take_turns(f"{DIAGNOSES} diagnoses at 10 neurons", 1, {"diagnosis": diagnose, "epoch": epoch}, rounds)


def compare_forms(share: float, hidden: int, rounds: int) -> Comparison:
    """Compare both forms of random images of which a share of the pixels is not zero."""
    random = np.random.default_rng(0)
    images = random.integers(1, 256, (20_000, 784), np.uint8)
    images[random.random(images.shape) > share] = 0
    labels = random.integers(10, size=len(images), dtype=np.uint8)
    digits = Digits("random", images, labels, images[:10], labels[:10], (28, 28), 10)
    with _our_epoch(digits, hidden, 1, form="sparse") as sparse_, _our_epoch(digits, hidden, 1, form="dense") as dense:
        return take_turns(f"{share:.0%} non-zero, {hidden} neurons", 1, {"sparse": sparse_, "dense": dense}, rounds)


def scale_images(digits: Digits, rounds: int) -> dict[int, float]:
    """Return microseconds an epoch per image, by the number of images, at 100 neurons."""
    parts = {n: replace(digits, train_images=digits.train_images[:n], train_labels=digits.train_labels[:n])
             for n in SAMPLES}  # fmt: skip
    return {n: 1e6 * _epoch_seconds(part, 100, rounds) / n for n, part in parts.items()}


def scale_neurons(digits: Digits, rounds: int) -> dict[int, float]:
    """Return microseconds an epoch per hidden neuron, by the number of neurons."""
    return {hidden: 1e6 * _epoch_seconds(digits, hidden, rounds) / hidden for hidden in WIDTHS}


def measure_limits() -> Limits:
    """Return what one thread reaches in a large dense product and in reading a long array."""
    matrix = np.random.default_rng(0).random((SGEMM_SIZE, SGEMM_SIZE), np.float32)
    long = np.ones(READ_BYTES // 4, np.float32)
    with threadpool_limits(1, "blas"):
        multiply = min(_seconds(lambda: matrix @ matrix) for _ in range(5))
        read = min(_seconds(lambda: long @ long) for _ in range(5))
    return Limits(2 * SGEMM_SIZE**3 / multiply / 1e9, READ_BYTES / read / 1e9)


def take_turns(what: str, threads: int, turns: dict[str, Turn], rounds: int) -> Comparison:
    """Time contenders in turn, after one turn to warm up; ratios are to the first one."""
    times: dict[str, list[float]] = {name: [] for name in turns}
    with threadpool_limits(threads, "blas"):
        for turn in turns.values():
            turn()
        for _ in range(rounds):
            for name, turn in turns.items():
                time.sleep(REST_SECONDS if threads > 1 else 0)
                times[name].append(_seconds(turn))
    first, *others = times
    return Comparison(
        what=what,
        threads=threads,
        seconds={name: statistics.median(taken) for name, taken in times.items()},
        ratios={
            name: statistics.median(b / a for a, b in zip(times[first], times[name], strict=True)) for name in others
        },
    )


def _seconds(turn: Turn) -> float:
    began = time.perf_counter()
    turn()
    return time.perf_counter() - began


def _epoch_seconds(digits: Digits, hidden: int, rounds: int) -> float:
    with _our_epoch(digits, hidden, 1) as epoch:
        epoch()
        return min(_seconds(epoch) for _ in range(rounds))


def _repeated(turn: Turn) -> Turn:
    return lambda: [turn() for _ in range(TABLE_NETWORKS)]


@contextmanager
def _our_epoch(
    digits: Digits, hidden: int, threads: int, networks: int = 1, form: Form | None = None
) -> Iterator[Turn]:
    """Give the next epoch of our own training, every one of which updates the weights."""
    keys = [NetworkKeys(hidden=hidden)] * networks
    trained = start_networks(keys, range(networks), digits.inputs, digits.classes)
    pool = ThreadPool(threads)
    batch = FullBatch(digits.train_images, digits.train_labels, trained, pool, gradients=True, form=form)
    steps = training(trained, batch, [KEYS] * networks)
    next(steps)
    yield lambda: next(steps)
    pool.close()


def _dense_images(digits: Digits) -> Floats:
    return SCALES[digits.train_images]


def _one_hot(digits: Digits) -> Floats:
    return np.eye(digits.classes, dtype=np.float32)[digits.train_labels]


def _numpy_epoch(digits: Digits, hidden: int) -> Turn:
    """Return a hand-written step in NumPy, dense."""
    images = _dense_images(digits)
    return _array_epoch(digits, hidden, lambda W1: images @ W1, lambda errors: images.T @ errors)


def _sparse_epoch(digits: Digits, hidden: int) -> Turn:
    """Return the same step with the images as compressed sparse rows."""
    images = sparse.csr_array(_dense_images(digits))
    turned = images.T.tocsr()
    return _array_epoch(digits, hidden, lambda W1: images @ W1, lambda errors: turned @ errors)


def _array_epoch(
    digits: Digits, hidden: int, weigh: Callable[[Floats], Floats], gather: Callable[[Floats], Floats]
) -> Turn:
    matrices = start_networks([NetworkKeys(hidden=hidden)], [1], digits.inputs, digits.classes).copied_matrices()
    W1, W2 = np.ascontiguousarray(matrices["W1"].T), np.ascontiguousarray(matrices["W2"].T)
    b1, b2 = matrices["b1"], matrices["b2"]
    targets = _one_hot(digits)
    step = np.float32(KEYS.learning_rate / len(targets))

    def epoch() -> None:
        Z1 = weigh(W1)
        Z1 += b1
        A1 = np.maximum(Z1, 0)
        A2 = A1 @ W2
        A2 += b2
        A2 -= A2.max(axis=1, keepdims=True)
        np.exp(A2, out=A2)
        A2 /= A2.sum(axis=1, keepdims=True)
        A2 -= targets
        errors = A2 @ W2.T
        errors *= Z1 > 0
        W2[...] -= step * (A1.T @ A2)
        b2[...] -= step * A2.sum(axis=0)
        W1[...] -= step * gather(errors)
        b1[...] -= step * errors.sum(axis=0)

    return epoch


def _has_torch() -> bool:
    return importlib.util.find_spec("torch") is not None


def _torch_epoch(digits: Digits, hidden: int, threads: int) -> Turn:
    """Return a hand-written dense step in PyTorch, every large array made beforehand."""
    import torch

    images, targets = torch.from_numpy(_dense_images(digits)), torch.from_numpy(_one_hot(digits))
    matrices = start_networks([NetworkKeys(hidden=hidden)], [1], digits.inputs, digits.classes).copied_matrices()
    W1, W2 = (torch.from_numpy(np.ascontiguousarray(matrices[name].T)) for name in ("W1", "W2"))
    b1, b2 = torch.from_numpy(matrices["b1"]), torch.from_numpy(matrices["b2"])
    Z1, A1, errors = (torch.empty(len(images), hidden) for _ in range(3))
    A2, live = torch.empty(len(images), digits.classes), torch.empty(len(images), hidden, dtype=torch.bool)
    step = KEYS.learning_rate / len(images)

    def epoch() -> None:
        torch.set_num_threads(threads)
        with torch.no_grad():
            torch.addmm(b1, images, W1, out=Z1)
            torch.clamp(Z1, min=0, out=A1)
            torch.addmm(b2, A1, W2, out=A2)
            torch.softmax(A2, 1, out=A2)
            A2.sub_(targets)
            torch.mm(A2, W2.t(), out=errors)
            torch.gt(Z1, 0, out=live)
            errors.mul_(live)
            W2.addmm_(A1.t(), A2, alpha=-step)
            b2.sub_(A2.sum(0), alpha=step)
            W1.addmm_(images.t(), errors, alpha=-step)
            b1.sub_(errors.sum(0), alpha=step)

    return epoch


def _spread(costs: dict[int, float]) -> float:
    mean = statistics.mean(costs.values())
    return max(abs(cost / mean - 1) for cost in costs.values())


def _comparison_line(comparison: Comparison) -> str:
    (first, own), *_ = comparison.seconds.items()
    others = [
        f"{name} {1e3 * comparison.seconds[name]:.1f} ms ({ratio:.2f})" for name, ratio in comparison.ratios.items()
    ]
    threads = f"{comparison.threads} thread" + "s" * (comparison.threads != 1)
    return f"{comparison.what}, {threads}: {first} {1e3 * own:.1f} ms ({1 / own:.1f}/s), {', '.join(others)}"


def _limits_line(comparison: Comparison, digits: Digits, hidden: int, limits: Limits) -> str:
    own, flop = comparison.seconds["tuimove"], 4 * digits.train_images.size * hidden
    read = 2 * 2 * np.count_nonzero(digits.train_images)  # two passes over entries of two bytes
    dense = flop / (limits.sgemm_gflops * 1e9)
    return (f"    {own / dense:.2f} of the least time of dense code ({1e3 * dense:.1f} ms), "
            f"pixels read at {read / own / 1e9 / limits.read_gbytes:.0%} of the bandwidth")  # fmt: skip
