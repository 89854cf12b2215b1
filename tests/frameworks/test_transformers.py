"""The recorder as a callback of Hugging Face's Trainer, and under Accelerate's optimizer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.frameworks.loop_run import looked_at, looks, loop, records, rules, shapes
from tuimove import Recorder, callbacks

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")
accelerate = pytest.importorskip("accelerate")
pytestmark = [pytest.mark.frameworks, pytest.mark.filterwarnings("ignore")]  # of its own


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "run"


def new_model() -> Any:
    torch.manual_seed(0)
    return transformers.GPT2LMHeadModel(
        transformers.GPT2Config(vocab_size=50, n_positions=16, n_embd=48, n_layer=2, n_head=2)
    )


def train(model: Any, folder: Path, *watching: Any, broken: bool = False, **settings: Any) -> Any:
    """Return the trainer after 16 batches of 4 sequences, evaluated and logged every 4 steps."""
    random = torch.Generator().manual_seed(1)
    words = torch.randint(0, 50, (64, 12), generator=random)
    sequences = [{"input_ids": row, "labels": row} for row in words]
    arguments = transformers.TrainingArguments(
        str(folder), num_train_epochs=1, per_device_train_batch_size=4, logging_steps=4, eval_steps=4,
        eval_strategy="steps", save_strategy="no", report_to="none", use_cpu=True, disable_tqdm=True, seed=3,
        **{"learning_rate": 0.01, "lr_scheduler_type": "constant", **settings},
    )  # fmt: skip
    trainer = transformers.Trainer(
        model, arguments, train_dataset=sequences, eval_dataset=sequences[:8], callbacks=[*watching],
        compute_metrics=lambda _: {"accuracy": 0.5},
    )  # fmt: skip
    if broken:
        model.transformer.wte.weight.register_hook(lambda gradient: gradient * float("nan"))
    trainer.train()
    return trainer


def are_same(one: Any, other: Any) -> bool:
    pairs = zip(one.parameters(), other.parameters(), strict=True)
    return all(torch.equal(left, right) for left, right in pairs)


def test_a_training_is_recorded_and_its_weights_are_the_same_bits(out: Path, tmp_path: Path) -> None:
    recorded, alone = new_model(), new_model()
    train(recorded, tmp_path / "of-the-trainer", callbacks.Transformers(out=out, budget=1))
    train(alone, tmp_path / "of-the-trainer")
    assert are_same(recorded, alone)
    assert looked_at(out) == [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 14, 16]
    told = loop(out)
    assert (told["framework"], told["torch"]) == ("torch", torch.__version__)
    assert (told["transformers"], told["optimizer"]["name"]) == (transformers.__version__, "AdamW")
    assert {one["learning_rate"] for one in looks(out)} == {0.01}
    assert [one["loss"] is None for one in looks(out)][:6] == [True, True, True, True, True, False]
    fifth = looks(out)[5]
    assert (fifth["test_accuracy"], fifth["noted"].keys()) == (0.5, {"validation_loss"})
    assert records(out)[-1]["status"] == "finished"


def test_a_transformer_s_matrices_have_their_kinds_and_laws(out: Path, tmp_path: Path) -> None:
    train(new_model(), tmp_path / "of-the-trainer", callbacks.Transformers(out=out))
    found = shapes(out)
    assert found["transformer.wte.weight"][0] == found["transformer.ln_f.weight"][0] == "other"
    assert found["transformer.h.0.attn.c_attn.weight"] == ("weights", "first", [144, 48])
    assert found["transformer.h.1.mlp.c_proj.weight"] == ("weights", "last", [48, 192])
    laws = loop(out)["laws"]
    assert laws["transformer.h.0.attn.c_attn.weight"] == laws["transformer.wte.weight"] == "normal, 0.02"
    assert laws["transformer.ln_f.weight"] == "constant"


def test_a_training_that_breaks_is_stopped_where_that_was_asked_for(out: Path, tmp_path: Path) -> None:
    watching = callbacks.Transformers(out=out, budget=1, fail_on="alarm")
    trainer = train(new_model(), tmp_path / "of-the-trainer", watching, broken=True)
    assert ("not_finite", "alarm") in rules(out)
    assert trainer.state.global_step < 16
    assert records(out)[-1]["status"] == "stopped"


def test_a_rate_of_zero_is_found(out: Path, tmp_path: Path) -> None:
    train(new_model(), tmp_path / "of-the-trainer", callbacks.Transformers(out=out, budget=1), learning_rate=0.0)
    assert "frozen_entries" in {rule for rule, _ in rules(out)}


def test_accumulated_batches_are_one_step(out: Path, tmp_path: Path) -> None:
    watching = callbacks.Transformers(out=out, budget=1)
    trainer = train(new_model(), tmp_path / "of-the-trainer", watching, gradient_accumulation_steps=4)
    assert looked_at(out) == [0, 1, 2, 3, 4]
    assert trainer.state.global_step == 4


def test_a_loop_of_accelerate_gives_its_own_optimizer(out: Path) -> None:
    accelerator = accelerate.Accelerator(cpu=True)
    torch.manual_seed(0)
    model = torch.nn.Linear(12, 4)
    model, optimizer = accelerator.prepare(model, torch.optim.SGD(model.parameters(), lr=0.1))
    with Recorder(model, optimizer, out=out, budget=1):
        for _ in range(3):
            optimizer.zero_grad()
            accelerator.backward(model(torch.rand(5, 12)).square().mean())
            optimizer.step()
    assert looked_at(out) == [0, 1, 2, 3]
    assert loop(out)["optimizer"]["name"] == "SGD"
