"""Which runs of other people's kind are recorded: three healthy ones of each configuration, and faults put into some.

A specimen's name says all that makes it up, and its seed is made from the name. How a fault is done to a run is in
`faults.py`, whether it really hurt is judged in `judging.py`.
"""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import cycle, islice

from tests.zoo.loops.configurations import CONFIGURATIONS, IMAGES, Configuration, Part
from tests.zoo.specimens import HEALTHY

RATE_FACTORS, TEXT_RATE_FACTORS = (0.5, 1.0, 2.0), (0.7, 1.0, 1.4)
"""Of the learning rate, in a configuration's healthy runs: in a thousand steps a text isn't learnt to the end."""


@dataclass(frozen=True)
class LoopFault:
    """What is wrong with a run."""

    kind: str
    """Of the fault zoo, such as `restart`; `healthy` for none."""
    strength: float = 0.0
    """How strong it is, in the unit of its kind; see `faults.py`."""
    way: str = ""
    """Where there are several ways to make this mistake, which one."""


@dataclass(frozen=True)
class LoopSpecimen:
    """One run to record."""

    part: Part
    fault: LoopFault
    configuration: Configuration
    """Of the healthy runs that it is compared with."""
    rate_factor: float = 1.0
    """Of the configuration's learning rate."""
    number: int = 1
    """Counts those that are alike but for the seed."""

    @property
    def name(self) -> str:
        """Its own, and its file's."""
        fault, factor = self.fault, self.rate_factor
        words = [fault.kind, fault.way, f"{fault.strength:g}" if fault.strength else "", self.configuration.name,
                 f"rate{factor:g}" if fault.kind == HEALTHY else "", str(self.number)]  # fmt: skip
        return "-".join(filter(None, words))

    @property
    def seed(self) -> int:
        """Of its weights, its batches and its fault."""
        return zlib.crc32(f"{self.part} {self.name}".encode()) >> 1

    @property
    def rate(self) -> float:
        """The largest learning rate of the run."""
        is_of_rate = self.fault.kind in ("learning_rate_too_high", "learning_rate_too_low")
        return self.configuration.rate * self.rate_factor * (self.fault.strength if is_of_rate else 1)


def loop_specimens(part: Part) -> list[LoopSpecimen]:
    """Return every specimen of a part, the healthy ones first."""
    return [*_healthy_specimens(part), *_faulty_specimens(part)]


def _healthy_specimens(part: Part) -> Iterator[LoopSpecimen]:
    for configuration in CONFIGURATIONS[part]:
        for factor in TEXT_RATE_FACTORS if configuration.is_text else RATE_FACTORS:
            yield LoopSpecimen(part, LoopFault(HEALTHY), configuration, factor)


Fits = Callable[[Configuration], bool]


def _is_of_images(configuration: Configuration) -> bool:
    return configuration.data in IMAGES


def _is_plain(configuration: Configuration) -> bool:
    return configuration.start == "fresh" and not configuration.has_norms


def _is_fresh(configuration: Configuration) -> bool:
    return configuration.start == "fresh"


def _is_whole(configuration: Configuration) -> bool:
    """Whether all of its weights are trained."""
    return configuration.start != "adapters"


def _has_adapters(configuration: Configuration) -> bool:
    return configuration.start == "adapters"


def _needs_warm_up(configuration: Configuration) -> bool:
    return configuration.net == "transformer-postnorm"


def _has_any(_: Configuration) -> bool:
    return True


F = LoopFault

FAULTS: tuple[tuple[int, Fits, tuple[LoopFault, ...]], ...] = (
    (16, _has_any, tuple(F("learning_rate_too_high", factor) for factor in (10, 30, 100, 300))),
    (8, _has_any, (F("learning_rate_too_low", 1 / 1000),)),
    (12, _has_any, tuple(F("label_noise", share) for share in (0.4, 0.7, 1.0))),
    (10, _has_any, (F("overtraining", 0.02), F("overtraining", 0.05))),
    (8, _is_whole, (F("weight_decay", 0.02), F("weight_decay", 0.05))),
    (6, lambda one: one.has_norms and _is_whole(one), (F("decay_on_everything", 0.05), F("decay_on_everything", 0.1))),
    (8, _is_whole, (F("frozen_layer", way="first"),)),
    (6, _is_whole, (F("frozen_layer", way="last"),)),
    (8, _has_any, (F("flipped_gradient", -1),)),
    (8, _is_whole, (F("restart", 0.35), F("restart", 0.65))),
    (8, _has_any, (F("bad_batch", 0.3, "nan"), F("bad_batch", 0.5, "inf"))),
    (5, _is_fresh, (F("start_constant", way="zero"),)),
    (6, _is_fresh, (F("start_constant", 0.05), F("start_constant", 0.5))),
    (4, lambda one: _is_plain(one) and one.activation == "relu", (F("dead_relu", -30),)),
    (5, lambda one: _is_plain(one) and one.activation != "relu", (F("saturation", 30), F("saturation", 100))),
    (8, _is_of_images, (F("unscaled_inputs", 255),)),
    (4, _needs_warm_up, (F("no_warm_up", way="constant"), F("no_warm_up", way="constant"))),
    (9, _has_adapters, (F("idle_adapters", way="left-out"), F("idle_adapters", way="zero-rate"),
                        F("idle_adapters", way="no-gradient"))),
    (8, _is_whole, (F("zero_rate_group", way="first-half"), F("zero_rate_group", way="all-but-last"))),
    (8, _has_any, (F("repeated_batch"),)),
    (8, _has_any, (F("shuffled_labels", 0.5),)),
)  # fmt: skip
"""How many of each kind, the configurations it can happen to, and its strengths and ways, which take turns."""


def _faulty_specimens(part: Part) -> Iterator[LoopSpecimen]:
    """Yield the faults, each kind spread over the configurations that it fits, and beginning at another one.

    A warm-up is missed at the highest rate at which the healthy runs learn with one.
    """
    numbers: Counter[str] = Counter()
    for place, (count, fits, faults) in enumerate(FAULTS):
        fitting = [one for one in CONFIGURATIONS[part] if fits(one)]
        turn = zip(_spread(fitting, count, 5 * place), cycle(faults), strict=False)
        for configuration, fault in turn:
            factor = TEXT_RATE_FACTORS[-1] if fault.kind == "no_warm_up" else 1.0
            specimen = LoopSpecimen(part, fault, configuration, factor)
            numbers[specimen.name] += 1
            yield replace(specimen, number=numbers[specimen.name])


def _spread(fitting: list[Configuration], count: int, offset: int) -> Iterator[Configuration]:
    """Yield some configurations, evenly from all, and each once before any comes again, then from the next one on."""
    for turn in range(-(-count // len(fitting))):
        here = min(count - turn * len(fitting), len(fitting))
        places = ((offset + turn + step * len(fitting) // here) % len(fitting) for step in range(here))
        yield from (fitting[place] for place in islice(places, here))
