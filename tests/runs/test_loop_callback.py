"""The frameworks' callbacks, without a framework."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

import tuimove
from tests.support.processes import run
from tuimove.callbacks import PACKAGES
from tuimove.runs.loops.loop_callback import LoopCallback, validation_numbers

HEAVY = {"numpy", "numba", "torch", "keras", "lightning", "transformers", "tuimove.errors"}


def python(script: str) -> subprocess.CompletedProcess[str]:
    return run([sys.executable, "-c", script])


def test_importing_the_callbacks_imports_nothing() -> None:
    done = python("import sys, tuimove; tuimove.callbacks; print('\\n'.join(sys.modules))")
    assert done.returncode == 0, done.stderr
    assert not HEAVY & set(done.stdout.split())


@pytest.mark.parametrize("name", PACKAGES)
def test_a_framework_that_isn_t_there_is_one_sentence(name: str) -> None:
    hidden = f"import sys; sys.modules.update(dict.fromkeys({PACKAGES[name]!r}))"
    done = python(f"{hidden}\nimport tuimove\ntry: tuimove.callbacks.{name}\nexcept ImportError as error: print(error)")
    assert done.stdout == f"tuimove.callbacks.{name} needs the package {PACKAGES[name][0]}\n", done.stderr


def test_other_names_are_no_attributes() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'Theano'"):
        tuimove.callbacks.Theano  # noqa: B018


def test_wrong_arguments_are_refused_at_once() -> None:
    with pytest.raises(ValueError, match="budget: a share"):
        LoopCallback(budget=3)
    with pytest.raises(ValueError, match="sample: a number"):
        LoopCallback(sample=0)


def test_a_validation_s_numbers_have_the_recorder_s_names() -> None:
    metrics = {"val_loss": 0.5, "val_acc": np.float32(0.75), "val_map": 0.25, "loss": 1.0, "eval_runtime": 3.0,
               "val_matrix": np.eye(2), "eval_steps_per_second": 9.0, "val_note": "good"}  # fmt: skip
    assert dict(validation_numbers(metrics)) == {"validation_loss": 0.5, "test_accuracy": 0.75, "val_map": 0.25}
    assert dict(validation_numbers({"eval_accuracy": 0.5})) == {"test_accuracy": 0.5}
