"""What a recorder is given, checked; and what it asks of an optimizer, a distributed training, and an exception."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import Any

from tuimove.diagnosis.finding import SEVERITIES
from tuimove.errors import harmless
from tuimove.recording.record import Status


def status_of(error: BaseException | None) -> tuple[Status, str | None]:
    """Return how a run ended that an exception leaves, if any."""
    if error is None or isinstance(error, SystemExit):
        return "finished", None
    if isinstance(error, KeyboardInterrupt):
        return "interrupted", None
    return "failed", harmless(f"{type(error).__name__}: {error}"[:500])


def is_first_rank() -> bool:
    """Whether this process is the one of a distributed training that records."""
    torch = sys.modules.get("torch")
    distributed = getattr(torch, "distributed", None)
    if distributed is not None and distributed.is_available() and distributed.is_initialized():
        return bool(distributed.get_rank() == 0)
    return os.environ.get("RANK", "0") == "0"


def require_hooks(model: Any, optimizer: Any, framework: str) -> None:
    """Raise a TypeError or ValueError where an optimizer can't be hooked, or is another model's."""
    if framework != "torch" or not hasattr(optimizer, "register_step_post_hook"):
        raise TypeError(
            f"optimizer: only a PyTorch optimizer's steps can be counted, not {type(optimizer).__name__}'s; "
            "call step() after each update instead"
        )
    own = {id(tensor) for tensor in model.parameters()}
    if not any(id(tensor) in own for group in optimizer.param_groups for tensor in group["params"]):
        raise ValueError("optimizer: it trains none of the model's parameters")


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


def say(words: str) -> None:
    """Print a line on standard error, wherever that leads: a broken one doesn't end the training."""
    with suppress(OSError, ValueError):
        if sys.stderr is not None:
            print(words, file=sys.stderr)
