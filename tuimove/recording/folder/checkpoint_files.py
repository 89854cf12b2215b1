"""Writes and reads the checkpoint files of a run's folder; a damaged file is detected before it is used.

The name of a checkpoint holds its epoch and the SHA-256 of its bytes, so a truncated or changed file is recognized
before anything is read from it. The two newest are stored. Nothing is random after the start, so no generator state is
stored: the starting weights are drawn again from the seed, and compared.
"""

from __future__ import annotations

import hashlib
import re
import zlib
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from tuimove.errors import DataError
from tuimove.recording.checkpoint import Checkpoint
from tuimove.recording.folder.array_files import (
    NetworkShape,
    most_bytes,
    packed_arrays,
    read_plainly,
    unpacked_arrays,
    write_whole,
)
from tuimove.training.image_set import Digits

KEPT = 2
"""Checkpoints in a folder: the newest, and the one before it in case that is damaged."""
NAME = re.compile(r"checkpoint-(\d{1,15})-([0-9a-f]{16})\.npz")
NUMBERS = {
    "epoch": ((), "int64"), "recorded": ((), "int64"), "start_sum": ((), "int64"), "data_sum": ((), "int64"),
    "records_sum": ((), "int64"), "learning_rate": ((), "float64"), "seconds": ((), "float64"),
}  # fmt: skip


def save_checkpoint(folder: Path, checkpoint: Checkpoint) -> None:
    """Write a checkpoint and remove all but the two newest; raises an OSError when that fails."""
    numbers = {name: np.array(getattr(checkpoint, name), kind) for name, (_, kind) in NUMBERS.items()}
    looked = {f"last_{name}": array for name, array in checkpoint.last_measured.items()}
    run = np.frombuffer(checkpoint.run.encode(), np.uint8)
    content = packed_arrays({**numbers, "run": run, **checkpoint.weights, **looked})
    write_whole(folder / f"checkpoint-{checkpoint.epoch:09}-{_digest(content)}.npz", content)
    for path in checkpoint_files(folder)[KEPT:]:
        with suppress(OSError):
            path.unlink()


def checkpoint_files(folder: Path) -> list[Path]:
    """Return a folder's checkpoints, the newest first."""
    named = [(int(match[1]), path) for path in folder.iterdir() if (match := NAME.fullmatch(path.name))]
    return [path for _, path in sorted(named, reverse=True)]


def load_checkpoint(
    folder: Path,
    run: str,
    shape: NetworkShape,
    sum_of: Callable[[int], int | None],
    say: Callable[[str], None],
) -> Checkpoint | None:
    """Return the newest intact checkpoint whose records are intact too; None where there is none.

    `sum_of(n)` returns the CRC-32 of the first `n` bytes of the records, None where there are fewer. `say` is called
    with a message for each checkpoint that is skipped.
    """
    for path in checkpoint_files(folder):
        try:
            checkpoint = _read_checkpoint(path, run, shape)
        except DataError as error:
            say(f"passed over a checkpoint: {error}")
            continue
        if sum_of(checkpoint.recorded) == checkpoint.records_sum:
            return checkpoint
        say(f"passed over {path.name}: the records up to there aren't what they were")
    return None


def _read_checkpoint(path: Path, run: str, shape: NetworkShape) -> Checkpoint:
    expected = _expected(run, shape)
    content = read_plainly(path, most_bytes(expected))
    match = NAME.fullmatch(path.name)
    if match is None or _digest(content) != match[2]:
        raise DataError(f"{path.name}: damaged: its bytes don't have the sum in its name")
    arrays = unpacked_arrays(path.name, content, expected)
    if arrays["run"].tobytes() != run.encode():
        raise DataError(f"{path.name}: of another run")
    numbers: dict[str, Any] = {name: arrays[name].item() for name in NUMBERS}
    names = shape.expected()
    weights, last_measured = ({name: arrays[prefix + name] for name in names} for prefix in ("", "last_"))
    return Checkpoint(run=run, weights=weights, last_measured=last_measured, **numbers)


def _expected(run: str, shape: NetworkShape) -> dict[str, tuple[tuple[int, ...], str]]:
    parameters = shape.expected()
    looked = {f"last_{name}": about for name, about in parameters.items()}
    return {**NUMBERS, "run": ((len(run.encode()),), "uint8"), **parameters, **looked}


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]


def weights_sum(weights: Mapping[str, Any]) -> int:
    """Return the CRC-32 of weights, in the order of their names."""
    total = 0
    for name in sorted(weights):
        total = zlib.crc32(np.ascontiguousarray(weights[name]).data, total)
    return total


def data_sum(digits: Digits) -> int:
    """Return the CRC-32 of the training images and of the labels with their noise."""
    images, labels = np.ascontiguousarray(digits.train_images), np.ascontiguousarray(digits.train_labels)
    return zlib.crc32(labels.data, zlib.crc32(images.data))
