"""The recorder beside scikit-learn's networks, which learn in pieces by `partial_fit`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.frameworks.loop_run import looked_at, looks, loop, rules, shapes
from tuimove import Recorder

sklearn = pytest.importorskip("sklearn")
pytestmark = pytest.mark.frameworks


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "run"


def weights_of(network: Any) -> dict[str, Any]:
    return {
        "W1": network.coefs_[0], "b1": network.intercepts_[0], "W2": network.coefs_[1], "b2": network.intercepts_[1],
    }  # fmt: skip


def train(out: Path | None, **settings: Any) -> Any:
    """Return a network after 20 calls of `partial_fit`, the first of which makes its weights."""
    from sklearn.neural_network import MLPClassifier

    random = np.random.default_rng(0)
    images, labels = random.normal(size=(200, 64)).astype(np.float32), np.arange(200) % 4
    network = MLPClassifier((40,), random_state=0, **settings)
    network.partial_fit(images, labels, classes=range(4))
    recorder = Recorder(lambda: weights_of(network), out=out, name="MLPClassifier", budget=1) if out else None
    for _ in range(20):
        network.partial_fit(images, labels)
        if recorder:
            recorder.note(test_accuracy=network.score(images, labels), learning_rate=network.learning_rate_init)
            recorder.step(network.loss_)
    if recorder:
        recorder.close()
    return network


def test_partial_fit_is_recorded_and_its_weights_are_the_same_bits(out: Path) -> None:
    network, alone = train(out), train(None)
    assert all((one == other).all() for one, other in zip(network.coefs_, alone.coefs_, strict=True))
    assert looked_at(out)[:6] == [0, 1, 2, 3, 4, 5]
    assert looked_at(out)[-1] == 20
    assert loop(out)["sklearn"] == sklearn.__version__
    last = looks(out)[-1]
    assert (last["loss"], last["learning_rate"]) == (network.loss_, 0.001)
    assert 0 <= last["test_accuracy"] <= 1
    assert shapes(out) == {
        "W1": ("weights", "first", [40, 64]), "b1": ("bias", "first", [40]),
        "W2": ("weights", "last", [4, 40]), "b2": ("bias", "last", [4]),
    }  # fmt: skip


def test_a_rate_of_zero_is_found(out: Path) -> None:
    train(out, solver="sgd", learning_rate_init=1e-30)
    assert "frozen_entries" in {rule for rule, _ in rules(out)}
