"""The arrays of mappings as parameters: their order, shapes and kinds."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tuimove.runs.loops.array_parameters import array_parameters


def names_of(model: Any) -> list[str]:
    return [one.name for one in array_parameters(model)]


@pytest.mark.parametrize(
    ("names", "ordered"),
    [
        (["out_1", "hidden_2"], ["out_1", "hidden_2"]),  # not in alphabetical order: somebody's own
        (["layer_1", "layer_10", "layer_2"], ["layer_1", "layer_2", "layer_10"]),
        (["W1", "W2"], ["W1", "W2"]),
    ],
)
def test_layers_whose_names_were_sorted_are_put_in_order_by_their_numbers(names: list[str], ordered: list[str]) -> None:
    assert names_of({name: {"w": np.ones((2, 2))} for name in names}) == [f"{name}/w" for name in ordered]


def test_a_bias_that_was_sorted_before_its_weights_follows_them() -> None:
    weights, bias = np.ones((3, 2)), np.ones(2)
    assert names_of({"bias": bias, "kernel": weights}) == ["kernel", "bias"]
    assert names_of({"W1": weights, "W2": weights, "b1": bias, "b2": bias}) == ["W1", "b1", "W2", "b2"]
    assert names_of({"a/bias": bias, "a/kernel": weights, "b/bias": bias, "b/kernel": weights}) == [
        "a/kernel", "a/bias", "b/kernel", "b/bias",
    ]  # fmt: skip
    assert names_of({"kernel": weights, "bias": bias}) == ["kernel", "bias"]


def test_a_bias_says_which_way_round_its_weights_are() -> None:
    model = {"w": np.ones((5, 3)), "v": np.ones((4, 3)), "bias_v": np.ones(4), "c": np.ones((3, 3, 2, 8))}
    weights, transposed, _, convolution = array_parameters(model)
    assert (weights.matrix_shape, weights.fans) == ((3, 5), (5, 3))
    assert (transposed.matrix_shape, transposed.fans) == ((4, 3), (3, 4))
    assert (convolution.matrix_shape, convolution.fans) == ((8, 18), (18, 72))


def test_lists_hold_arrays_and_numbers_are_one() -> None:
    model = {"coefs": [np.ones((3, 2)), np.ones((2, 1))], "scale": [0.5, 0.25], "none": {}, "empty": [], "n": 3}
    assert names_of(model) == ["coefs/0", "coefs/1", "scale", "empty", "n"]
    assert [one.entries for one in array_parameters(model)] == [6, 2, 2, 0, 1]


@pytest.mark.parametrize("name", ["b", "b1", "b_2", "beta", "out/bias", "intercept", "Dense_0.bias"])
def test_a_bias_has_many_names(name: str) -> None:
    assert [one.kind for one in array_parameters({name: np.ones(3)})] == ["bias"]
