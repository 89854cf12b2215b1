"""Made-up courses that bring out every rule, each in several grades, from what passes to what is an alarm.

What the rules say about them is what the rules do, whatever they are called and wherever they stand: a limit that
moves, in the preset or in the code, changes what some grade gives. Grades keep away from the limits of today, so that
no rounding decides.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from itertools import pairwise

from tests.support.courses import EPOCHS, FACTS, HEALTHY, STARTS, Numbers, Shape, bend, course
from tuimove.diagnosis.run_facts import RunFacts

Family = Callable[[float], list[Numbers]]
"""Makes a course of a grade."""


def leaping(matrix: str, grade: float) -> list[Numbers]:
    """Leap so many starting norms away at once with the bias, then stand still."""
    far = grade * STARTS[matrix]
    leap: dict[str, Shape] = {matrix: lambda t: far + t * 1e-9 if t else 0.0, "b1": lambda t: far / 5 if t else 0.0}
    return bend(course(EPOCHS, **leap), **{f"{matrix}_step": lambda t: far if 0 < t < 10 else 1e-3})


def stepping(grade: float) -> list[Numbers]:
    """Step so far aside late."""
    return course(W1=lambda t: HEALTHY["W1"](t) + grade * (t >= 300))


def settling(grade: float) -> list[Numbers]:
    """Grow like this power of the epochs, and step aside late."""
    return course(W1=lambda t: 0.3 * t**grade * (1.5 if t >= 300 else 1.0))


def restarting(grade: float) -> list[Numbers]:
    """Take new weights midway, whose norm is so many times that of the first ones."""
    rows = course()
    for row in rows:
        if row["epoch"] >= 500:
            row |= {"W1.distance": 25.0 * math.hypot(1, grade), "W1.cosine": -1 / math.hypot(1, grade)}
            row |= {"W1.norm": 25.0 * grade, "W1.step": 36.0 if row["epoch"] == 500 else 0.1}
    return rows


def falling(grade: float) -> list[Numbers]:
    """Come back from the peak by such a share."""
    peak = HEALTHY["W1"](400)
    return course(W1=lambda t: HEALTHY["W1"](min(t, 400)) - grade * peak * max(0.0, t - 400) / 600)


def standing_still(grade: float) -> list[Numbers]:
    """Grow like this power of the epochs from some epoch on."""
    return course(W1=lambda t: HEALTHY["W1"](min(t, 200)) * (max(t, 200) / 200) ** grade)


def dead(grade: float) -> list[Numbers]:
    """Move no more at all from this epoch on."""
    return course(W1=lambda t: HEALTHY["W1"](min(t, grade)))


def lazy(grade: float) -> list[Numbers]:
    """Go straight ahead so far an epoch."""
    return course(W1=lambda t: grade * t)


def bending(grade: float) -> list[Numbers]:
    """Get nowhere, growing like this power of the epochs."""
    return course(W1=lambda t: 1e-3 * t**grade)


def unscaled(grade: float) -> list[Numbers]:
    """Move W1 so many times as far as its bias."""
    return course(b1=lambda t: HEALTHY["W1"](t) / grade)


def zigzag(matrix: str, offset: float, grade: float, turns: float = 20) -> list[Numbers]:
    """Turn the norm by this share of its start, from one measurement to the next, so many times."""
    start = STARTS[matrix]

    def norm(t: float) -> float:
        turn = grade / 2 * math.cos(math.pi * t / 2) if 60 <= t < 60 + 2 * turns else 0.0
        return start * (1 + (offset if t else 0.0) + turn)

    return bend(course(), **{f"{matrix}_norm": norm})


def scaled_up(matrix: str, grade: float) -> list[Numbers]:
    """Have a norm so many times what sideways movement explains."""
    rows = course()
    for row in rows:
        row[f"{matrix}.norm"] *= 1 + (grade - 1) * min(1.0, row["epoch"] / 200)
    return rows


def running_away(grade: float) -> list[Numbers]:
    """Go straight ahead in W2, so far an epoch."""
    return course(W2=lambda t: grade * t)


def straying(grade: float) -> list[Numbers]:
    """Run away in W2, every step at an angle of this cosine to the movement before it."""
    rows = course(W2=lambda t: 2.1 * t)
    for before, row in pairwise(rows):
        last, now = before["W2.distance"], row["W2.distance"]
        row["W2.step"] = math.sqrt((last * grade) ** 2 + now**2 - last**2) - last * grade
    return rows


def unfit(matrix: str, grade: float) -> list[Numbers]:
    """Start with such an effect size, and not by chance."""
    return bend(course(), **{f"{matrix}_effect": lambda _: grade, f"{matrix}_p_value": lambda _: 1e-9})


def chance(grade: float) -> list[Numbers]:
    """Start with a large effect size that has such a p-value."""
    return bend(course(), W2_effect=lambda _: 0.4, W2_p_value=lambda _: grade)


def escaped(grade: float) -> list[Numbers]:
    """Start with such a share of the entries beyond the law's edges."""
    return bend(course(), W1_escaped=lambda _: grade)


def biased(grade: float) -> list[Numbers]:
    """Start with a bias of such a norm."""
    return bend(course(), b1_norm=lambda _: grade, b2_norm=lambda _: 0.0)


def distorted(matrix: str, grade: float) -> list[Numbers]:
    """Let the effect size rise to this."""
    return bend(course(), **{f"{matrix}_effect": lambda t: grade * t / 1000, f"{matrix}_escaped": lambda t: t / 1e4})


def pulled_back(grade: float) -> list[Numbers]:
    """Shrink all entries to such a share of their spread."""
    shapes: dict[str, Shape] = {
        "W1_cosine": lambda t: -0.95 if t else 0.0,
        "W1_sd": lambda t: 0.29 * (1 - (1 - grade) * min(1.0, t / 300)),
    }
    return bend(course(W1=lambda t: HEALTHY["W1"](min(t, 300)) + t * 1e-9), **shapes)


def pointed_back(grade: float) -> list[Numbers]:
    """Point back to zero with such a cosine."""
    return bend(course(), W1_cosine=lambda t: -grade if t else 0.0, W1_sd=lambda t: 0.29 if t < 100 else 0.2)


def frozen(grade: float) -> list[Numbers]:
    """Leave such a share of the live entries of W1 as they began."""
    return bend(course(), W1_frozen=lambda _: 0.1 + 0.9 * grade)


def both_frozen(grade: float) -> list[Numbers]:
    """Leave such a share of the live entries of both layers as they began."""
    return bend(course(), W1_frozen=lambda _: 0.1 + 0.9 * grade, W2_frozen=lambda _: grade)


def not_finite(grade: float) -> list[Numbers]:
    """Hold an entry that is no number from this epoch on."""
    return bend(course(), b1_non_finite=lambda t: float(t >= grade))


def overflowing(grade: float) -> list[Numbers]:
    """Have a norm that no number can hold from this epoch on."""
    return bend(course(), W2_norm=lambda t: math.nan if t >= grade else STARTS["W2"])


def rising_again(share: float, grade: float) -> list[Numbers]:
    """Grow like this power of the epochs from epoch 200 on, and W2 like a share of it."""

    def shape(power: float) -> Shape:
        return lambda t: 2.0 * math.log1p(min(t, 200) / 8) * math.pow(max(t, 200) / 200, power)

    return bend(course(W1=shape(grade), W2=shape(share * grade)), loss=lambda t: GUESSING / (1 + t / 20))


def unlearnable(grade: float) -> list[Numbers]:
    """Have a loss that stands still at such a share of its start."""
    return bend(course(), loss=lambda t: GUESSING * (grade + (1 - grade) / (1 + t / 10)))


GUESSING = math.log(10)
"""The cross entropy of guessing among ten classes."""

FAMILIES: dict[str, tuple[Family, tuple[float, ...]]] = {
    "healthy": (lambda grade: course(W1=lambda t: grade * HEALTHY["W1"](t)), (1.0, 2.0, 3.0)),
    "leaping": (lambda grade: leaping("W1", grade), (1.0, 1.22, 1.28, 1.6, 2.4, 10.0)),
    "leaping W2": (lambda grade: leaping("W2", grade), (1.22, 1.28, 2.4)),
    "stepping": (stepping, (1.0, 2.2, 2.8, 6.0)),
    "settling": (settling, (0.5, 0.68, 0.72)),
    "restarting": (restarting, (0.8, 0.88, 0.92, 1.0, 1.08, 1.2)),
    "falling": (falling, (0.004, 0.009, 0.013, 0.051, 0.095, 0.105, 0.41)),
    "standing still": (standing_still, (0.001, 0.02, 0.028, 0.032, 0.05)),
    "dead": (dead, (50.0, 300.0)),
    "lazy": (lazy, (1e-4, 1e-3, 0.009, 0.0115, 0.02)),
    "bending": (bending, (0.8, 0.84, 0.87)),
    "unscaled": (unscaled, (100.0, 290.0, 310.0, 1500.0)),
    "zigzag in range": (lambda grade: zigzag("W1", 0.0, grade), (0.0004, 0.00048, 0.00052, 0.0012)),
    "zigzag out of range": (lambda grade: zigzag("W1", 0.06, grade), (0.00048, 0.00052, 0.01)),
    "zigzag by an offset": (lambda grade: zigzag("W1", grade, 0.0012), (0.003, 0.0142, 0.016, 0.02)),
    "zigzag of few turns": (lambda grade: zigzag("W1", 0.0, 0.0012, grade), (3.0, 4.0, 5.0, 6.0)),
    "zigzag W2": (lambda grade: zigzag("W2", 0.3, grade), (0.0048, 0.0052, 0.02)),
    "scaled up": (lambda grade: scaled_up("W1", grade), (1.05, 1.09, 1.11, 1.41)),
    "scaled up W2": (lambda grade: scaled_up("W2", grade), (1.4, 1.48, 1.52, 2.05)),
    "running away": (running_away, (0.11, 0.41, 0.55, 0.7, 2.1)),
    "straying": (straying, (0.1, 0.48, 0.52, 0.9)),
    "unfit": (lambda grade: unfit("W1", grade), (0.05, 0.095, 0.105, 0.4)),
    "unfit W2": (lambda grade: unfit("W2", grade), (0.095, 0.105)),
    "chance": (chance, (1e-9, 0.9e-6, 1.1e-6, 0.01)),
    "escaped": (escaped, (0.0, 0.001, 0.95)),
    "distorted": (lambda grade: distorted("W1", grade), (0.09, 0.11, 0.34, 0.37, 0.6)),
    "distorted W2": (lambda grade: distorted("W2", grade), (0.24, 0.27, 0.97, 1.05)),
    "pulled back": (pulled_back, (0.99, 0.96, 0.93, 0.52)),
    "pointed back": (pointed_back, (0.4, 0.48, 0.52, 0.95)),
    "frozen": (frozen, (0.2, 0.24, 0.26, 0.5, 0.89, 0.91, 1.0)),
    "both frozen": (both_frozen, (0.24, 0.26, 0.89, 0.91, 1.0)),
    "not finite": (not_finite, (0.0, 200.0)),
    "overflowing": (overflowing, (200.0,)),
    "rising again": (lambda grade: rising_again(1.0, grade), (0.2, 0.32, 0.38, 0.45, 0.6)),
    "unlearnable": (unlearnable, (0.5, 0.65, 0.75, 0.9)),
    "rising again alone": (lambda grade: rising_again(0.1, grade), (0.38, 0.41, 0.45, 0.6)),
}

HE = RunFacts(init="he", bias_gradient="per_neuron")
SHARED = RunFacts(init="uniform", bias_gradient="shared")
OTHER_FACTS: dict[str, tuple[RunFacts, Family, tuple[float, ...]]] = {
    "biased, he": (HE, biased, (0.0, 0.1)),
    "unscaled, shared": (SHARED, unscaled, (1500.0,)),
}
"""Families of runs whose preset says something else than that of the others."""


def graded_courses() -> Iterator[tuple[str, RunFacts, list[Numbers]]]:
    """Yield every course, with what it is called and the facts that the rules may know of it."""
    every = {name: (FACTS, *family) for name, family in FAMILIES.items()} | OTHER_FACTS
    for name, (facts, family, grades) in every.items():
        for grade in grades:
            yield f"{name} {grade:g}", facts, family(grade)
