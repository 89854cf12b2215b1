"""Data sets of labelled images: the bundled MNIST, or a folder of IDX files of one's own.

Reads and checks files and gives plain arrays; the kernels' own layout of the pixels is made elsewhere.
The IDX format is described on the page of the MNIST database (see `tuimove/mnist/README.md`).
"""

import gzip
import io
import math
import os
import zlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO, NoReturn

import numpy as np
import numpy.typing as npt
import psutil

from tuimove.data_folder import data_folder
from tuimove.errors import DataError, nearest_of
from tuimove.files import names_in, open_regular, reason_of, shown_path
from tuimove.preset import DataKeys

Bytes = npt.NDArray[np.uint8]

FILES = {
    "train_images": "train-images-idx3-ubyte",
    "train_labels": "train-labels-idx1-ubyte",
    "test_images": "t10k-images-idx3-ubyte",
    "test_labels": "t10k-labels-idx1-ubyte",
}
"""The usual name of each part; `.gz` may follow."""

UNSIGNED_BYTE = 8
"""The IDX code of the only element type that images and labels come in."""

MOST_INPUTS = 65536
"""The kernels number a pixel with 16 bits."""


@dataclass(frozen=True)
class Digits:
    """A training and a test set of labelled images."""

    name: str
    train_images: Bytes
    """Pixels, (samples, inputs), 0 to 255."""
    train_labels: Bytes
    """Classes, (samples,)."""
    test_images: Bytes
    """Pixels, (samples, inputs)."""
    test_labels: Bytes
    """Classes, (samples,)."""
    image_shape: tuple[int, int]
    """Rows and columns of an image."""
    classes: int
    """One more than the largest label; the network's output width."""

    @property
    def inputs(self) -> int:
        """Pixels of an image; the network's input width."""
        return math.prod(self.image_shape)

    def live_inputs(self) -> npt.NDArray[np.bool_]:
        """Return, (inputs,), which pixels are ever non-zero in training; the others' weights cannot move."""
        return np.asarray(self.train_images.any(axis=0))


def describe_data(digits: Digits) -> dict[str, int]:
    """Return the sizes of a data set as a run's record has them, by which another one is mostly told from it."""
    return {
        "train": len(digits.train_images),
        "test": len(digits.test_images),
        "inputs": digits.inputs,
        "live_inputs": int(digits.live_inputs().sum()),
        "classes": digits.classes,
    }


def load_digits(keys: DataKeys, seed: int) -> Digits:
    """Return the data set a preset names, cut to its size and with its label noise.

    Raises
    ------
    DataError
        When a file is missing, damaged or doesn't fit the others, or the set is too small.
    """
    return choose_digits(read_digits(keys.name), keys, seed)


def read_digits(name: str) -> Digits:
    """Return a whole data set, `mnist` or a folder's; raises a DataError as `load_digits` does."""
    return _read_folder(name, data_folder(name))


def choose_digits(digits: Digits, keys: DataKeys, seed: int) -> Digits:
    """Return of a whole data set what a preset asks for; raises a DataError when it is too small."""
    if keys.train is not None:
        digits = _first_samples(digits, keys.train)
    return _with_label_noise(digits, keys.label_noise, seed)


def _read_folder(name: str, folder: Path) -> Digits:
    arrays = {part: _read_idx(_find_file(folder, stem)) for part, stem in FILES.items()}
    for half in ("train", "test"):
        images, labels = arrays[f"{half}_images"], arrays[f"{half}_labels"]
        if len(images) != len(labels):
            raise DataError(
                f"{folder}: {len(images)} images in {FILES[f'{half}_images']} "
                f"but {len(labels)} labels in {FILES[f'{half}_labels']}"
            )
    shapes = {half: arrays[f"{half}_images"].shape[1:] for half in ("train", "test")}
    if shapes["train"] != shapes["test"]:
        raise DataError(
            f"{folder}: training images of {_by(shapes['train'])} pixels but test images of {_by(shapes['test'])}"
        )
    classes = 1 + max(int(arrays["train_labels"].max()), int(arrays["test_labels"].max()))
    if classes < 2:
        raise DataError(f"{shown_path(folder)}: every label is 0; a classifier needs at least two classes")
    flat = {part: array.reshape(len(array), -1) if array.ndim > 1 else array for part, array in arrays.items()}
    return Digits(name=name, image_shape=shapes["train"], classes=classes, **flat)


def _by(shape: tuple[int, ...]) -> str:
    return "x".join(map(str, shape))


def _find_file(folder: Path, stem: str) -> Path:
    spellings = (stem, f"{stem}.gz")
    for name in spellings:
        if os.path.lexists(folder / name):  # whatever it is: opening it says why it can't be read
            return folder / name
    names = names_in(folder)
    if hidden := [name for name in spellings if name in names]:  # in a folder that can be listed, but not entered
        return folder / hidden[0]
    raise DataError(f"{shown_path(folder)}: no {stem} or {stem}.gz{nearest_of(stem, names)}")


def _read_idx(path: Path) -> Bytes:
    """Read an IDX file of images (three dimensions) or labels (one), plain or gzipped."""
    try:
        with io.BufferedReader(open_regular(path, follows_link=True)) as raw:
            zipped = raw.read(2) == b"\x1f\x8b"
            raw.seek(0)
            if zipped:
                with gzip.open(raw) as unzipped:
                    return _parse_idx(path, unzipped)  # type: ignore[arg-type]
            return _parse_idx(path, raw)
    except EOFError:
        _refuse(path, "truncated: the compressed data end too soon")
    except (zlib.error, gzip.BadGzipFile) as error:
        _refuse(path, f"damaged compressed data ({error})")
    except OSError as error:
        _refuse(path, reason_of(error))


def _parse_idx(path: Path, stream: BinaryIO) -> Bytes:
    shape = _read_header(path, stream)
    size = math.prod(shape)
    if 0 in shape:
        _refuse(path, f"empty: its header says {_by(shape)}")
    if len(shape) > 1 and math.prod(shape[1:]) > MOST_INPUTS:
        _refuse(path, f"images of {_by(shape[1:])} pixels; at most {MOST_INPUTS:,} pixels are supported")
    if size > psutil.virtual_memory().available:
        _refuse(path, f"its header says {_by(shape)} bytes, more than there is free memory")
    content = np.empty(size, np.uint8)
    filled = _fill(content, stream)
    if filled < size:
        _refuse(path, f"truncated: {filled:,} of the {size:,} bytes its header says ({_by(shape)})")
    if stream.read(1):
        _refuse(path, f"longer than its header says ({_by(shape)})")
    return content.reshape(shape)


def _fill(content: Bytes, stream: BinaryIO) -> int:
    """Read into `content` until it is full or the stream ends; return how many bytes were read."""
    view, filled = content.data, 0
    while got := stream.readinto(view[filled:]):  # type: ignore[attr-defined]
        filled += got
    return filled


def _read_header(path: Path, stream: BinaryIO) -> tuple[int, ...]:
    """Return the shape that the header gives, after checking the magic number."""
    dimensions = 3 if "idx3" in path.name else 1
    wanted = bytes([0, 0, UNSIGNED_BYTE, dimensions])
    magic = stream.read(4)
    if magic != wanted:
        _refuse(path, f"wrong magic number 0x{magic.hex() or '0'}, expected 0x{wanted.hex()}")
    header = stream.read(4 * dimensions)
    if len(header) < 4 * dimensions:
        _refuse(path, "truncated: it ends inside its header")
    return tuple(int(length) for length in np.frombuffer(header, ">u4"))


def _refuse(path: Path, complaint: str) -> NoReturn:
    raise DataError(f"{shown_path(path)}: {complaint}")


def _first_samples(digits: Digits, count: int) -> Digits:
    there_are = len(digits.train_images)
    if count > there_are:
        raise DataError(f"data.train = {count}: {digits.name} has {there_are} training images")
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
