"""The training data of a resumed run: finds them where they are now and checks that they are the same."""

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
"""Relative difference of a loss that another processor may cause before the first update."""


def with_data_found(
    preset: Preset, folder: Path, moved: Path | None, say: Callable[[str], None] = lambda _: None
) -> Preset:
    """Return a run's preset with the current place of its data.

    Parameters
    ----------
    preset
        Preset as it was recorded.
    folder
        The run's folder.
    moved
        New folder of the data as given by the user; None to search, see `refound_data`.
    say
        Called with the place, where it differs from the recorded one.

    Raises
    ------
    DataError
        When the data aren't there.
    """
    if moved is None:
        name = refound_data(preset.data.name, folder, _kept_name(folder), say)
    else:
        name = placed_name(str(moved))
        data_folder(name)
    return replace(preset, data=replace(preset.data, name=name))


def _kept_name(folder: Path) -> str | None:
    """Return the data's place according to the folder's `preset.toml`, None where it can't be read."""
    try:
        return kept_preset(folder).data.name
    except TuimoveError:
        return None


def keep_data_place(preset: Preset, run_folder: RunFolder) -> None:
    """Write the data's place into a run's folder, so that the next resume finds them."""
    if _kept_name(run_folder.folder) != preset.data.name:
        run_folder.keep_file(PRESET, preset.as_toml().encode())


def require_same_data(record: RunRecord | None, checkpoint: Checkpoint | None, digits: Digits) -> None:
    """Raise a DataError unless these are the images and labels of a run's record and its checkpoint."""
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
    """Raise a DataError when the loss before the first update differs from the recorded one."""
    loss = recorded.get("loss")
    if measured.epoch or recorded.get("epoch") != 0 or not isinstance(loss, int | float):
        return
    if not math.isclose(loss, measured.loss, rel_tol=LAST_DIGITS):
        raise DataError(
            f"not the data that the run began with: the loss at its start is {measured.loss:g}, and it was {loss:g}"
        )
