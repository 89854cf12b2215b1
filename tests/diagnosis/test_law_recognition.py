"""Starting laws recognised from entries alone, of the sizes and kinds that frameworks draw."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest

from tuimove.diagnosis.law_recognition import (
    CUT_SPREAD,
    LEAST_CUT_ENTRIES,
    is_orthogonal,
    recognised_law,
)
from tuimove.settings.starting_law import StartingLaw

Draw = Callable[[np.random.Generator, int], npt.NDArray[np.float64]]


def cut_normal(random: np.random.Generator, count: int) -> npt.NDArray[np.float64]:
    """Return entries of N(0, 1) between -2 and 2, by drawing again what lies outside."""
    drawn = random.normal(0, 1, 2 * count + 100)
    return drawn[np.abs(drawn) <= 2][:count]


def words_of(draw: Draw, scale: float, inputs: int, outputs: int, draws: int = 20) -> list[str]:
    random = np.random.default_rng(inputs * outputs)
    drawn = [(draw(random, inputs * outputs) * scale).astype(np.float32) for _ in range(draws)]
    return [recognised_law(entries, inputs, outputs)[1] for entries in drawn]


@pytest.mark.parametrize(("inputs", "outputs"), [(64, 10), (64, 50), (784, 100)])
def test_a_normal_law_that_was_cut_has_a_name_and_no_law(inputs: int, outputs: int) -> None:
    scale = 1 / math.sqrt(inputs) / CUT_SPREAD  # of Flax's lecun_normal
    words = words_of(cut_normal, scale, inputs, outputs)
    assert words.count("LeCun normal, cut at two sd") >= 19
    random = np.random.default_rng(1)
    entries = (cut_normal(random, inputs * outputs) * scale).astype(np.float32)
    assert recognised_law(entries, inputs, outputs)[0] is None
    assert words_of(cut_normal, 0.3, inputs, outputs).count("normal, cut at two sd") >= 19


@pytest.mark.parametrize(("inputs", "outputs"), [(12, 20), (64, 10), (64, 50), (784, 100)])
def test_whole_normal_and_uniform_laws_are_never_taken_for_cut_ones(inputs: int, outputs: int) -> None:
    unit = 1 / math.sqrt(inputs)
    drawn = [
        *words_of(lambda random, count: random.normal(0, 1, count), unit, inputs, outputs),
        *words_of(lambda random, count: random.normal(0, 1, count), 0.3, inputs, outputs),
        *words_of(lambda random, count: random.uniform(-1, 1, count), unit, inputs, outputs),
        *words_of(lambda random, count: random.uniform(-1, 1, count), 0.98 * math.sqrt(3) * unit, inputs, outputs),
    ]
    assert not [words for words in drawn if "cut" in words]


def test_few_entries_of_a_cut_law_pass_for_a_whole_one() -> None:
    random = np.random.default_rng(0)
    entries = (0.3 * cut_normal(random, LEAST_CUT_ENTRIES - 1)).astype(np.float32)
    law, words = recognised_law(entries, 0, 0)
    assert (law and law.kind, words) == ("normal", "normal")


def test_what_was_not_drawn_has_words_of_its_own() -> None:
    assert recognised_law(np.zeros(100, np.float32), 25, 4) == (StartingLaw("zero", 0.2), "zero")
    assert recognised_law(np.ones(100, np.float32), 0, 0) == (None, "constant")
    assert recognised_law(np.full(100, np.nan, np.float32), 0, 0) == (None, "not finite")
    assert recognised_law(np.arange(9, dtype=np.float32), 3, 3) == (None, "too few entries")


def test_orthogonal_matrices_are_told_by_their_rows_or_columns() -> None:
    random = np.random.default_rng(0)
    square = np.linalg.qr(random.normal(size=(40, 40)))[0].astype(np.float32)
    assert is_orthogonal(square)
    assert is_orthogonal(3 * square[:, :12])
    assert is_orthogonal(square[:12])
    assert not is_orthogonal(random.normal(0, 0.2, (40, 40)).astype(np.float32))
    assert not is_orthogonal(np.zeros((4, 4), np.float32))
    assert not is_orthogonal(np.ones((1, 4), np.float32))
    assert not is_orthogonal(np.full((4, 4), np.nan, np.float32))
