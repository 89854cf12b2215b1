"""The numbers of `tuimove diff`, beside plain NumPy's."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from scipy.stats import ks_2samp

from tests.support.weight_files import save_npz, save_safetensors
from tuimove.errors import DataError
from tuimove.runs.checkpoints.difference import SAMPLES, Difference, MatrixDifference, difference_of, paired
from tuimove.runs.weight_files.opening import open_weights

Array = npt.NDArray[Any]
random = np.random.default_rng(0)


def difference(place: Path, before: dict[str, Array], after: dict[str, Array], *only: str) -> Difference:
    first, second = save_npz(place / "a.npz", **before), save_npz(place / "b.npz", **after)
    with open_weights(first) as one, open_weights(second) as other:
        return difference_of(one, other, only)


def one_matrix(place: Path, before: Array, after: Array) -> MatrixDifference:
    (found,) = difference(place, {"W": before}, {"W": after}).matrices
    return found


@pytest.mark.parametrize("shape", [(30, 40), (600, 700), (3, 4, 5, 6), (7,)])
def test_the_numbers_are_those_of_a_line_of_numpy(tmp_path: Path, shape: tuple[int, ...]) -> None:
    W0 = random.normal(size=shape).astype(np.float32)
    W = W0 + random.normal(size=shape).astype(np.float32) * np.float32(0.1) * (random.random(shape) < 0.7)
    found = one_matrix(tmp_path, W0, W.astype(np.float32))
    old, new = W0.astype(float).reshape(-1), W.astype(np.float32).astype(float).reshape(-1)
    places = SAMPLES.of(old.size)
    drawn = slice(None) if places is None else places
    expected = {
        "distance": np.linalg.norm(new - old),
        "relative_distance": np.linalg.norm(new - old) / np.linalg.norm(old),
        "start_left": (new @ old) / (old @ old),
        "norm_before": np.linalg.norm(old),
        "norm_after": np.linalg.norm(new),
        "cosine": (new @ old) / np.linalg.norm(new) / np.linalg.norm(old),
        "largest_change": np.abs(new - old).max(),
        "ks": ks_2samp(old[drawn], new[drawn], method="asymp").statistic,
        "unmoved": np.mean(new == old),
    }
    assert {name: getattr(found, name) for name in expected} == pytest.approx(expected, rel=1e-12)
    assert found.ks_entries == min(old.size, 2**18)


def test_a_start_of_zeros_is_measured_by_the_layer_s_size(tmp_path: Path) -> None:
    found = difference(
        tmp_path, {"W": np.ones((50, 4)), "b": np.zeros(4)}, {"W": np.ones((50, 4)), "b": np.full(4, 0.5)}
    )
    bias = next(one for one in found.matrices if one.name == "b")
    assert bias.relative_distance == pytest.approx(1.0 / math.sqrt(4 / 50))
    assert math.isnan(bias.start_left)
    assert math.isnan(bias.cosine)


def test_the_largest_movement_comes_first_and_none_last(tmp_path: Path) -> None:
    before = {name: np.ones(5) for name in "abc"}
    found = difference(tmp_path, before, {**before, "b": np.full(5, 1.1), "c": np.full(5, 3.0)})
    assert [one.name for one in found.matrices] == ["c", "b", "a"]
    assert found.unmoved == ("a",)


def test_what_is_only_in_one_has_another_shape_or_type_is_told(tmp_path: Path) -> None:
    found = difference(
        tmp_path,
        {"same": np.ones(3, np.float32), "gone": np.ones(2), "cut": np.ones((2, 3)), "n": np.arange(3)},
        {"same": np.ones(3), "new": np.ones(2), "cut": np.ones((3, 2))},
    )
    assert [array.name for array in found.added] == ["new"]
    assert [array.name for array in found.removed] == ["gone"]
    assert [(one.name, one.before, one.after) for one in found.reshaped] == [("cut", (2, 3), (3, 2))]
    assert [one.dtypes for one in found.matrices] == [("float32", "float64")]
    assert found.left_out[0] == {"of integers": 1}


def test_entries_that_aren_t_finite_are_counted_and_left_out(tmp_path: Path) -> None:
    before, after = random.normal(size=100), random.normal(size=100)
    before[[3, 4]] = math.nan, math.inf
    after[[4, 9, 3]] = math.inf, -math.inf, math.nan
    found = one_matrix(tmp_path, before, after)
    kept = np.isfinite(before) & np.isfinite(after)
    assert found.not_finite == (2, 3)
    assert found.distance == pytest.approx(np.linalg.norm(after[kept] - before[kept]))
    assert found.unmoved == 0.02, "NaN at the same place is the same"


def test_a_matrix_of_nan_alone_has_no_numbers(tmp_path: Path) -> None:
    found = one_matrix(tmp_path, np.ones(4), np.full(4, math.nan))
    assert math.isnan(found.ks)
    assert found.not_finite == (0, 4)
    assert found.has_moved


def test_a_nan_that_signals_is_one_like_any_other(tmp_path: Path) -> None:
    signalling = np.array([0x7FA00000, 0x3F800000], np.uint32).view(np.float32)
    assert one_matrix(tmp_path, signalling, signalling).not_finite == (1, 1)


def test_numbers_beyond_float64_s_squares_are_no_crash(tmp_path: Path) -> None:
    assert one_matrix(tmp_path, np.full(4, 1e300), np.full(4, -1e300)).distance == math.inf


def test_files_of_two_formats_are_compared_by_name(tmp_path: Path) -> None:
    W = random.normal(size=(200, 300)).astype(np.float32)
    first = save_npz(tmp_path / "a.npz", **{"module.W": np.asfortranarray(W)})
    with open_weights(first) as one, open_weights(save_safetensors(tmp_path / "b.safetensors", {"W": W})) as other:
        assert difference_of(one, other).unmoved == ("W",)


def test_patterns_choose_and_those_that_fit_nothing_are_refused(tmp_path: Path) -> None:
    arrays = {"a.weight": np.ones(3), "a.bias": np.ones(3)}
    assert difference(tmp_path, arrays, arrays, "*.bias", "x").unmoved == ("a.bias",)
    with pytest.raises(DataError, match="holds no array with such a name"):
        difference(tmp_path, arrays, arrays, "x")
    with pytest.raises(DataError, match=r"no array has the same name as one of .*, such as 'a.weight'"):
        difference(tmp_path, arrays, {"b": np.ones(3)})


def test_pieces_of_any_lengths_are_paired() -> None:
    entries = np.arange(10, dtype=np.float64)
    pairs = list(paired(iter([entries[:3], entries[3:]]), iter([entries[:1], entries[1:8], entries[8:]])))
    for side in (0, 1):
        np.testing.assert_array_equal(np.concatenate([pair[side] for pair in pairs]), entries)
