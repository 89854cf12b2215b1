"""The checkpoints that a user names, one by one or by their folder, in the order of their steps."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

from tuimove.errors import DataError
from tuimove.runs.checkpoints.numbering import common_pattern, step_in, telling_names
from tuimove.runs.weight_files.checkpoint_folder import files_of_checkpoint, is_companion
from tuimove.runs.weight_files.name_order import natural_key
from tuimove.runs.weight_files.opening import ENDINGS, has_format
from tuimove.settings.files import is_folder, names_in, shown_path
from tuimove.settings.wording import Say

MOST_SHOWN = 3
"""Most names in a message."""


@dataclass(frozen=True)
class Checkpoint:
    """A file of weights, or a folder that is one checkpoint."""

    path: Path
    step: int | None
    """The step that its name tells, or later the one it counts as; None where the name tells none."""


def named_checkpoints(paths: Sequence[Path], say: Say) -> list[Checkpoint]:
    """Return the checkpoints that a user has named, in the order given; those of a folder sorted by step, or by name.

    Raises
    ------
    DataError
        When there are none, one has no step in its name though others do, or steps repeat or go backwards.
    """
    if len(paths) == 1 and is_folder(paths[0]) and not is_one_checkpoint(paths[0]):
        return folder_checkpoints(paths[0], say)
    pattern = common_pattern(telling_names(list(paths)))
    steps = [step_in(name, pattern) if pattern else None for name in telling_names(list(paths))]
    if pattern and None in steps:
        nameless = paths[steps.index(None)]
        raise DataError(f"{shown_path(nameless)}: no step in its name, though others have one")
    return [Checkpoint(path, step) for path, step in zip(paths, steps, strict=True)]


def folder_checkpoints(folder: Path, say: Say) -> list[Checkpoint]:
    """Return a folder's checkpoints by step, or by name; those without a step where others have one are passed over.

    Raises
    ------
    DataError
        When there are none, or the folder can't be read.
    """
    found = places_in(folder)
    if not found:
        raise DataError(f"{shown_path(folder)}: no checkpoints in this folder ({ENDINGS})")
    pattern = common_pattern(path.name for path in found)
    listed = [Checkpoint(path, step_in(path.name, pattern) if pattern else None) for path in found]
    if pattern:
        tell_nameless([one.path for one in listed if one.step is None], say)
        listed = [one for one in listed if one.step is not None]
    return sorted(listed, key=lambda one: (one.step or 0, natural_key(one.path.name)))


def tell_nameless(paths: Sequence[Path], say: Say) -> None:
    """Say which files have no step in their names, though others do."""
    if paths:
        names = ", ".join(path.name for path in paths[:MOST_SHOWN]) + ", ..." * (len(paths) > MOST_SHOWN)
        say(f"passed over: {names}: no step in the name, though others have one")


def places_in(folder: Path) -> list[Path]:
    """Return what a folder holds that may be checkpoints: files by their names' ends, and folders that are one."""
    names = names_in(folder)
    inner = [folder / name for name in names if os.path.isdir(folder / name) and is_one_checkpoint(folder / name)]
    own = {path.name for path in _own_files(folder)} if inner else set()
    files = [folder / name for name in names if has_format(name) and not is_companion(name) and name not in own]
    return [*inner, *(path for path in files if not os.path.isdir(path))]


def is_one_checkpoint(folder: Path) -> bool:
    """Return whether a folder is one checkpoint: its files of weights are those of one, and no folder in it is one."""
    own = {path.name for path in _own_files(folder)}
    if not own:
        return False
    names = names_in(folder)
    others = {name for name in names if has_format(name) and not is_companion(name)} - own
    inner = (folder / name for name in names if os.path.isdir(folder / name) and not os.path.islink(folder / name))
    return not others and not any(_own_files(path) for path in inner)


def _own_files(folder: Path) -> list[Path]:
    """Return the files of a folder that is a checkpoint; none where it isn't a whole one."""
    try:
        return files_of_checkpoint(folder)
    except DataError:
        return []


def require_rising(listed: Sequence[Checkpoint]) -> None:
    """Raise a DataError where a step isn't larger than the one before it."""
    for before, one in pairwise(listed):
        assert one.step is not None
        assert before.step is not None
        if one.step <= before.step:
            words = "is again" if one.step == before.step else "goes back to"
            raise DataError(f"{shown_path(one.path)}: {words} step {one.step:,}, after {shown_path(before.path.name)}"
                            f" at step {before.step:,}")  # fmt: skip


def with_steps(listed: Sequence[Checkpoint], noted: Sequence[int | None], *, is_sorted: bool) -> list[Checkpoint]:
    """Return checkpoints with steps: from their names, else as the files note, else 1, 2, 3 and so on.

    Parameters
    ----------
    listed
        All with a step from the name, or none.
    noted
        What each file says.
    is_sorted
        Whether they may be put into the order of the steps that the files note.

    Raises
    ------
    DataError
        When steps repeat or go backwards.
    """
    known = [one.step for one in listed]
    if None in known:
        known = list(noted) if None not in noted else list(range(1, len(listed) + 1))
    stepped = [replace(one, step=step) for one, step in zip(listed, known, strict=True)]
    if is_sorted:
        stepped.sort(key=lambda one: one.step or 0)
    require_rising(stepped)
    return stepped
