"""A preset's number of training images beside data that it wasn't written for and that have fewer.

`data.train` of a preset says how many of its own images are enough. Where the command line names other data and no
number, all of them are taken if they are fewer, and that is said; a number that was typed is never changed.
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
    """Return the change that makes a preset take all images of a folder; None where it needs none.

    Parameters
    ----------
    preset
        With the overrides laid over it.
    overrides
        What was typed.
    """
    typed = {override.key: override.source for override in overrides}
    if NAME not in typed or TRAIN in typed or preset.data.train is None:
        return None
    count = _images_in(preset.data.name)
    return Override(typed[NAME], TRAIN, count) if count and count < preset.data.train else None


def fitted_words(preset: Preset, fitted: Override) -> str:
    """Return what to say of that change: `preset` is the one before it."""
    return (
        f"{NOTICE}{TRAIN} = {preset.data.train} of the preset: {shown_path(preset.data.name)} has {fitted.value} "
        "training images, and all are taken"
    )


def _images_in(name: str) -> int | None:
    """Return how many training images a data set says that it has, None where it can't be read: that is said later."""
    try:
        path = find_parts(data_folder(name))["train_images"]
        with open_unpacked(path) as stream:
            return read_header(path, stream, is_images=True).shape[0]
    except (DataError, OSError, EOFError, ValueError, zlib.error):
        return None
