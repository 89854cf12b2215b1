"""What the recordings depend on: not how the program is written, but what it does.

A hash of the sources would change with every rename. Here a few small networks are trained on made-up images, some with
a fault, through the session that trains everything, and the rules judge made-up courses; what comes of it stands in
`behaviour.json`, with the limits. While the program still does that, a recording made with it holds; when it doesn't,
`differences` says what has changed, and the recordings are made anew.

Numbers are compared and not hashed, so that none of them can fall on the edge between two digits, and with tolerances
that no processor's rounding reaches: ten steps of networks this small agree to better than 1e-6 of a matrix' norm
between machine code with and without fused multiply-adds, whatever the width of its vectors. A learning step that is
one part in a hundred longer moves a matrix by more than 1e-3 of its norm.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict
from itertools import product
from pathlib import Path
from typing import Any

from tests.conftest import random_digits
from tests.promises.graded_courses import graded_courses
from tests.support.courses import diagnose
from tests.zoo.recording import train_pass
from tests.zoo.specimens import HEALTHY, Fault, Specimen
from tuimove.diagnosis.run_facts import RunFacts
from tuimove.recording.history import recorded_numbers
from tuimove.recording.record import Record, to_json
from tuimove.recording.sinks.sink import Sink
from tuimove.runs.session import run_session
from tuimove.runs.steering.controls import Controls
from tuimove.settings.limits import RENAMED, DiagnosisKeys
from tuimove.settings.preset import (
    ACTIVATIONS,
    BIAS_GRADIENTS,
    INITS,
    DataKeys,
    MeasureKeys,
    NetworkKeys,
    Preset,
    TrainingKeys,
)

PATH = Path(__file__).with_name("behaviour.json")

HIDDEN, RATE, EPOCHS = 20, 0.3, 10
FAULTS = (
    Fault(HEALTHY), Fault("flipped_gradient", -1), Fault("start_too_large", 20), Fault("weight_decay", 0.1),
    Fault("restart", 0.5),
)  # fmt: skip
"""As in the zoo's sample; a learning rate too high is its preset's."""

BEFORE = {now.rpartition(".")[2]: before.rpartition(".")[2] for before, now in RENAMED.items()}
"""What limits were called when the recordings were made."""

LENGTHS = ("distance", "norm", "step")
SHAPES = {"cosine": 1e-3, "sd": 1e-3, "kurtosis": 1e-2, "effect": 0.05, "escaped": 0.01, "frozen": 0.01}
"""Numbers of a distribution, each with its tolerance: those that count entries may differ by one entry in a hundred."""
LENGTH_TOLERANCE = 1e-4
"""Of lengths, in norms of their matrix or in ones where that is less; a hundred times what rounding makes of them."""
LOSS_TOLERANCE = 1e-4

Numbers = dict[str, float | None]
Behaviour = dict[str, dict[str, Any]]
"""By what it is about, and by name: numbers by column, findings in words, or a limit."""


def behaviour(sections: Iterable[str] = ("training", "faults", "findings", "limits")) -> Behaviour:
    """Return what the program does today, all of it or some sections."""
    made: dict[str, Callable[[], Iterable[tuple[str, Any]]]] = {
        "training": _trained_networks,
        "faults": _faulty_networks,
        "findings": lambda: ((name, judged(course, facts)) for name, facts, course in graded_courses()),
        "limits": lambda: ((BEFORE.get(name, name), limit) for name, limit in asdict(DiagnosisKeys()).items()),
    }
    return {section: dict(made[section]()) for section in sections}


class _Keeping(Sink):
    """Keeps the records that it is told."""

    def __init__(self) -> None:
        self.records: list[dict[str, Any]] = []

    def write(self, record: Record) -> None:
        self.records.append(json.loads(to_json(record, histograms=False)))


def _trained_networks() -> Iterator[tuple[str, Numbers]]:
    """Yield how a small network with each activation, start and bias rule has come out."""
    digits = random_digits(120, (6, 5), 4)
    for place, (activation, init, rule) in enumerate(product(ACTIVATIONS, INITS, BIAS_GRADIENTS)):
        kept = _Keeping()
        run_session(_preset(activation, init, rule, place), digits, [kept], Controls(), 1)
        yield f"{activation} {init} {rule}", _last_numbers(kept.records)


def _faulty_networks() -> Iterator[tuple[str, Numbers]]:
    """Yield how a small network with each fault of the zoo's sample has come out."""
    digits = random_digits(120, (6, 5), 4)
    preset = _preset("tanh", "uniform", "per_neuron", 1)
    for fault in FAULTS:
        (tape,) = train_pass((Specimen(fault.kind, "calibration", fault, preset, "small"),), digits)
        yield fault.kind, _last_numbers([json.loads(line) for line in tape.lines])


def _preset(activation: str, init: str, bias_gradient: str, seed: int) -> Preset:
    network, training = NetworkKeys(HIDDEN, activation, init), TrainingKeys(RATE, EPOCHS, seed, bias_gradient)
    return Preset("small", "", network, training, DataKeys(), MeasureKeys(EPOCHS // 2))


def _last_numbers(records: list[dict[str, Any]]) -> Numbers:
    """Return what is compared of a run's last measurement, to nine digits."""
    *_, last = (recorded_numbers(record) for record in records if record["record"] == "measurement")
    columns = [f"{matrix}.{column}" for matrix in ("W1", "W2") for column in (*LENGTHS, *SHAPES)]
    columns += [f"{bias}.{column}" for bias in ("b1", "b2") for column in ("distance", "norm")]
    return {name: float(f"{last[name]:.9g}") if name in last else None for name in ("loss", *columns)}


def judged(course: Iterable[dict[str, float]], facts: RunFacts) -> list[str]:
    """Return what the rules find in a course: epoch, rule, matrix, severity and causes."""
    return [
        " ".join(map(str, (one.epoch, one.rule, one.matrix, one.verdict.severity, *one.verdict.causes)))
        for one in diagnose(course, facts)
    ]


def kept_behaviour() -> Behaviour:
    """Return what the program did when the recordings were made."""
    kept: Behaviour = json.loads(PATH.read_text(encoding="utf-8"))
    return kept


def keep_behaviour() -> None:
    """Write down what the program does, unless that is what is written there."""
    today = behaviour()
    if not PATH.exists() or differences(kept_behaviour(), today):
        PATH.write_text(json.dumps(today, indent=1) + "\n", encoding="utf-8")


def behaviour_sum() -> str:
    """Return what a recording carries to tell which behaviour it was made with."""
    return hashlib.sha256(PATH.read_bytes()).hexdigest()[:16]


def differences(kept: Behaviour, today: Behaviour) -> list[str]:
    """Return what has changed, each in a few words."""
    return [
        f"{section}, {name}: {changed}"
        for section in sorted(kept.keys() | today.keys())
        for name in sorted(kept.get(section, {}).keys() | today.get(section, {}).keys())
        if (changed := _difference(kept.get(section, {}).get(name), today.get(section, {}).get(name)))
    ]


def _difference(kept: Any, today: Any) -> str:
    if not isinstance(kept, dict) or not isinstance(today, dict):
        return "" if kept == today else f"{today} and not {kept}"
    changed = [name for name in kept.keys() | today.keys() if not _agree(name, kept, today)]
    return ", ".join(f"{name} {today.get(name)} and not {kept.get(name)}" for name in sorted(changed))


def _agree(name: str, kept: Mapping[str, float | None], today: Mapping[str, float | None]) -> bool:
    one, other = kept.get(name), today.get(name)
    if one is None or other is None:
        return one is other
    return abs(one - other) <= _tolerance(name, kept)


def _tolerance(name: str, numbers: Mapping[str, float | None]) -> float:
    matrix, _, column = name.rpartition(".")
    if column in LENGTHS:
        return LENGTH_TOLERANCE * max(numbers[f"{matrix}.norm"] or 0.0, 1.0)
    return SHAPES.get(column, LOSS_TOLERANCE)
