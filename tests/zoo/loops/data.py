"""The data that the second zoo learns from: images, tables and texts, in three sets that don't overlap.

A set to learn from, one to validate on, whose loss the rules may see, and one that is held out, to judge by. Nothing
is downloaded: MNIST comes with the program, the texts with Python, the digits with scikit-learn, the tables from a
formula. Fashion-MNIST is a folder `fashion` of IDX files, beside the repository unless `TUIMOVE_ZOO_DATA` says where.
"""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from typing import Any

import numpy as np
import numpy.typing as npt

from tests.zoo.images import data_folder
from tests.zoo.loops.configurations import IMAGES, TEXTS
from tuimove.training.image_set import read_digits

Array = npt.NDArray[Any]

VALIDATION, HELD_OUT = 1_000, 4_000
"""Most samples of those sets."""

CONTEXT = 48
"""Characters of a text that are seen at once."""
STRIDE = 16
"""Characters from one window of a text to the next that is learnt from."""
CHARACTERS = "".join(map(chr, range(32, 127))) + "\n"
"""What a text is made of; others are left out."""
CODE = ("argparse", "typing", "inspect", "tarfile", "subprocess", "zipfile", "shutil", "dataclasses")
MODULES = {"code": CODE, "modules": ("calendar", "configparser", "difflib", "email.message", "pickle", "statistics",
                                    "traceback", "unittest.case")}  # fmt: skip
"""By name of the text, the modules of the standard library whose source it is."""

TABLE_FORMULAS = {"tables-a": (101, 20, 6), "tables-b": (202, 14, 5), "tables-c": (303, 24, 7)}
"""Seed, columns and classes."""


@dataclass(frozen=True)
class Samples:
    """Inputs, and what is to be said of each."""

    inputs: Array
    """(samples, columns), or characters' numbers (samples, CONTEXT)."""
    labels: Array
    """(samples,), or of each next character (samples, CONTEXT)."""

    def __len__(self) -> int:
        return len(self.inputs)

    def first(self, count: int) -> Samples:
        """Return the first so many."""
        return Samples(self.inputs[:count], self.labels[:count])


@dataclass(frozen=True)
class Split:
    """One set of data."""

    train: Samples
    validation: Samples
    held_out: Samples
    classes: int


@lru_cache(maxsize=4)
def read_split(name: str) -> Split:
    """Return a whole set of data by its name."""
    if name in IMAGES:
        return _read_images("mnist" if name == "mnist" else str(data_folder() / name))
    if name in TEXTS:
        return _read_text(name)
    return _read_digits() if name == "digits" else _made_tables(*TABLE_FORMULAS[name])


def _read_images(name: str) -> Split:
    images = read_digits(name)
    pixels, labels = images.train_images.astype(np.float32) / np.float32(255), images.train_labels.astype(np.int64)
    held_out = Samples(images.test_images.astype(np.float32) / np.float32(255), images.test_labels.astype(np.int64))
    train = Samples(pixels[:-VALIDATION], labels[:-VALIDATION])
    return Split(train, Samples(pixels[-VALIDATION:], labels[-VALIDATION:]), held_out.first(HELD_OUT), images.classes)


def _read_digits() -> Split:
    from sklearn.datasets import load_digits

    digits = load_digits()
    order = np.random.default_rng(0).permutation(len(digits.target))
    inputs, labels = digits.data[order].astype(np.float32) / np.float32(16), digits.target[order].astype(np.int64)
    return _divided(inputs, labels, 1_200, 200, 10)


def _divided(inputs: Array, labels: Array, train: int, validation: int, classes: int) -> Split:
    ends = (train, train + validation)
    first, second, third = map(Samples, np.split(inputs, ends), np.split(labels, ends))
    return Split(first, second, third, classes)


def _made_tables(seed: int, columns: int, classes: int) -> Split:
    """Return rows of numbers that depend on one another, and the classes that a fixed network of two layers gives."""
    random = np.random.default_rng(seed)
    rows = random.standard_normal((14_000, columns)) @ (np.eye(columns) + 0.3 * random.standard_normal((columns,) * 2))
    rows /= rows.std(axis=0)
    hidden = np.tanh(rows @ random.standard_normal((columns, 24)) / 2)
    scores = hidden @ random.standard_normal((24, classes))
    scores += 0.3 * random.standard_normal(scores.shape)
    return _divided(rows.astype(np.float32), scores.argmax(axis=1).astype(np.int64), 10_000, 1_000, classes)


def _read_text(name: str) -> Split:
    numbers = {character: number for number, character in enumerate(CHARACTERS)}
    text = np.array([numbers[one] for one in _text(name) if one in numbers], dtype=np.int64)
    ends = (len(text) * 8 // 10, len(text) * 9 // 10)
    train, validation, held_out = np.split(text, ends)
    return Split(_windows(train, STRIDE), _windows(validation, 4 * CONTEXT).first(100),
                 _windows(held_out, CONTEXT).first(200), len(CHARACTERS))  # fmt: skip


def _text(name: str) -> str:
    if name == "english":
        return "\n".join(import_module("pydoc_data.topics").topics.values())
    return "\n".join(inspect.getsource(import_module(module)) for module in MODULES[name])


def _windows(text: Array, stride: int) -> Samples:
    """Return windows of a text, and the same one character later."""
    found = np.lib.stride_tricks.sliding_window_view(text, CONTEXT + 1)[::stride]
    return Samples(found[:, :-1].copy(), found[:, 1:].copy())
