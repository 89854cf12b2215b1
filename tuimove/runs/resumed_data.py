"""The data of a run that is resumed: where they are now, and whether they are those that it began with."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from tuimove.errors import DataError, TuimoveError
from tuimove.recording.checkpoint import Checkpoint
from tuimove.recording.folder.checkpoint_files import data_sum
from tuimove.recording.folder.run_folder import RunFolder
from tuimove.recording.folder.store import PRESET, kept_preset
from tuimove.recording.record import MeasurementRecord, RunRecord
from tuimove.settings.data_name import placed_name
from tuimove.settings.files import shown_path
from tuimove.settings.preset import Preset
from tuimove.training.data_folder import data_folder, refound_data
from tuimove.training.image_set import Digits, describe_data

LAST_DIGITS = 1e-5
"""Relative difference of a loss that another processor may bring about before the first update."""


def with_data_found(
    preset: Preset, folder: Path, moved: Path | None, say: Callable[[str], None] = lambda _: None
) -> Preset:
    """Return a run's preset with its data where they are now.

    Parameters
    ----------
    preset
        As it was recorded.
    folder
        Of the run.
    moved
        The folder that the data are said to be in; looked for when None, see `refound_data`.
    say
        Called with where they were found, unless that is what was recorded.

    Raises
    ------
    DataError
        When they aren't there.
    """
    if moved is None:
        name = refound_data(preset.data.name, folder, _kept_name(folder), say)
    else:
        name = placed_name(str(moved))
        data_folder(name)
    return replace(preset, data=replace(preset.data, name=name))


def _kept_name(folder: Path) -> str | None:
    """Return where the folder's own preset says that the data are, if it can be read."""
    try:
        return kept_preset(folder).data.name
    except TuimoveError:
        return None


def keep_data_place(preset: Preset, run_folder: RunFolder) -> None:
    """Have a run's folder say where its data are, so that whoever resumes it next needn't be told."""
    if _kept_name(run_folder.folder) != preset.data.name:
        run_folder.keep_file(PRESET, preset.as_toml().encode())


def require_same_data(record: RunRecord | None, checkpoint: Checkpoint | None, digits: Digits) -> None:
    """Raise a DataError when these aren't the images and labels of a run's record and its checkpoint."""
    if checkpoint and checkpoint.data_sum != data_sum(digits):
        raise DataError(f"{shown_path(digits.name)}: not the training images and labels that the run began with")
    described = describe_data(digits)
    recorded = {name: record.data[name] for name in described if record.data[name]} if record else {}
    for name, count in recorded.items():
        if described[name] != count:
            raise DataError(
                f"{shown_path(digits.name)}: not the data that the run began with: "
                f"{name} = {described[name]}, and it was {count}"
            )


def require_same_start(recorded: Mapping[str, Any], measured: MeasurementRecord) -> None:
    """Raise a DataError when a run measures another loss before its first update than it did on its own data."""
    loss = recorded.get("loss")
    if measured.epoch or recorded.get("epoch") != 0 or not isinstance(loss, int | float):
        return
    if not math.isclose(loss, measured.loss, rel_tol=LAST_DIGITS):
        raise DataError(
            f"not the data that the run began with: the loss at its start is {measured.loss:g}, and it was {loss:g}"
        )
