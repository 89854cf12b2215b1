"""Times training and measuring on this machine, beside other libraries and the processor's own limit.

Only the command line imports this module.
"""

from __future__ import annotations

import math
import platform
import statistics
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from typing import Any

import numpy as np
import psutil

from tuimove.command_line.bench.contenders import KEYS, Start, contenders, starting_matrices
from tuimove.command_line.bench.limits import (
    LOADS,
    MULTIPLY_ADDS,
    SparseReach,
    dense_line,
    limit_turns,
    measure_limits,
    sparse_reach,
    sparse_work,
)
from tuimove.command_line.bench.turns import Comparison, Turn, repeated, take_turns, timed
from tuimove.diagnosis.diagnosis import Diagnosis
from tuimove.diagnosis.measurement import Observer
from tuimove.diagnosis.run_facts import RunFacts
from tuimove.recording.history import measured_numbers
from tuimove.recording.record import MeasurementRecord
from tuimove.settings.preset import DataKeys, NetworkKeys, Preset
from tuimove.settings.wording import counted
from tuimove.training.full_batch import FullBatch, ThreadPool
from tuimove.training.image_layout import Form
from tuimove.training.image_set import Digits, load_digits
from tuimove.training.network import start_networks
from tuimove.training.trainer import training

NEURONS = (10, 20, 64, 100, 180)
WIDTHS = (64, 128, 256, 512)
SAMPLES = (10_000, 20_000, 30_000, 40_000, 50_000, 60_000)
SHARES = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0)
TABLE_NETWORKS, TABLE_NEURONS = 9, 20
"""Networks and neurons of the source document's table of repeatability."""

TABLE_LIBRARIES = ("pytorch", "jax")
"""Libraries that train nine networks one after the other; the rest are slower with one network already."""

DIAGNOSES = 1000
"""Measurements of the run that is diagnosed, one per epoch."""


def run_bench(
    rounds: int, neurons: Sequence[int], threads: Sequence[int], say: Callable[[str], None]
) -> dict[str, Any]:
    """Time everything, calling `say` with each line; return all results for `--json`."""
    digits = load_digits(DataKeys(), seed=1)
    limits = measure_limits()
    say(f"{platform.processor() or platform.machine()}, {psutil.cpu_count()} processors, "
        f"sgemm {limits.sgemm_gflops:.0f} Gflop/s, reads {limits.read_gbytes:.1f} GB/s (one thread)")  # fmt: skip
    comparisons: list[Comparison] = []
    reaches: list[SparseReach] = []
    for count in threads:
        with contenders(digits, count, say) as starts:
            for hidden in neurons:
                comparisons.append(compare_epoch(digits, hidden, count, rounds, starts))
                say(_comparison_line(comparisons[-1]))
                if count == 1:
                    reaches.append(sparse_reach(comparisons[-1], hidden, sparse_work(digits, hidden)))
                    say(reaches[-1].line())
                    say(dense_line(comparisons[-1].seconds["tuimove"], digits, hidden, limits))
            comparisons.append(compare_table(digits, count, rounds, starts))
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
        "sparse_limits": [reach.to_json() for reach in reaches],
        "comparisons": [asdict(comparison) for comparison in comparisons],
        "scaling": scaling,
    }


def run_density(rounds: int, say: Callable[[str], None]) -> dict[str, Any]:
    """Time both forms of images against the share of non-zero pixels; the result sets `DENSE_SHARE`."""
    comparisons = []
    for hidden in (10, 100):
        for share in SHARES:
            comparisons.append(compare_forms(share, hidden, rounds))
            say(_comparison_line(comparisons[-1]))
    return {"comparisons": [asdict(comparison) for comparison in comparisons]}


def compare_epoch(digits: Digits, hidden: int, threads: int, rounds: int, starts: dict[str, Start]) -> Comparison:
    """Compare one epoch of one network with the same step in other libraries, and with one thread's limit."""
    with _our_epoch(digits, hidden, threads) as ours:
        turns = {"tuimove": ours}
        if threads == 1:
            turns |= limit_turns(sparse_work(digits, hidden))
        for name, start in starts.items():
            turns[name] = start(starting_matrices(digits, hidden)).turn
        return take_turns(f"{hidden} neurons", threads, turns, rounds)


def compare_table(digits: Digits, threads: int, rounds: int, starts: dict[str, Start]) -> Comparison:
    """Compare the document's nine networks trained in one pass and one after the other."""
    with (
        _our_epoch(digits, TABLE_NEURONS, threads, TABLE_NETWORKS) as ours,
        _our_epoch(digits, TABLE_NEURONS, threads) as alone,
    ):
        turns = {"tuimove": ours, "tuimove one by one": repeated(alone, TABLE_NETWORKS)}
        for name in (name for name in TABLE_LIBRARIES if name in starts):
            turns[name] = repeated(starts[name](starting_matrices(digits, TABLE_NEURONS)).turn, TABLE_NETWORKS)
        return take_turns(f"{TABLE_NETWORKS} networks of {TABLE_NEURONS} neurons", threads, turns, rounds)


def compare_measurement(digits: Digits, rounds: int) -> Comparison:
    """Compare the time of measuring all four matrices with that of an epoch, at 100 neurons."""
    networks = start_networks([NetworkKeys(hidden=100)], [1], digits.inputs, digits.classes)
    observer = Observer(networks.matrices(), networks.roles[0], digits.live_inputs())
    with _our_epoch(digits, 100, 1) as epoch:
        return take_turns(
            "a measurement at 100 neurons", 1, {"measurement": timed(observer.measure), "epoch": epoch}, rounds
        )


def compare_diagnosis(digits: Digits, rounds: int) -> Comparison:
    """Compare the time of diagnosing each epoch's measurement with that of an epoch, at 10 neurons."""
    preset = Preset("bench", network=NetworkKeys(hidden=10))
    networks = start_networks([preset.network], [1], digits.inputs, digits.classes)
    measured = Observer(networks.matrices(), networks.roles[0], digits.live_inputs()).measure()
    records = [MeasurementRecord("bench", epoch, 0.0, 0.5, 1.0, 0.5, 0.5, measured) for epoch in range(DIAGNOSES)]

    def diagnose() -> None:
        diagnosis = Diagnosis(preset.diagnosis, RunFacts("uniform", "per_neuron"))
        for record in records:
            distance = math.log1p(record.epoch)
            diagnosis.observe(measured_numbers(record) | {"W1.distance": 2 * distance, "W2.distance": distance})

    with _our_epoch(digits, 10, 1) as epoch:
        return take_turns(
            f"{DIAGNOSES} diagnoses at 10 neurons", 1, {"diagnosis": timed(diagnose), "epoch": epoch}, rounds
        )


def compare_forms(share: float, hidden: int, rounds: int) -> Comparison:
    """Compare both forms of random images with a given share of non-zero pixels."""
    random = np.random.default_rng(0)
    images = random.integers(1, 256, (20_000, 784), np.uint8)
    images[random.random(images.shape) > share] = 0
    labels = random.integers(10, size=len(images), dtype=np.uint8)
    digits = Digits("random", images, labels, images[:10], labels[:10], (28, 28), 10)
    with _our_epoch(digits, hidden, 1, form="sparse") as sparse_, _our_epoch(digits, hidden, 1, form="dense") as dense:
        return take_turns(f"{share:.0%} non-zero, {hidden} neurons", 1, {"sparse": sparse_, "dense": dense}, rounds)


def scale_images(digits: Digits, rounds: int) -> dict[int, float]:
    """Return microseconds per epoch and image, by the number of images, at 100 neurons."""
    parts = {n: replace(digits, train_images=digits.train_images[:n], train_labels=digits.train_labels[:n])
             for n in SAMPLES}  # fmt: skip
    return {n: 1e6 * _epoch_seconds(part, 100, rounds) / n for n, part in parts.items()}


def scale_neurons(digits: Digits, rounds: int) -> dict[int, float]:
    """Return microseconds per epoch and hidden neuron, by the number of neurons."""
    return {hidden: 1e6 * _epoch_seconds(digits, hidden, rounds) / hidden for hidden in WIDTHS}


def _epoch_seconds(digits: Digits, hidden: int, rounds: int) -> float:
    with _our_epoch(digits, hidden, 1) as epoch:
        epoch()
        return min(epoch() for _ in range(rounds))


@contextmanager
def _our_epoch(
    digits: Digits, hidden: int, threads: int, networks: int = 1, form: Form | None = None
) -> Iterator[Turn]:
    """Provide a turn that trains one epoch here, with an update of the weights."""
    keys = [NetworkKeys(hidden=hidden)] * networks
    trained = start_networks(keys, range(networks), digits.inputs, digits.classes)
    pool = ThreadPool(threads)
    batch = FullBatch(digits.train_images, digits.train_labels, trained, pool, gradients=True, form=form)
    steps = training(trained, batch, [KEYS] * networks)
    next(steps)
    yield timed(lambda: next(steps))
    pool.close()


def _spread(costs: dict[int, float]) -> float:
    mean = statistics.mean(costs.values())
    return max(abs(cost / mean - 1) for cost in costs.values())


def _comparison_line(comparison: Comparison) -> str:
    (first, own), *_ = comparison.seconds.items()
    others = [
        f"{name} {1e3 * comparison.seconds[name]:.1f} ms ({ratio:.2f})"
        for name, ratio in comparison.ratios.items()
        if name not in (LOADS, MULTIPLY_ADDS)
    ]
    threads = counted(comparison.threads, "thread")
    return f"{comparison.what}, {threads}: {first} {1e3 * own:.1f} ms ({1 / own:.1f}/s), {', '.join(others)}"
