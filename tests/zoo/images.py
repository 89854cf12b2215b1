"""The images that networks of the zoo learn from: MNIST, Fashion-MNIST, and both of them made smaller.

Nothing is downloaded: MNIST comes with the program, Fashion-MNIST is a folder `fashion` of IDX files, beside the
repository unless `TUIMOVE_ZOO_DATA` says where.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from tuimove.settings.preset import DataKeys
from tuimove.training.image_set import BUNDLED, Digits, choose_digits, read_digits

Pixels = npt.NDArray[np.uint8]
"""(samples, rows, columns)."""

FOLDER_VARIABLE = "TUIMOVE_ZOO_DATA"


def data_folder() -> Path:
    """Return where the folder `fashion` is."""
    beside = Path(__file__).parents[3] / "shared" / "data"
    return Path(os.environ.get(FOLDER_VARIABLE, beside))


def averaged(images: Pixels) -> Pixels:
    """Return images of half as many rows and columns, each pixel the mean of four."""
    samples, rows, columns = images.shape
    fours = images.reshape(samples, rows // 2, 2, columns // 2, 2)
    means: Pixels = ((fours.sum(axis=(2, 4), dtype=np.uint16) + 2) // 4).astype(np.uint8)
    return means


def cropped(images: Pixels) -> Pixels:
    """Return the middle 20 by 20 pixels of images of 28 by 28."""
    middle: Pixels = images[:, 4:24, 4:24]
    return middle


MADE_SMALLER: Mapping[str, Callable[[Pixels], Pixels]] = {"14x14": averaged, "20x20": cropped}
"""By what follows a set's name, such as `fashion-14x14`."""


def load_images(keys: DataKeys, seed: int) -> Digits:
    """Return the images of a specimen's preset; unlike the program, its `data.name` may be `fashion-14x14`."""
    return choose_digits(read_images(keys.name), keys, seed)


@lru_cache(maxsize=2)
def read_images(name: str) -> Digits:
    """Return a whole set of images."""
    of_set, _, size = name.partition("-")
    digits = read_digits(of_set if of_set == BUNDLED else str(data_folder() / of_set))
    return replace(_resized(digits, MADE_SMALLER[size]) if size else digits, name=name)


def _resized(digits: Digits, resize: Callable[[Pixels], Pixels]) -> Digits:
    train, test = (
        resize(images.reshape(-1, *digits.image_shape)) for images in (digits.train_images, digits.test_images)
    )
    rows, columns = train.shape[1:]
    return replace(digits, train_images=_flat(train), test_images=_flat(test), image_shape=(rows, columns))


def _flat(images: Pixels) -> Pixels:
    return np.ascontiguousarray(images.reshape(len(images), -1))
