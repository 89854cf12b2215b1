"""Starting weights follow their laws, and depend on the seed alone."""

from __future__ import annotations

import numpy as np
import pytest

from tuimove.settings.matrix_role import own_roles
from tuimove.settings.preset import INITS, NetworkKeys
from tuimove.training.network import start_networks


@pytest.mark.parametrize(
    ("init", "spread", "largest"),
    [
        ("uniform", 0.5 / 3**0.5, 0.5),
        ("normal", 1.0, None),
        ("he", (2 / 784) ** 0.5, None),
        ("glorot", (2 / 884) ** 0.5, (6 / 884) ** 0.5),
    ],
)
def test_weights_are_drawn_from_their_law(init: str, spread: float, largest: float | None) -> None:
    weights = start_networks([NetworkKeys(hidden=100, init=init)], [1], 784, 10).matrices()["W1"]
    assert weights.shape == (100, 784)
    assert weights.std() == pytest.approx(spread, rel=0.01)
    assert abs(weights.mean()) < 4 * spread / weights.size**0.5
    if largest is not None:
        assert 0.99 * largest < np.abs(weights).max() <= np.float32(largest)


def test_biases_of_he_and_glorot_start_at_zero() -> None:
    for init in ("he", "glorot"):
        matrices = start_networks([NetworkKeys(init=init)], [1], 20, 3).matrices()
        assert not matrices["b1"].any()
        laws = [role.law for role in own_roles(init, 20, 10, 3) if role.kind == "bias"]
        assert [law and law.kind for law in laws] == ["zero", "zero"]


@pytest.mark.parametrize("init", INITS)
def test_the_seed_decides_every_weight(init: str) -> None:
    def weights(seed: int) -> dict[str, np.ndarray]:
        return start_networks([NetworkKeys(init=init)], [seed], 30, 4).copied_matrices()

    once, again, other = weights(5), weights(5), weights(6)
    assert all(np.array_equal(once[name], again[name]) for name in once)
    assert not np.array_equal(once["W1"], other["W1"])


def test_matrices_have_the_document_s_shapes_and_are_views() -> None:
    network = start_networks([NetworkKeys(hidden=7)], [1], 30, 4)
    matrices = network.matrices()
    assert {name: matrix.shape for name, matrix in matrices.items()} == {
        "W1": (7, 30),
        "b1": (7,),
        "W2": (4, 7),
        "b2": (4,),
    }
    matrices["W2"][3, 6] = 9
    assert network.W2[0, 3, 6] == 9
