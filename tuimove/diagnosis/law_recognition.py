"""Which law a matrix's starting entries were drawn from, told from the entries and the size of the layer alone."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from tuimove.diagnosis.measurement import measure_matrix
from tuimove.settings.starting_law import StartingLaw

LEAST_CHANCE = 1e-3
"""p-value from which entries may have been drawn from a law."""
LEAST_ENTRIES = 32
"""Fewer entries fit any law."""
UNIFORM_TOLERANCE = 0.005
"""Relative difference up to which the largest of many entries of a uniform law agrees with its edge."""
USUAL_SPREAD = 0.02
"""Standard deviation of many transformers' starts (Radford et al. 2019)."""


def recognised_law(entries: npt.NDArray[np.float32], inputs: int, outputs: int) -> tuple[StartingLaw | None, str]:
    """Return the law of a matrix's start and what it is called, or None and why none is known.

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
    for name, law in _candidates(entries, inputs, outputs):
        if _fits(entries, law):
            return law, name
    return None, "unknown"


def _candidates(entries: npt.NDArray[np.float32], inputs: int, outputs: int) -> Iterator[tuple[str, StartingLaw]]:
    """Yield laws to try: first the frameworks' defaults whose scale the entries have, then any scale."""
    largest = float(np.abs(entries).max())
    edge = largest * (1 + 1 / len(entries))
    tolerance = max(UNIFORM_TOLERANCE, 8 / len(entries))
    for name, scale in _uniform_defaults(inputs, outputs):
        if largest <= scale * (1 + 1e-6) and scale <= edge * (1 + tolerance):
            yield name, StartingLaw("uniform", scale)
    spread = float(np.sqrt(np.mean(np.square(entries, dtype=np.float64))))
    for name, scale in _normal_defaults(inputs, outputs):
        if abs(spread / scale - 1) <= 4 / math.sqrt(2 * len(entries)):
            yield name, StartingLaw("normal", scale)
    yield "uniform", StartingLaw("uniform", edge)
    yield "normal", StartingLaw("normal", spread)


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


def _fits(entries: npt.NDArray[np.float32], law: StartingLaw) -> bool:
    rows = np.ascontiguousarray(entries.reshape(1, -1))
    found = measure_matrix(rows, rows, rows, np.ones(1, np.bool_), law)
    return found.p_value > LEAST_CHANCE and not found.escaped > 0
