"""Adjusts a preset's number of training images to other data that have fewer.

`data.train` of a preset is a number of its own images. Where the user gives other data and no number, and the data have
fewer images, all of them are used, with a notice; a number that the user has given is never changed.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence

from tuimove.errors import NOTICE, DataError
from tuimove.settings.files import shown_path
from tuimove.settings.preset import Preset
from tuimove.settings.preset_reading import Override
from tuimove.training.data_folder import data_folder
from tuimove.training.idx_folder import find_parts
from tuimove.training.idx_header import open_unpacked, read_header

NAME, TRAIN = "data.name", "data.train"


def fitted_count(preset: Preset, overrides: Sequence[Override]) -> Override | None:
    """Return the override that makes a preset use all images of a folder; None where it needs none.

    Parameters
    ----------
    preset
        Preset with the overrides applied.
    overrides
        Overrides of the user.
    """
    typed = {override.key: override.source for override in overrides}
    if NAME not in typed or TRAIN in typed or preset.data.train is None:
        return None
    count = _images_in(preset.data.name)
    return Override(typed[NAME], TRAIN, count) if count and count < preset.data.train else None


def fitted_words(preset: Preset, fitted: Override) -> str:
    """Return the notice about that override; `preset` is the one before it."""
    return (
        f"{NOTICE}{TRAIN} = {preset.data.train} of the preset: {shown_path(preset.data.name)} has {fitted.value} "
        "training images, and all are taken"
    )


def _images_in(name: str) -> int | None:
    """Return the training images in a data set's header, None where it can't be read, which is reported later."""
    try:
        path = find_parts(data_folder(name))["train_images"]
        with open_unpacked(path) as stream:
            return read_header(path, stream, is_images=True).shape[0]
    except (DataError, OSError, EOFError, ValueError, zlib.error):
        return None
