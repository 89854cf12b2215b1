"""Loads data sets of labelled images: the bundled MNIST, or a user's folder of IDX files.

Returns checked plain arrays; `image_layout.py` makes the kernels' own layout. The IDX format is described on the page
of the MNIST database (see `mnist/README.md`).
"""

import gzip
import math
import zlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO, NoReturn

import numpy as np
import numpy.typing as npt
import psutil

from tuimove.errors import NOTICE, DataError
from tuimove.settings.data_name import BUNDLED
from tuimove.settings.files import reason_of, shown_path
from tuimove.settings.preset import DataKeys
from tuimove.training.data_folder import data_folder
from tuimove.training.data_notices import data_notices
from tuimove.training.idx_folder import FILES, find_parts
from tuimove.training.idx_header import INTEGER, UNSIGNED_BYTE, open_unpacked, read_header

__all__ = ["BUNDLED", "FILES", "Digits", "choose_digits", "load_digits", "read_digits"]

Bytes = npt.NDArray[np.uint8]


MOST_INPUTS = 65536
"""Most pixels of an image: the kernels index a pixel with 16 bits."""

MOST_CLASS = 255
"""Greatest label: a label is a byte."""

ELEMENT_SIZES = {UNSIGNED_BYTE: 1, INTEGER: 4}
"""Bytes per number of the types that can be read."""


@dataclass(frozen=True)
class Digits:
    """A training and a test set of labelled images."""

    name: str
    train_images: Bytes
    """Training pixels, (samples, inputs), 0 to 255."""
    train_labels: Bytes
    """Training classes, (samples,)."""
    test_images: Bytes
    """Test pixels, (samples, inputs), 0 to 255."""
    test_labels: Bytes
    """Test classes, (samples,)."""
    image_shape: tuple[int, int]
    """Rows and columns of an image."""
    classes: int
    """Number of classes, the largest label plus one; the network's output width."""
    notices: tuple[str, ...] = ()
    """Notices about the data, each one line."""

    @property
    def inputs(self) -> int:
        """Pixels of an image; the network's input width."""
        return math.prod(self.image_shape)

    def live_inputs(self) -> npt.NDArray[np.bool_]:
        """Return a mask, (inputs,), of pixels that are ever non-zero in training; other pixels' weights can't move."""
        return np.asarray(self.train_images.any(axis=0))


def describe_data(digits: Digits) -> dict[str, int]:
    """Return the sizes of a data set as a run record holds them, which usually distinguish two sets."""
    return {
        "train": len(digits.train_images),
        "test": len(digits.test_images),
        "inputs": digits.inputs,
        "live_inputs": int(digits.live_inputs().sum()),
        "classes": digits.classes,
    }


def load_digits(keys: DataKeys, seed: int) -> Digits:
    """Return the data set of a preset, reduced to its size and with its label noise.

    Raises
    ------
    DataError
        When a file is missing, damaged or doesn't fit the others, or the set is too small or blank.
    """
    return choose_digits(read_digits(keys.name), keys, seed)


def read_digits(name: str) -> Digits:
    """Return a whole data set, `mnist` or a folder's; raises a DataError as `load_digits` does."""
    return _read_folder(name, data_folder(name))


def choose_digits(digits: Digits, keys: DataKeys, seed: int) -> Digits:
    """Reduce a whole data set to what a preset asks for; raises a DataError when it is too small."""
    if keys.train is not None:
        digits = _first_samples(digits, keys.train)
    digits = replace(digits, notices=_notices(digits))
    return _with_label_noise(digits, keys.label_noise, seed)


def _notices(digits: Digits) -> tuple[str, ...]:
    """Return notices about the training images; raises a DataError where they are blank."""
    try:
        odd = data_notices(digits.train_images, digits.train_labels, digits.test_images, digits.classes)
        return tuple(f"{NOTICE}{digits.name}: {words}" for words in odd)
    except DataError as error:
        raise DataError(f"{digits.name}: {error}") from None


def _read_folder(name: str, folder: Path) -> Digits:
    parts = find_parts(folder)
    arrays = {part: _read_idx(parts[part], is_images="images" in part) for part in FILES}
    for half in ("train", "test"):
        images, labels = arrays[f"{half}_images"], arrays[f"{half}_labels"]
        if len(images) != len(labels):
            raise DataError(
                f"{shown_path(folder)}: {len(images)} images in {parts[f'{half}_images'].name} "
                f"but {len(labels)} labels in {parts[f'{half}_labels'].name}"
            )
    shapes = {half: arrays[f"{half}_images"].shape[1:] for half in ("train", "test")}
    if shapes["train"] != shapes["test"]:
        raise DataError(
            f"{shown_path(folder)}: training images of {_by(shapes['train'])} pixels "
            f"but test images of {_by(shapes['test'])}"
        )
    classes = 1 + max(int(arrays["train_labels"].max()), int(arrays["test_labels"].max()))
    first = int(arrays["train_labels"][0])
    if all((arrays[f"{half}_labels"] == first).all() for half in ("train", "test")):
        raise DataError(f"{shown_path(folder)}: every label is {first}; a classifier needs at least two classes")
    train, test = (arrays[f"{half}_images"].reshape(-1, math.prod(shapes[half])) for half in ("train", "test"))
    return Digits(name, train, arrays["train_labels"], test, arrays["test_labels"], shapes["train"], classes)


def _by(shape: tuple[int, ...]) -> str:
    return "x".join(map(str, shape))


def _read_idx(path: Path, *, is_images: bool) -> Bytes:
    """Read an IDX file of images (samples, rows, columns) or labels (samples,), plain or gzipped."""
    try:
        with open_unpacked(path) as stream:
            return _parse_idx(path, stream, is_images=is_images)
    except EOFError:
        _refuse(path, "truncated: the compressed data end too soon")
    except (zlib.error, gzip.BadGzipFile) as error:
        _refuse(path, f"damaged compressed data ({error})")
    except OSError as error:
        _refuse(path, reason_of(error))


def _parse_idx(path: Path, stream: BinaryIO, *, is_images: bool) -> Bytes:
    element, shape = read_header(path, stream, is_images=is_images)
    size = math.prod(shape) * ELEMENT_SIZES[element]
    if 0 in shape:
        _refuse(path, f"empty: its header says {_by(shape)}")
    if is_images and math.prod(shape[1:]) > MOST_INPUTS:
        _refuse(path, f"images of {_by(shape[1:])} pixels; at most {MOST_INPUTS:,} pixels are supported")
    if size > psutil.virtual_memory().available:
        _refuse(path, f"its header says {_by(shape)} numbers, more than there is free memory")
    content = np.empty(size, np.uint8)
    filled = _fill(content, stream)
    if filled < size:
        _refuse(path, f"truncated: {filled:,} of the {size:,} bytes its header says ({_by(shape)})")
    if stream.read(1):
        _refuse(path, f"longer than its header says ({_by(shape)})")
    return content.reshape(shape) if element == UNSIGNED_BYTE else _classes(path, content.view(">i4").reshape(shape))


def _classes(path: Path, labels: npt.NDArray[np.int32]) -> Bytes:
    """Return the classes of QMNIST's labels, (samples, columns): the first of several columns."""
    classes = labels[:, 0]
    if classes.min() < 0 or classes.max() > MOST_CLASS:
        _refuse(path, f"classes from {classes.min()} to {classes.max()}; those from 0 to {MOST_CLASS} are supported")
    return classes.astype(np.uint8)


def _fill(content: Bytes, stream: BinaryIO) -> int:
    """Read into `content` until it is full or the stream ends; return how many bytes were read."""
    view, filled = content.data, 0
    while got := stream.readinto(view[filled:]):  # type: ignore[attr-defined]
        filled += got
    return filled


def _refuse(path: Path, complaint: str) -> NoReturn:
    raise DataError(f"{shown_path(path)}: {complaint}")


def _first_samples(digits: Digits, count: int) -> Digits:
    there_are = len(digits.train_images)
    if count > there_are:
        raise DataError(
            f"data.train = {count}: {digits.name} has {there_are} training images; data.train={there_are} takes all"
        )
    return replace(digits, train_images=digits.train_images[:count], train_labels=digits.train_labels[:count])


def _with_label_noise(digits: Digits, noise: float, seed: int) -> Digits:
    """Replace a share of the training labels with draws from all classes, the right one included."""
    if noise == 0:
        return digits
    random = np.random.default_rng([seed, 1])  # a stream of its own: the starting weights stay as they are
    labels = digits.train_labels.copy()
    replaced = random.choice(len(labels), size=round(noise * len(labels)), replace=False)
    labels[replaced] = random.integers(digits.classes, size=len(replaced), dtype=np.uint8)
    return replace(digits, train_labels=labels)
