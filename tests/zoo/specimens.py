"""Which runs are recorded: healthy ones and ones with a known fault, in two parts.

Limits are tuned on the calibration part; the report part is for proof alone, and nobody has looked at runs of its sizes
before. Each has other seeds, neurons, images, numbers of images and epochs. A fault is put into one of the healthy
configurations of its part, so that what it costs can be told. How a fault is done to a run is in `faults.py`, whether
it really hurt is judged in `judging.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import count, product
from typing import Literal

from tuimove.settings.preset import ACTIVATIONS, INITS, DataKeys, MeasureKeys, NetworkKeys, Preset, TrainingKeys

Part = Literal["calibration", "report"]
PARTS: tuple[Part, ...] = ("calibration", "report")

HEALTHY = "healthy"


@dataclass(frozen=True)
class Size:
    """What makes the configurations of one part differ from those of the others."""

    hidden: int
    train: int
    epochs: int
    data: str = "mnist"
    every: int | None = None
    """Epochs between two measurements; None for about 100 measurements of a run."""

    @property
    def configuration(self) -> str:
        """How the configurations of this size end."""
        return f"{self.hidden}-{self.data}-{self.train}-{self.epochs}"


FAULTY_SIZES: dict[Part, tuple[Size, ...]] = {
    "calibration": (
        Size(64, 10_000, 300), Size(24, 7_000, 400, "fashion"),
        Size(20, 12_000, 350, "mnist-14x14"), Size(8, 10_000, 200, "fashion-14x14", every=1),
    ),
    "report": (
        Size(72, 9_000, 280), Size(28, 7_500, 360, "fashion"),
        Size(18, 9_200, 340, "fashion-20x20"), Size(9, 9_500, 210, "mnist-20x20", every=1),
    ),
}  # fmt: skip
"""Those that faults are put into; healthy ones have every activation and start, at the middle rate and the highest."""

OTHER_SIZES: dict[Part, tuple[Size, ...]] = {
    "calibration": (
        Size(5, 15_000, 600), Size(12, 50_000, 400, "fashion"), Size(6, 6_000, 1000, "mnist-14x14", every=25),
        Size(128, 10_000, 190), Size(48, 20_000, 300, "fashion-14x14"), Size(100, 5_000, 300, every=1),
        Size(16, 30_000, 1000, "mnist-14x14", every=25),
    ),
    "report": (
        Size(4, 13_000, 700, "fashion"), Size(7, 22_000, 280, every=1), Size(11, 55_000, 420, "mnist-20x20"),
        Size(140, 8_500, 220, "fashion"), Size(36, 12_500, 900, every=25), Size(56, 22_500, 320),
        Size(90, 4_500, 270, "fashion-20x20", every=1),
    ),
}  # fmt: skip
"""Those of more healthy ones, with five activations and starts each at three rates."""

MEASUREMENTS = 100
"""Of a run, about; twice as many of an overtrained one, whose best epoch comes early."""

FIRST_SEEDS: dict[Part, int] = {"calibration": 1000, "report": 20_000}

Law = tuple[str, str]
"""Activation and start."""

EVERY_LAW: tuple[Law, ...] = tuple(product(ACTIVATIONS, INITS))
SOME_LAWS: tuple[Law, ...] = (
    ("relu", "uniform"), ("relu", "he"), ("leaky_relu", "glorot"),
    ("tanh", "he"), ("tanh", "uniform"), ("sigmoid", "uniform"), ("sigmoid", "glorot"),
)  # fmt: skip
RELU_LAWS: tuple[Law, ...] = tuple(("relu", init) for init in INITS)
SATURATING_LAWS: tuple[Law, ...] = tuple(product(("sigmoid", "tanh"), INITS))
"""Tanh saturates on both sides as sigmoid does."""

SENSIBLE_RATES = {
    ("relu", "uniform"): (0.25, 0.35, 0.5),
    ("relu", "normal"): (0.2, 0.3, 0.5),
    ("relu", "he"): (0.1, 0.2, 0.4),
    ("relu", "glorot"): (0.1, 0.2, 0.4),
    ("leaky_relu", "uniform"): (0.25, 0.35, 0.5),
    ("leaky_relu", "normal"): (0.3, 0.5, 1.0),
    ("leaky_relu", "he"): (0.1, 0.2, 0.4),
    ("leaky_relu", "glorot"): (0.1, 0.2, 0.4),
    ("tanh", "uniform"): (0.5, 1.0, 1.5),
    ("tanh", "normal"): (1.5, 2.5, 4.0),
    ("tanh", "he"): (0.2, 0.35, 0.5),
    ("tanh", "glorot"): (0.2, 0.35, 0.5),
    ("sigmoid", "uniform"): (1.0, 1.5, 2.0),
    ("sigmoid", "normal"): (2.0, 3.0, 4.0),
    ("sigmoid", "he"): (0.7, 1.2, 2.0),
    ("sigmoid", "glorot"): (0.7, 1.2, 2.0),
}
"""By activation and start: rates whose test accuracy is near the best of 0.05 to 4 and doesn't jump.

Tried with 10, 32 and 128 neurons, 5,000 images of MNIST, 300 epochs and one seed before any rule was looked at.
"""

RATE_FACTORS = {
    "mnist": 1.0, "mnist-14x14": 1.5, "mnist-20x20": 1.0,
    "fashion": 0.5, "fashion-14x14": 0.6, "fashion-20x20": 0.6,
}  # fmt: skip
"""What sensible rates are multiplied with, by the images: the brighter the images, the shorter the steps.

Tried at 1/4, 1/2, 1 and 2 with 6 and 32 neurons, 3,000 images, 160 epochs and one seed.
"""


@dataclass(frozen=True)
class Fault:
    """What is wrong with a run that its preset doesn't say."""

    kind: str
    """Of the fault zoo, such as `restart`; `healthy` for none."""
    strength: float = 0.0
    """How strong it is, in the unit of its kind; see `faults.py`."""
    matrices: tuple[str, ...] = ()
    """Those it acts on, where it doesn't act on all."""


@dataclass(frozen=True)
class Specimen:
    """One run to record."""

    name: str
    part: Part
    fault: Fault
    preset: Preset
    """Resolved as the tool would record it; a fault of the preset, such as its learning rate, is in it."""
    configuration: str
    """Network, start and data of the healthy runs that it is compared with."""

    @property
    def is_healthy(self) -> bool:
        """Whether it is meant to be; judged by what it does."""
        return self.fault.kind == HEALTHY


def zoo_specimens(part: Part) -> list[Specimen]:
    """Return every specimen of a part, the healthy ones first."""
    seeds = count(FIRST_SEEDS[part])
    return [*_healthy_specimens(part, seeds), *_faulty_specimens(part, seeds)]


def _healthy_specimens(part: Part, seeds: Iterator[int]) -> Iterator[Specimen]:
    for size, law in product(FAULTY_SIZES[part], EVERY_LAW):
        for rate in SENSIBLE_RATES[law][1:]:
            yield _specimen(part, Fault(HEALTHY), size, law, rate, next(seeds))
    for place, size in enumerate(OTHER_SIZES[part]):
        for law in _some_laws(place):
            for rate in SENSIBLE_RATES[law]:
                yield _specimen(part, Fault(HEALTHY), size, law, rate, next(seeds))


def _some_laws(place: int) -> list[Law]:
    """Return five laws with all activations and starts among them, others at the next place."""
    return [EVERY_LAW[(5 * place + 3 * step) % len(EVERY_LAW)] for step in range(5)]


def _specimen(part: Part, fault: Fault, size: Size, law: Law, rate: float, seed: int, noise: float = 0.0) -> Specimen:
    activation, init = law
    name = f"{fault.kind}-{activation}-{init}-{size.hidden}-{size.data}-{seed}"
    measurements = 2 * MEASUREMENTS if fault.kind == "overtraining" else MEASUREMENTS
    preset = Preset(
        f"{part}-{seed}",
        "A specimen",
        NetworkKeys(size.hidden, activation, init),
        TrainingKeys(round(rate * RATE_FACTORS[size.data], 6), size.epochs, seed),
        DataKeys(size.data, size.train, noise),
        MeasureKeys(size.every or max(1, round(size.epochs / measurements))),
    )
    return Specimen(name, part, fault, preset, f"{activation}-{init}-{size.configuration}")


@dataclass(frozen=True)
class Overtraining:
    """How runs of one part are overtrained."""

    epochs: int
    train: tuple[int, ...]
    """Numbers of images, with a share of labels drawn anew."""
    clean_train: tuple[int, ...]
    """Numbers of images with clean labels."""


OVERTRAINED: dict[Part, Overtraining] = {
    "calibration": Overtraining(1000, (300, 600, 1000), (100, 1000)),
    "report": Overtraining(1100, (250, 500, 900), (150, 800)),
}

OVERTRAINED_NOISE = 0.2
"""With clean labels the accuracy on the test set doesn't decline, however long one trains on few images of MNIST."""


def _faulty_specimens(part: Part, seeds: Iterator[int]) -> Iterator[Specimen]:
    """Yield the fault zoo; laws and strengths take turns over the sizes, so that kinds meet several of them."""
    sizes = FAULTY_SIZES[part]
    for place, (fault, law, noise) in enumerate(_described_faults(OVERTRAINED[part])):
        size, rate = sizes[(place + place // 4 + place // 16) % len(sizes)], SENSIBLE_RATES[law][1]
        if fault.kind in ("learning_rate_too_high", "learning_rate_too_low"):
            rate *= fault.strength
        if fault.kind == "overtraining":
            size = replace(size, train=int(fault.strength), epochs=OVERTRAINED[part].epochs, every=None)
        yield _specimen(part, fault, size, law, rate, next(seeds), noise)


def _described_faults(overtrained: Overtraining) -> Iterator[tuple[Fault, Law, float]]:
    """Yield each fault with the law it meets and the share of labels drawn anew."""
    plain = [
        *(("learning_rate_too_high", factor, law) for factor, law in product((8, 20, 50, 100), SOME_LAWS)),
        *(("learning_rate_too_low", 1 / 1000, law) for law in EVERY_LAW),
        *(("start_too_large", 20, law) for law in EVERY_LAW),
        *(("start_too_small", 1 / factor, law) for factor, law in product((100, 1000), SOME_LAWS)),
        *(("start_constant", value, law) for value, law in product((0.01, 0.5), SOME_LAWS)),
        *(("unscaled_inputs", 255, law) for law in EVERY_LAW),
        *(("flipped_gradient", -1, law) for law in EVERY_LAW),
        *(("dead_relu", strength, law) for strength, law in product((-100, 100), RELU_LAWS * 2)),
        *(("saturation", factor, law) for factor, law in product((50, 200), SATURATING_LAWS)),
        *(("weight_decay", decay, law) for decay, law in product((0.1, 0.5), SOME_LAWS)),
        *(("restart", share, law) for share, law in product((0.35, 0.65), SOME_LAWS)),
    ]
    for kind, strength, law in plain:
        yield Fault(kind, strength), law, 0.0
    for law in SOME_LAWS * 2:
        yield Fault("frozen_layer", matrices=("W1", "b1")), law, 0.0
    for law in SOME_LAWS[:3]:
        yield Fault("frozen_layer", matrices=("W2", "b2")), law, 0.0
    for noise, law in (*product((0.5, 0.8), EVERY_LAW), *product((1.0,), SOME_LAWS)):
        yield Fault("label_noise", noise), law, noise
    for train, law in product(overtrained.clean_train, SOME_LAWS[::3]):
        yield Fault("overtraining", train), law, 0.0
    for train, law in product(overtrained.train, SOME_LAWS):
        yield Fault("overtraining", train), law, OVERTRAINED_NOISE
    for factor, law in product((10_000, 1_000_000), SOME_LAWS):
        yield Fault("start_too_small", 1 / factor), law, 0.0
    for law in RELU_LAWS:
        yield Fault("dead_relu", 1000), law, 0.0
