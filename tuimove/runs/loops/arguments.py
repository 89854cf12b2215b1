"""What a recorder is given, checked; and what it asks of an optimizer, a distributed training, and an exception."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Any, get_args

from tuimove.diagnosis.finding import SEVERITIES
from tuimove.errors import harmless
from tuimove.recording.record import Status
from tuimove.runs.loops.keras_parameters import compiled_optimizer
from tuimove.runs.loops.optimizer_steps import described_optimizer
from tuimove.runs.loops.say import say

FRAMEWORKS = ("torch", "keras", "jax", "flax", "optax", "sklearn", "lightning", "transformers")
"""Whose versions are recorded."""


def status_of(error: BaseException | None) -> tuple[Status, str | None]:
    """Return how a run ended that an exception leaves, if any."""
    if error is None or isinstance(error, SystemExit):
        return "finished", None
    if isinstance(error, KeyboardInterrupt):
        return "interrupted", None
    return "failed", harmless(f"{type(error).__name__}: {error}"[:500])


def known_status(status: Status | None) -> Status:
    """Return how a run ended, `finished` by default; what is no status is said, and recorded as `stopped`."""
    if status is None or status in get_args(Status):
        return status or "finished"
    say(f"tuimove: status: {', '.join(get_args(Status))} or None, not {harmless(repr(status))}; recorded as stopped")
    return "stopped"


def is_first_rank() -> bool:
    """Whether this process is the one of a distributed training that records."""
    torch = sys.modules.get("torch")
    distributed = getattr(torch, "distributed", None)
    if distributed is not None and distributed.is_available() and distributed.is_initialized():
        return bool(distributed.get_rank() == 0)
    return os.environ.get("RANK", "0") == "0"


def hooked_optimizer(model: Any, optimizer: Any) -> Any:
    """Return the optimizer that makes the steps, which Accelerate and Lightning wrap into one of their own.

    Raises
    ------
    TypeError, ValueError
        When it can't be hooked, or is another model's.
    """
    if isinstance(optimizer, type):
        name = optimizer.__name__
        raise TypeError(f"optimizer: an instance is expected, such as {name}(model.parameters()), not the class {name}")
    while hasattr(optimizer, "register_step_post_hook") and hasattr(optimizer, "optimizer"):
        optimizer = optimizer.optimizer
    if not hasattr(model, "parameters") or not hasattr(optimizer, "register_step_post_hook"):
        raise TypeError(
            f"optimizer: only a PyTorch optimizer's steps can be counted, not {type(optimizer).__name__}'s; "
            "call step() after each update instead"
        )
    own = {id(tensor) for tensor in model.parameters()}
    if not any(id(tensor) in own for group in optimizer.param_groups for tensor in group["params"]):
        raise ValueError("optimizer: it trains none of the model's parameters")
    return optimizer


def described_loop(model: Any, framework: str) -> dict[str, Any]:
    """Return the framework of a model, the versions of all that are loaded, and the optimizer that it brings along."""
    loaded = {name: sys.modules.get(name) for name in FRAMEWORKS}
    versions = {name: str(getattr(module, "__version__", "")) for name, module in loaded.items() if module is not None}
    own = {"backend": sys.modules["keras"].backend.backend()} if framework == "keras" else {}
    optimizer = compiled_optimizer(model)
    brought = {} if optimizer is None else {"optimizer": described_optimizer(optimizer)}
    return {"framework": framework, "clock": "step", **versions, **own, **brought}


def run_title(name: str | None, model: Any) -> str:
    """Return what a run is called: the name, or that of the model's class; raises a TypeError for anything else."""
    if name is not None and not isinstance(name, str):
        raise TypeError(f"name: a text is expected, not {name!r}")
    return harmless(class_name(model) if name is None else name)


def class_name(model: Any) -> str:
    """Return the name of a model's class, without what compiling and data parallelism wrap it into."""
    for wrapper in ("_orig_mod", "module"):
        model = getattr(model, wrapper, model) if hasattr(model, "named_parameters") else model
    return type(model).__name__


def patterns(only: str | Sequence[str] | None) -> tuple[str, ...] | None:
    """Return patterns of names; raises a TypeError where they aren't."""
    if only is None:
        return None
    if isinstance(only, str):
        return (only,)
    if not isinstance(only, Sequence | set | frozenset) or not all(isinstance(one, str) for one in only):
        raise TypeError(f"only: patterns of names are expected, such as '*.weight', not {only!r}")
    return tuple(only)


def time_share(budget: float) -> float:
    """Return a budget as a share of the time; raises a ValueError where it is none."""
    if not isinstance(budget, int | float) or isinstance(budget, bool) or not 0 <= budget <= 1:
        raise ValueError(f"budget: a share of the time from 0 to 1 is expected, not {budget!r}")
    return float(budget)


def sample_size(sample: int) -> int:
    """Return a number of entries; raises a ValueError where it is none."""
    if not isinstance(sample, int) or isinstance(sample, bool) or sample < 1:
        raise ValueError(f"sample: a number of entries from 1 on is expected, not {sample!r}")
    return sample


def severity_index(fail_on: str | None) -> int | None:
    """Return the place of a severity in SEVERITIES; raises a ValueError where it is none."""
    if fail_on is None:
        return None
    if fail_on not in SEVERITIES:
        raise ValueError(f"fail_on: {', '.join(SEVERITIES)} or None is expected, not {fail_on!r}")
    return SEVERITIES.index(fail_on)
