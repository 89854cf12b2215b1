"""The recorder in loops of JAX with optax and Flax."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.frameworks.loop_run import looked_at, looks, loop, records, rules, shapes
from tuimove import Recorder

jax = pytest.importorskip("jax")
optax = pytest.importorskip("optax")
pytestmark = pytest.mark.frameworks

SIZES = {"layer_2": (64, 48), "layer_10": (48, 10)}
"""Layers whose order JAX turns round: it sorts names."""


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "run"


def new_params() -> dict[str, Any]:
    draw = jax.nn.initializers.glorot_uniform()
    keys = jax.random.split(jax.random.key(0), len(SIZES))
    return {
        name: {"kernel": draw(key, size), "bias": jax.numpy.zeros(size[1])}
        for key, (name, size) in zip(keys, SIZES.items(), strict=True)
    }


def answers(params: Any, images: Any) -> Any:
    hidden = jax.nn.relu(images @ params["layer_2"]["kernel"] + params["layer_2"]["bias"])
    return hidden @ params["layer_10"]["kernel"] + params["layer_10"]["bias"]


def train(
    params: Any,
    apply: Callable[[Any, Any], Any],
    after: Callable[[Any, Any], None] | None = None,
    *,
    rate: float = 0.01,
    steps: int = 12,
    broken_at: int = -1,
) -> Any:
    """Return the parameters after some steps; `after` is called with them and the loss after each."""
    optimizer = optax.adam(rate)
    state = optimizer.init(params)

    def loss_of(params: Any, images: Any) -> Any:
        return optax.softmax_cross_entropy_with_integer_labels(apply(params, images), np.arange(32) % 10).mean()

    @jax.jit  # type: ignore[untyped-decorator] # Any to mypy
    def update(params: Any, state: Any, images: Any) -> Any:
        loss, gradients = jax.value_and_grad(loss_of)(params, images)
        changes, state = optimizer.update(gradients, state, params)
        return optax.apply_updates(params, changes), state, loss

    random = np.random.default_rng(1)
    for step in range(steps):
        images = random.normal(size=(32, 64)).astype(np.float32) * (np.nan if step == broken_at else 1)
        params, state, loss = update(params, state, images)
        if after:
            after(params, loss)
    return params


class Recorded:
    """A loop that keeps its parameters where a recorder reads them, and says when they have changed."""

    def __init__(self, params: Any, out: Path, **arguments: Any) -> None:
        self.params = params
        self.recorder = Recorder(lambda: self.params, out=out, budget=1, **arguments)

    def after(self, params: Any, loss: Any) -> None:
        self.params = params
        self.recorder.note(learning_rate=0.01)
        self.recorder.step(loss)


def are_same(one: Any, other: Any) -> bool:
    return bool(jax.tree.all(jax.tree.map(lambda left, right: bool((left == right).all()), one, other)))


def test_a_loop_of_optax_is_recorded_and_its_weights_are_the_same_bits(out: Path) -> None:
    recorded = Recorded(new_params(), out)
    trained = train(new_params(), answers, recorded.after)
    recorded.recorder.close()
    assert are_same(trained, train(new_params(), answers))
    assert looked_at(out) == [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]
    assert [one["learning_rate"] for one in looks(out)[1:]] == [0.01] * 12
    assert all(one["loss"] > 0 for one in looks(out)[1:])
    told = loop(out)
    assert (told["framework"], told["jax"], told["optax"]) == ("arrays", jax.__version__, optax.__version__)
    distance = np.linalg.norm(trained["layer_2"]["kernel"] - new_params()["layer_2"]["kernel"])
    assert looks(out)[-1]["matrices"]["layer_2/kernel"]["distance"] == pytest.approx(distance, rel=1e-5)


def test_sorted_names_are_put_in_the_order_of_layers(out: Path) -> None:
    """A mapping that has been through JAX comes back with its names sorted."""
    recorded = Recorded(jax.tree.map(lambda array: array, new_params()), out)
    recorded.recorder.close()
    assert shapes(out) == {
        "layer_2/kernel": ("weights", "first", [48, 64]), "layer_2/bias": ("bias", "first", [48]),
        "layer_10/kernel": ("weights", "last", [10, 48]), "layer_10/bias": ("bias", "last", [10]),
    }  # fmt: skip
    assert loop(out)["laws"]["layer_2/kernel"] == loop(out)["laws"]["layer_10/kernel"] == "Glorot uniform"


def test_a_loop_that_breaks_is_found_and_one_that_stands_still_too(out: Path) -> None:
    broken = Recorded(new_params(), out, fail_on="alarm")
    train(new_params(), answers, broken.after, broken_at=5)
    broken.recorder.close()
    assert broken.recorder.should_stop
    assert ("not_finite", "alarm") in rules(out)
    still = Recorded(new_params(), out.with_name("still"))
    train(new_params(), answers, still.after, rate=0.0)
    still.recorder.close()
    assert "frozen_entries" in {one.rule for one in still.recorder.findings}


def test_reduced_precision_and_lists_of_arrays(out: Path) -> None:
    layers = [(jax.numpy.ones((6, 4), "bfloat16"), jax.numpy.zeros(4)), (jax.numpy.ones((4, 2)), jax.numpy.zeros(2))]
    with Recorder(lambda: {"layers": layers}, out=out) as recorder:
        layers[0] = (layers[0][0] + 1, layers[0][1])
        recorder.step()
    assert list(shapes(out)) == ["layers/0/0", "layers/0/1", "layers/1/0", "layers/1/1"]
    assert shapes(out)["layers/0/0"] == ("weights", "first", [4, 6])
    assert looks(out)[-1]["matrices"]["layers/0/0"]["distance"] == pytest.approx(np.sqrt(24))


def test_flax_linen(out: Path) -> None:
    linen = pytest.importorskip("flax.linen")
    model = linen.Sequential([linen.Dense(48), linen.relu, linen.LayerNorm(), linen.Dense(10)])
    params = model.init(jax.random.key(0), np.zeros((1, 64), np.float32))["params"]
    recorded = Recorded(params, out)
    trained = train(params, lambda params, images: model.apply({"params": params}, images), recorded.after)
    recorded.recorder.close()
    assert are_same(trained, train(params, lambda params, images: model.apply({"params": params}, images)))
    assert_flax(out, ("layers_0", "layers_2", "layers_3"))


def test_flax_nnx(out: Path) -> None:
    nnx = pytest.importorskip("flax.nnx")
    draws = nnx.Rngs(0)
    layers = [nnx.Linear(64, 48, rngs=draws), nnx.relu, nnx.LayerNorm(48, rngs=draws), nnx.Linear(48, 10, rngs=draws)]
    definition, state = nnx.split(nnx.Sequential(*layers), nnx.Param)
    params = nnx.to_pure_dict(state)

    def apply(params: Any, images: Any) -> Any:
        held = jax.tree.map(lambda array: array, state)
        nnx.replace_by_pure_dict(held, params)
        return nnx.merge(definition, held)(images)

    recorded = Recorded(params, out)
    trained = train(params, apply, recorded.after)
    recorded.recorder.close()
    assert are_same(trained, train(params, apply))
    assert_flax(out, ("layers/0", "layers/2", "layers/3"))


def assert_flax(out: Path, names: tuple[str, str, str]) -> None:
    """Check the roles and laws of Dense, LayerNorm, Dense."""
    hidden, norm, last = names
    found = shapes(out)
    assert found[f"{hidden}/kernel"] == ("weights", "first", [48, 64])
    assert found[f"{norm}/scale"][0] == "other"
    assert found[f"{last}/kernel"] == ("weights", "last", [10, 48])
    laws = loop(out)["laws"]
    assert laws[f"{hidden}/kernel"] == laws[f"{last}/kernel"] == "LeCun normal, cut at two sd"
    assert (laws[f"{hidden}/bias"], laws[f"{norm}/scale"]) == ("zero", "constant")
    assert {one["law"] and one["law"]["kind"] for one in records(out)[0]["matrices"]} == {None, "zero"}
    assert "flax" in loop(out)
