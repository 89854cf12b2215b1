"""The recorder and Keras 3: `model.fit` with the callback, and loops of one's own."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.frameworks.loop_run import looked_at, looks, loop, records, rules, shapes
from tests.support.processes import run
from tuimove import Recorder, callbacks

keras = pytest.importorskip("keras")
pytestmark = [pytest.mark.frameworks, pytest.mark.filterwarnings("ignore::DeprecationWarning")]  # of its own

IMAGES = np.random.default_rng(0).normal(size=(60, 12)).astype(np.float32)
LABELS = np.arange(60) % 4


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "run"


def new_model(rate: Any = 0.01, **settings: Any) -> Any:
    keras.utils.set_random_seed(0)
    layers = [keras.layers.Dense(40, "relu", name="hidden"), keras.layers.Dense(4, "softmax", name="out")]
    model = keras.Sequential([keras.layers.Input((12,)), *layers], name="digits")
    optimizer = keras.optimizers.Adam(rate, gradient_accumulation_steps=settings.pop("accumulate", None))
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"], **settings)
    return model


def fit(model: Any, *watching: Any, images: Any = IMAGES, epochs: int = 3) -> Any:
    """Return the model after 8 batches an epoch, the last one of 4 images."""
    model.fit(
        images, LABELS, batch_size=8, epochs=epochs, verbose=0, validation_data=(IMAGES, LABELS),
        callbacks=[*watching],
    )  # fmt: skip
    return model


def are_same(one: Any, other: Any) -> bool:
    return all((left == right).all() for left, right in zip(one.get_weights(), other.get_weights(), strict=True))


def test_a_fit_is_recorded_and_its_weights_are_the_same_bits(out: Path) -> None:
    watching = callbacks.Keras(out=out, budget=1)
    trained = fit(new_model(), watching)
    assert are_same(trained, fit(new_model()))
    assert watching.recorder
    assert watching.recorder.folder == out
    assert looked_at(out)[:9] == [0, 1, 2, 3, 4, 5, 6, 7, 8]
    assert looked_at(out)[-1] == 24 == int(trained.optimizer.iterations)
    told = loop(out)
    assert (told["framework"], told["keras"], told["backend"]) == ("keras", keras.__version__, keras.backend.backend())
    assert (told["optimizer"]["name"], told["optimizer"]["beta_1"]) == ("Adam", 0.9)
    assert [one["learning_rate"] for one in looks(out)] == pytest.approx([0.01] * len(looks(out)))
    assert all(one["loss"] > 0 for one in looks(out)[1:])
    noted = next(one for one in looks(out) if one["epoch"] == 9)
    assert 0 <= noted["test_accuracy"] <= 1
    assert noted["noted"].keys() == {"validation_loss"}
    last = looks(out)[-1]["matrices"]["digits/hidden/kernel"]
    assert last["norm"] == pytest.approx(np.linalg.norm(trained.layers[0].kernel), rel=1e-6)


def test_layers_laws_and_places(out: Path) -> None:
    fit(new_model(), callbacks.Keras(out=out), epochs=1)
    assert shapes(out) == {
        "digits/hidden/kernel": ("weights", "first", [40, 12]), "digits/hidden/bias": ("bias", "first", [40]),
        "digits/out/kernel": ("weights", "last", [4, 40]), "digits/out/bias": ("bias", "last", [4]),
    }  # fmt: skip
    laws = loop(out)["laws"]
    assert laws["digits/hidden/kernel"] == laws["digits/out/kernel"] == "Glorot uniform"
    assert laws["digits/hidden/bias"] == "zero"


def test_norms_recurrent_and_embedding_layers_are_told_by_their_names(out: Path) -> None:
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [
            keras.layers.Input((5,)),
            keras.layers.Embedding(9, 6, name="embedding"),
            keras.layers.SimpleRNN(24, name="rnn"),
            keras.layers.LayerNormalization(name="norm"),
            keras.layers.Dense(30, kernel_initializer="he_normal", name="he"),
            keras.layers.Dense(2, name="out"),
        ],
        name="m",
    )
    Recorder(model, out=out).close()
    laws = loop(out)["laws"]
    assert laws["m/rnn/simple_rnn_cell/recurrent_kernel"] == "orthogonal"
    assert laws["m/he/kernel"] == "He normal, cut at two sd"
    assert (laws["m/norm/gamma"], laws["m/norm/beta"]) == ("constant", "zero")
    kinds = {name: kind for name, (kind, _, _) in shapes(out).items()}
    assert kinds["m/embedding/embeddings"] == kinds["m/norm/gamma"] == "other"
    assert kinds["m/norm/beta"] == "bias"


@pytest.mark.skipif(keras.backend.backend() == "torch", reason="Keras makes one step a call there")
def test_several_steps_a_call_are_counted_as_the_optimizer_counts_them(out: Path) -> None:
    trained = fit(new_model(steps_per_execution=3), callbacks.Keras(out=out, budget=1))
    assert are_same(trained, fit(new_model(steps_per_execution=3)))
    assert int(trained.optimizer.iterations) == 24
    assert looked_at(out) == [0, 3, 6, 8, 11, 14, 16, 19, 22, 24]


@pytest.mark.skipif(keras.backend.backend() != "jax", reason="only with JAX are weights kept elsewhere")
def test_weights_are_fetched_from_jax_at_looks_only(out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fetch, fetched = keras.Sequential.jax_state_sync, []

    def counted(model: Any) -> None:
        fetched.append(not model._jax_state_synced)
        fetch(model)

    monkeypatch.setattr(keras.Sequential, "jax_state_sync", counted)
    fit(new_model(), epochs=1)
    by_itself = sum(fetched)
    fit(new_model(), callbacks.Keras(out=out, budget=0), epochs=1)
    assert looked_at(out) == [0, 1, 2, 3, 4, 8]
    assert sum(fetched) - 2 * by_itself == 4  # the last look finds what the end of the epoch has fetched


def test_a_second_fit_is_a_run_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    watching, model = callbacks.Keras(), new_model()

    class Failing(keras.callbacks.Callback):  # type: ignore[name-defined, misc] # Any to mypy
        def on_train_batch_end(self, *_: Any, **__: Any) -> None:
            raise RuntimeError("enough")

    with pytest.raises(RuntimeError, match="enough"):
        fit(model, watching, Failing())
    assert watching.recorder
    first = watching.recorder.folder
    fit(model, watching, epochs=1)
    second = watching.recorder.folder
    assert first
    assert second
    assert [records(folder)[-1]["status"] for folder in (first, second)] == ["stopped", "finished"]


def test_accumulated_batches_are_one_step(out: Path) -> None:
    trained = fit(new_model(accumulate=4), callbacks.Keras(out=out, budget=1))
    assert int(trained.optimizer.iterations) == 6
    assert looked_at(out) == [0, 1, 2, 3, 4, 5, 6]
    assert looks(out)[0]["matrices"]["digits/out/kernel"]["distance"] == 0
    assert looks(out)[1]["matrices"]["digits/out/kernel"]["distance"] > 0


def test_a_schedule_s_rate_is_recorded_as_it_is_at_each_look(out: Path) -> None:
    fit(new_model(keras.optimizers.schedules.ExponentialDecay(0.1, 1, 0.5)), callbacks.Keras(out=out), epochs=1)
    assert [one["learning_rate"] for one in looks(out)][:4] == pytest.approx([0.1, 0.05, 0.025, 0.0125])


def test_a_fit_that_breaks_is_stopped_where_that_was_asked_for(out: Path) -> None:
    images = IMAGES.copy()
    images[20] = np.nan
    watching = callbacks.Keras(out=out, budget=1, fail_on="alarm")
    model = fit(new_model(), watching, images=images)
    assert ("not_finite", "alarm") in rules(out)
    assert model.stop_training
    assert looked_at(out)[-1] < 24


def test_a_rate_of_zero_is_found(out: Path) -> None:
    fit(new_model(0.0), callbacks.Keras(out=out, budget=1))
    assert "frozen_entries" in {rule for rule, _ in rules(out)}


def test_wrong_arguments_are_refused_before_the_training() -> None:
    with pytest.raises(ValueError, match="budget: a share"):
        callbacks.Keras(budget=3)
    with pytest.raises(ValueError, match="fail_on: notice, warning, alarm"):
        callbacks.Keras(fail_on="never")  # type: ignore[arg-type]


def test_a_loop_of_one_s_own(out: Path) -> None:
    model, alone = new_model(), new_model()
    recorder = Recorder(model, out=out, budget=1)
    for _ in range(5):
        recorder.step(model.train_on_batch(IMAGES, LABELS)[0])
        alone.train_on_batch(IMAGES, LABELS)
    recorder.close()
    assert are_same(model, alone)
    assert looked_at(out) == [0, 1, 2, 3, 4, 5]
    assert looks(out)[-1]["learning_rate"] == pytest.approx(0.01)


@pytest.mark.skipif(keras.backend.backend() == "torch", reason="this is the other backend")
def test_the_same_holds_with_pytorch_as_the_backend() -> None:
    """Keras has one backend a process."""
    pytest.importorskip("torch")
    command = [sys.executable, "-m", "pytest", "-q", "-n0", "-m", "frameworks", "-p", "no:cacheprovider", __file__]
    done = run(command, env={**os.environ, "KERAS_BACKEND": "torch"})
    assert done.returncode == 0, done.stdout


@pytest.mark.skipif(keras.backend.backend() != "torch", reason="PyTorch isn't the backend")
def test_an_optimizer_of_pytorch_s_needs_no_step(out: Path) -> None:
    torch = pytest.importorskip("torch")
    model = keras.Sequential([keras.layers.Input((12,)), keras.layers.Dense(4, name="out")], name="m")
    optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
    with Recorder(model, optimizer, out=out, budget=1):
        for _ in range(4):
            optimizer.zero_grad()
            model(torch.ones(3, 12)).square().mean().backward()
            optimizer.step()
    assert looked_at(out) == [0, 1, 2, 3, 4]
    assert shapes(out)["m/out/kernel"] == ("weights", "first", [4, 12])
    assert looks(out)[-1]["learning_rate"] == 0.5
