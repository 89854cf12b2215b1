"""The examples on the recorder's page, run as they stand there."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tuimove
from tests.frameworks.loop_run import records
from tuimove.recording.folder.store import make_runs_folder

pytestmark = [pytest.mark.frameworks, pytest.mark.filterwarnings("ignore")]
PAGE = Path(tuimove.__file__).parent / "docs" / "recorder.md"
SECTION = PAGE.read_text().partition("\n## Other frameworks\n")[2].partition("\n## ")[0]
EXAMPLES = dict(re.findall(r"(?m)^(\w+).*\n(?:(?!```).*\n)*?```python\n((?:.*\n)*?)```", SECTION))
"""The code by the first word of the line that tells what it is of."""

Names = dict[str, Any]


def batches() -> list[tuple[Any, Any]]:
    random = np.random.default_rng(0)
    return [(random.normal(size=(8, 6)).astype(np.float32), np.arange(8) % 2) for _ in range(4)]


def numpy_names() -> Names:
    W1, b1 = np.ones((6, 2)), np.zeros(2)

    def update(W1: Any, b1: Any, images: Any, labels: Any) -> float:
        errors = images @ W1 + b1 - np.eye(2)[labels]
        W1 -= 0.01 * images.T @ errors
        b1 -= 0.01 * errors.sum(axis=0)
        return float(np.square(errors).mean())

    return {"W1": W1, "b1": b1, "update": update}


def jax_names() -> Names:
    jax, optax = pytest.importorskip("jax"), pytest.importorskip("optax")
    params = {"kernel": jax.numpy.ones((6, 2)), "bias": jax.numpy.zeros(2)}
    optimizer = optax.sgd(0.01)

    def loss_of(params: Any, images: Any, labels: Any) -> Any:
        return ((images @ params["kernel"] + params["bias"] - jax.nn.one_hot(labels, 2)) ** 2).mean()

    def update(params: Any, state: Any, images: Any, labels: Any) -> Any:
        loss, gradients = jax.value_and_grad(loss_of)(params, images, labels)
        changes, state = optimizer.update(gradients, state)
        return optax.apply_updates(params, changes), state, loss

    return {"params": params, "state": optimizer.init(params), "update": jax.jit(update)}


def sklearn_names() -> Names:
    mlp = pytest.importorskip("sklearn.neural_network").MLPClassifier((5,), random_state=0)
    mlp.partial_fit(*batches()[0], classes=range(2))
    return {"mlp": mlp}


def keras_names() -> Names:
    keras = pytest.importorskip("keras")
    model = keras.Sequential([keras.layers.Input((6,)), keras.layers.Dense(2)])
    model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    images, labels = batches()[0]
    return {"model": model, "images": images, "labels": labels}


def lightning_names() -> Names:
    lightning = pytest.importorskip("lightning.pytorch")
    torch = pytest.importorskip("torch")

    class Module(lightning.LightningModule):  # type: ignore[name-defined, misc] # Any to mypy
        def __init__(self) -> None:
            super().__init__()
            self.layer = torch.nn.Linear(6, 2)

        def training_step(self, batch: Any, _: int) -> Any:
            return torch.nn.functional.cross_entropy(self.layer(batch[0]), batch[1])

        def configure_optimizers(self) -> Any:
            return torch.optim.SGD(self.parameters(), lr=0.01)

    return {"lightning": lightning, "module": Module(), "loader": torch.utils.data.DataLoader(batches(), None)}


def transformers_names() -> Names:
    transformers = pytest.importorskip("transformers")
    pytest.importorskip("accelerate")
    config = transformers.GPT2Config(
        vocab_size=9, n_positions=8, n_embd=8, n_layer=1, n_head=1, bos_token_id=0, eos_token_id=0
    )
    arguments = transformers.TrainingArguments("trainer", use_cpu=True, report_to="none", num_train_epochs=1)
    rows = [{"input_ids": [1, 2, 3], "labels": [1, 2, 3]}] * 16
    model = transformers.GPT2LMHeadModel(config)
    return {"transformers": transformers, "model": model, "arguments": arguments, "images": rows}


NAMES: dict[str, Callable[[], Names]] = {
    "NumPy": numpy_names, "JAX": jax_names, "scikit": sklearn_names, "Keras": keras_names,
    "Lightning": lightning_names, "Hugging": transformers_names,
}  # fmt: skip


@pytest.mark.parametrize("framework", EXAMPLES)
def test_an_example_runs_as_it_stands_on_the_page(
    framework: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    exec(EXAMPLES[framework], {"tuimove": tuimove, "batches": batches(), **NAMES[framework]()})
    (folder,) = make_runs_folder().iterdir()
    end = records(folder)[-1]
    assert (end["status"], end["epochs"] > 0) == ("finished", True)


def test_every_framework_of_the_page_has_an_example() -> None:
    assert EXAMPLES.keys() == NAMES.keys()
