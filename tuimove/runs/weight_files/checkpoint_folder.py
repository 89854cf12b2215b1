"""Folders that are one checkpoint, such as `checkpoint-500/model.safetensors`, whole or in several files."""

from __future__ import annotations

import json
import re
from pathlib import Path

from tuimove.errors import DataError
from tuimove.settings.files import names_in, read_named, shown_path

WHOLE = (
    "model.safetensors", "adapter_model.safetensors", "diffusion_pytorch_model.safetensors", "pytorch_model.bin",
    "adapter_model.bin", "model.weights.h5",
)  # fmt: skip
"""Names that a checkpoint's only file of weights has, the best first."""
INDEX = re.compile(r".+\.(?:safetensors|bin)\.index\.json")
"""Name of the file that says which arrays are in which file."""
SHARD = re.compile(r"(?P<model>.+)-(?P<number>\d{5})-of-(?P<count>\d{5})\.(?:safetensors|bin|pt)")
COMPANIONS = ("optimizer", "scheduler", "scaler", "rng_state", "training_args", "trainer_state")
"""What the names of files begin with that hold a training's state, and no weights."""
MOST_INDEX = 1 << 25
"""Most bytes of an index."""


def files_of_checkpoint(folder: Path) -> list[Path]:
    """Return the files of weights of a folder that is one checkpoint; none where it isn't.

    Raises
    ------
    DataError
        When the folder can't be read, or files of it are missing.
    """
    names = names_in(folder)
    index = next(filter(INDEX.fullmatch, names), None)
    shards = _indexed(folder / index) if index else _numbered(folder, names)
    if missing := sorted(set(shards) - set(names)):
        raise DataError(f"{shown_path(folder / missing[0])}: missing, and other files of this checkpoint are there")
    whole = next((name for name in WHOLE if name in names), None)
    return [folder / name for name in shards] if shards else [folder / whole] if whole else []


def is_companion(name: str) -> bool:
    """Return whether a file holds an optimizer's or a scheduler's state."""
    return name.startswith(COMPANIONS)


def _indexed(path: Path) -> list[str]:
    """Return the files that an index names; raises a DataError where it isn't one."""
    try:
        table = json.loads(read_named(path, MOST_INDEX))["weight_map"]
        names = sorted(set(table.values()))
        if all(isinstance(name, str) and name == Path(name).name for name in names):
            return names
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        pass
    raise DataError(f"{shown_path(path)}: not an index of a checkpoint's files") from None


def _numbered(folder: Path, names: list[str]) -> list[str]:
    """Return the names `model-00001-of-00003` to the last of them; raises a DataError where one is missing."""
    found = [match for match in map(SHARD.fullmatch, names) if match]
    if not found:
        return []
    model, count = found[0]["model"], found[0]["count"]
    ours = [match.string for match in found if (match["model"], match["count"]) == (model, count)]
    if len(ours) != int(count):
        raise DataError(f"{shown_path(folder)}: {len(ours)} of the {int(count)} files of this checkpoint are there")
    return ours
