"""The recorder as a callback of Lightning's trainer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.frameworks.loop_run import looked_at, looks, loop, records, rules, shapes
from tuimove import callbacks

torch = pytest.importorskip("torch")
lightning = pytest.importorskip("lightning.pytorch")
pytestmark = [pytest.mark.frameworks, pytest.mark.filterwarnings("ignore")]  # Lightning warns of small trainings


class Digits(lightning.LightningModule):  # type: ignore[name-defined, misc] # Any to mypy
    """A network of two layers, trained by Adam."""

    def __init__(self, *, rate: float = 0.01, broken_at: int = -1, raises: type[BaseException] | None = None) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.layers = torch.nn.Sequential(torch.nn.Linear(12, 16), torch.nn.ReLU(), torch.nn.Linear(16, 4))
        self.rate, self.broken_at, self.raises = rate, broken_at, raises

    def training_step(self, batch: Any, _: int) -> Any:
        if self.raises and self.global_step == 5:
            raise self.raises("enough")
        loss = self.loss_of(batch) * (float("nan") if self.global_step == self.broken_at else 1)
        self.log("train_loss", loss)
        return loss

    def validation_step(self, batch: Any, _: int) -> None:
        images, labels = batch
        self.log("val_loss", self.loss_of(batch))
        self.log("val_acc", (self.layers(images).argmax(1) == labels).float().mean())
        self.log("val_margin", torch.tensor(0.25))

    def loss_of(self, batch: Any) -> Any:
        images, labels = batch
        return torch.nn.functional.cross_entropy(self.layers(images), labels)

    def configure_optimizers(self) -> Any:
        return torch.optim.Adam(self.parameters(), lr=self.rate)


class Adversaries(Digits):
    """A network whose layers are trained in turn by two optimizers, by hand."""

    automatic_optimization = False

    def __init__(self) -> None:
        super().__init__()
        self.automatic_optimization = False

    def training_step(self, batch: Any, _: int) -> None:
        for optimizer in self.optimizers():
            optimizer.zero_grad()
            self.manual_backward(self.loss_of(batch))
            optimizer.step()

    def configure_optimizers(self) -> Any:
        return [torch.optim.SGD(self.layers[place].parameters(), lr=0.01) for place in (0, 2)]


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "run"


def fit(module: Any, *watching: Any, epochs: int = 2, **settings: Any) -> Any:
    """Return the trainer after epochs of 8 batches."""
    random = torch.Generator().manual_seed(1)
    images = torch.utils.data.TensorDataset(torch.rand(64, 12, generator=random), torch.arange(64) % 4)
    loader = torch.utils.data.DataLoader(images, 8)
    quiet = {"logger": False, "enable_checkpointing": False, "enable_progress_bar": False, "accelerator": "cpu"}
    quiet |= {"enable_model_summary": False}
    trainer = lightning.Trainer(max_epochs=epochs, callbacks=[*watching], **quiet, **settings)
    trainer.fit(module, loader, loader)
    return trainer


def are_same(one: Any, other: Any) -> bool:
    pairs = zip(one.parameters(), other.parameters(), strict=True)
    return all(torch.equal(left, right) for left, right in pairs)


def test_a_fit_is_recorded_and_its_weights_are_the_same_bits(out: Path) -> None:
    recorded, alone = Digits(), Digits()
    fit(recorded, callbacks.Lightning(out=out, budget=1, name="digits"))
    fit(alone)
    assert are_same(recorded, alone)
    assert looked_at(out) == [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 14, 16]
    told = loop(out)
    assert (told["framework"], told["torch"], told["optimizer"]["name"]) == ("torch", torch.__version__, "Adam")
    assert "lightning" in told
    assert {one["learning_rate"] for one in looks(out)} == {0.01}
    assert all(one["loss"] > 0 for one in looks(out)[2:])
    ninth = looks(out)[9]
    assert 0 <= ninth["test_accuracy"] <= 1
    assert ninth["noted"].keys() == {"validation_loss", "val_margin"}
    assert shapes(out)["layers.0.weight"] == ("weights", "first", [16, 12])
    assert shapes(out)["layers.2.weight"] == ("weights", "last", [4, 16])
    assert told["laws"]["layers.0.weight"] == "uniform, 1 / sqrt(inputs)"
    assert records(out)[-1]["status"] == "finished"


def test_accumulated_batches_are_one_step(out: Path) -> None:
    fit(Digits(), callbacks.Lightning(out=out, budget=1), accumulate_grad_batches=4)
    assert looked_at(out) == [0, 1, 2, 3, 4]


def test_a_fit_that_breaks_is_stopped_where_that_was_asked_for(out: Path) -> None:
    watching = callbacks.Lightning(out=out, budget=1, fail_on="alarm")
    trainer = fit(Digits(broken_at=4), watching, epochs=5)
    assert ("not_finite", "alarm") in rules(out)
    assert trainer.global_step < 40
    assert records(out)[-1]["status"] == "stopped"


def test_a_rate_of_zero_is_found(out: Path) -> None:
    fit(Digits(rate=0.0), callbacks.Lightning(out=out, budget=1))
    assert "frozen_entries" in {rule for rule, _ in rules(out)}


def test_a_fit_that_raises_is_recorded_with_its_reason(out: Path) -> None:
    with pytest.raises(RuntimeError, match="enough"):
        fit(Digits(raises=RuntimeError), callbacks.Lightning(out=out, budget=1))
    end = records(out)[-1]
    assert (end["status"], end["epochs"], end["reason"]) == ("failed", 5, "RuntimeError: enough")


def test_a_fit_that_is_interrupted_says_so(out: Path) -> None:
    with pytest.raises(SystemExit):
        fit(Digits(raises=KeyboardInterrupt), callbacks.Lightning(out=out, budget=1))
    assert records(out)[-1]["status"] == "interrupted"


def test_of_two_optimizers_the_first_one_s_steps_count(out: Path) -> None:
    recorded, alone = Adversaries(), Adversaries()
    fit(recorded, callbacks.Lightning(out=out, budget=1), epochs=1)
    fit(alone, epochs=1)
    assert are_same(recorded, alone)
    assert looked_at(out) == [0, 1, 2, 3, 4, 5, 6, 7, 8]
    assert looks(out)[1]["matrices"]["layers.2.weight"]["distance"] == 0  # its turn comes after the look
    assert looks(out)[-1]["matrices"]["layers.2.weight"]["distance"] > 0


def test_the_older_package_s_trainer_takes_the_callback_too(out: Path) -> None:
    older = pytest.importorskip("pytorch_lightning")
    images = torch.utils.data.TensorDataset(torch.rand(16, 12), torch.arange(16) % 4)

    class Older(older.LightningModule):  # type: ignore[name-defined, misc] # Any to mypy
        def __init__(self) -> None:
            super().__init__()
            self.layer = torch.nn.Linear(12, 4)

        def training_step(self, batch: Any, _: int) -> Any:
            return torch.nn.functional.cross_entropy(self.layer(batch[0]), batch[1])

        def configure_optimizers(self) -> Any:
            return torch.optim.SGD(self.parameters(), lr=0.1)

    trainer = older.Trainer(
        max_epochs=1, callbacks=[callbacks.Lightning(out=out, budget=1)], logger=False, enable_checkpointing=False,
        enable_progress_bar=False, enable_model_summary=False, accelerator="cpu",
    )  # fmt: skip
    trainer.fit(Older(), torch.utils.data.DataLoader(images, 4))
    assert looked_at(out) == [0, 1, 2, 3, 4]
