"""Which law a matrix's starting entries were drawn from, told from the entries and the size of the layer alone."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from tuimove.diagnosis.distribution_tests import normal_distribution
from tuimove.diagnosis.measurement import measure_matrix
from tuimove.settings.starting_law import StartingLaw

Floats32 = npt.NDArray[np.float32]

LEAST_CHANCE = 1e-3
"""p-value from which entries may have been drawn from a law."""
LEAST_ENTRIES = 32
"""Fewer entries fit any law."""
UNIFORM_TOLERANCE = 0.005
"""Relative difference up to which the largest of many entries of a uniform law agrees with its edge."""
USUAL_SPREAD = 0.02
"""Standard deviation of many transformers' starts (Radford et al. 2019)."""
CUT = 2.0
"""Standard deviations at which Flax and Keras cut their normal laws."""
CUT_SHARE = math.erf(CUT / math.sqrt(2))
"""Share of a normal law's entries within the cut."""
CUT_SPREAD = math.sqrt(1 - CUT * math.sqrt(2 / math.pi) * math.exp(-(CUT**2) / 2) / CUT_SHARE)
"""Standard deviation of N(0, 1) after the cut, 0.8796."""
LEAST_CUT_ENTRIES = math.ceil(math.log(LEAST_CHANCE) / math.log(math.erf(CUT / CUT_SPREAD / math.sqrt(2))))
"""Fewer entries of a normal law may all lie where a cut one of the same standard deviation has its own."""
MOST_CUT_ENTRIES = 2**14
"""More of a cut law's entries tell nothing new."""
ORTHOGONAL_TOLERANCE = 1e-3
"""Cosine up to which two rows of floats are orthogonal."""


def recognised_law(entries: Floats32, inputs: int, outputs: int) -> tuple[StartingLaw | None, str]:
    """Return the law of a matrix's start and what it is called, or None and why none is known.

    A normal law that is cut at two standard deviations has a name and no law: no test here is about it.

    Parameters
    ----------
    entries
        (entries,), all of the matrix or a sample of them.
    inputs, outputs
        Sizes of its layer, 0 where unknown: the frameworks' default scales follow from them.
    """
    if not np.isfinite(entries).all():
        return None, "not finite"
    low, high = float(entries.min()), float(entries.max())
    if low == high:
        unit = 1 / math.sqrt(inputs) if inputs else 1.0
        return (StartingLaw("zero", unit), "zero") if high == 0 else (None, "constant")
    if len(entries) < LEAST_ENTRIES:
        return None, "too few entries"
    return _drawn_from(entries, inputs, outputs)


def is_orthogonal(matrix: Floats32) -> bool:
    """Return whether the rows of a wide matrix, or the columns of a tall one, are orthogonal and equally long."""
    rows = matrix if matrix.shape[0] <= matrix.shape[1] else matrix.T
    return len(rows) > 1 and _are_orthogonal(rows[:4]) and _are_orthogonal(rows)


def _are_orthogonal(rows: Floats32) -> bool:
    with np.errstate(all="ignore"):  # what isn't finite isn't orthogonal
        products = rows @ rows.T
        return bool(np.abs(products / products[0, 0] - np.eye(len(rows))).max() < ORTHOGONAL_TOLERANCE)


def _drawn_from(entries: Floats32, inputs: int, outputs: int) -> tuple[StartingLaw | None, str]:
    for name, law, is_cut in _candidates(entries, inputs, outputs):
        if is_cut and _fits(_evened(entries, law.scale), StartingLaw("uniform", 1.0)):
            return None, f"{name}, cut at two sd"
        if not is_cut and _fits(entries, law):
            return law, name
    return None, "unknown"


def _candidates(entries: Floats32, inputs: int, outputs: int) -> Iterator[tuple[str, StartingLaw, bool]]:
    """Yield laws to try, and whether each is cut: first the frameworks' defaults of such a scale, then any scale."""
    spread = float(np.sqrt(np.mean(np.square(entries, dtype=np.float64))))
    largest = float(np.abs(entries).max())
    edge = largest * (1 + 1 / len(entries))
    tolerance = max(UNIFORM_TOLERANCE, 8 / len(entries))
    for name, scale in sorted(_uniform_defaults(inputs, outputs), key=lambda one: one[1]):  # the likeliest first
        if largest <= scale * (1 + 1e-6) and scale <= edge * (1 + tolerance):
            yield name, StartingLaw("uniform", scale), False
    defaults = [one for one in _normal_defaults(inputs, outputs) if _is_near(spread / one[1], len(entries))]
    defaults.sort(key=lambda one: abs(math.log(spread / one[1])))
    if len(entries) >= LEAST_CUT_ENTRIES and _is_near(max(1.0, largest / spread * CUT_SPREAD / CUT), len(entries)):
        yield "uniform", StartingLaw("uniform", edge), False
        for name, scale in defaults:
            if largest <= CUT * scale / CUT_SPREAD * (1 + 1e-6):
                yield name, StartingLaw("normal", scale / CUT_SPREAD), True
        yield "normal", StartingLaw("normal", max(spread / CUT_SPREAD, largest / CUT)), True
    yield from ((name, StartingLaw("normal", scale), False) for name, scale in defaults)
    yield "uniform", StartingLaw("uniform", edge), False
    yield "normal", StartingLaw("normal", spread), False


def _is_near(ratio: float, entries: int) -> bool:
    """Return whether a measured standard deviation over that of a law is 1 but for chance."""
    return abs(ratio - 1) <= 4 / math.sqrt(2 * entries)


def _uniform_defaults(inputs: int, outputs: int) -> Iterator[tuple[str, float]]:
    if inputs:
        yield "uniform, 1 / sqrt(inputs)", 1 / math.sqrt(inputs)
        yield "He uniform", math.sqrt(6 / inputs)
        yield "LeCun uniform", math.sqrt(3 / inputs)
    if inputs and outputs:
        yield "Glorot uniform", math.sqrt(6 / (inputs + outputs))


def _normal_defaults(inputs: int, outputs: int) -> Iterator[tuple[str, float]]:
    if inputs:
        yield "He normal", math.sqrt(2 / inputs)
        yield "LeCun normal", 1 / math.sqrt(inputs)
    if inputs and outputs:
        yield "Glorot normal", math.sqrt(2 / (inputs + outputs))
    yield "normal, 0.02", USUAL_SPREAD
    yield "standard normal", 1.0


def _evened(entries: Floats32, scale: float) -> Floats32:
    """Return entries, at most twice MOST_CUT_ENTRIES, as uniform ones over -1..1 if N(0, scale^2) was cut."""
    some = entries[:: max(1, len(entries) // MOST_CUT_ENTRIES)]
    shares = (2 * normal_distribution(some / np.float32(scale)) - 1) / CUT_SHARE
    return np.asarray(shares / (1 + 1e-6), dtype=np.float32)


def _fits(entries: Floats32, law: StartingLaw) -> bool:
    rows = np.ascontiguousarray(entries.reshape(1, -1))
    found = measure_matrix(rows, rows, rows, np.ones(1, np.bool_), law)
    return found.p_value > LEAST_CHANCE and not found.escaped > 0
