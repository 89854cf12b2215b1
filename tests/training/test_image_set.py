"""Data sets: the bundled one is the real one, and a damaged folder is refused in words."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Callable
from importlib import resources
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conftest import idx_bytes, random_digits, write_idx_folder
from tuimove.errors import DataError
from tuimove.settings.preset import DataKeys
from tuimove.training.image_set import FILES, Digits, load_digits

SHA256 = {
    "train-images-idx3-ubyte.gz": "0b367032e93c5d0cea0925647cfdb18614af8ee15f83e6f2fc2ad904a6835971",
    "train-labels-idx1-ubyte.gz": "1787548bbe0bff1ec2ecdc0ef292b02df999e2d1a6002d27500982c652b17203",
    "t10k-images-idx3-ubyte.gz": "1a1a05eab793c14bb050b398624a11b0ffd1a2953baed553b1b9bd079e2a20be",
    "t10k-labels-idx1-ubyte.gz": "b91679a0acfe4ba0e50a2437a903084cba1f5f92592b016a25a7dfd00455798b",
}


def test_the_bundled_files_are_the_original_ones() -> None:
    folder = resources.files("tuimove.training") / "mnist"
    sums = {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in SHA256}
    assert sums == SHA256


def test_mnist_is_as_everybody_knows_it() -> None:
    digits = load_digits(DataKeys(), seed=1)
    assert digits.train_images.shape == (60000, 784)
    assert digits.test_images.shape == (10000, 784)
    assert digits.train_labels[:10].tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]
    assert digits.classes == 10
    assert digits.live_inputs().sum() == 717
    assert np.count_nonzero(digits.train_images) / digits.train_images.size == pytest.approx(0.1912, abs=1e-4)


@pytest.mark.parametrize("zipped", [False, True])
def test_a_folder_of_one_s_own_is_read(tmp_path: Path, zipped: bool) -> None:
    expected = random_digits(30, (3, 5), 256)
    write_idx_folder(tmp_path, expected, zipped=zipped)
    got = load_digits(DataKeys(name=str(tmp_path)), seed=1)
    assert (got.inputs, got.classes, got.image_shape) == (15, 256, (3, 5))
    for part in FILES:
        assert np.array_equal(getattr(got, part), getattr(expected, part)), part


def test_the_first_samples_are_taken(idx_folder: Path, digits: Digits) -> None:
    got = load_digits(DataKeys(name=str(idx_folder), train=7), seed=1)
    assert np.array_equal(got.train_images, digits.train_images[:7])
    assert len(got.test_images) == len(digits.test_images)


def test_label_noise_replaces_its_share_and_depends_on_the_seed_alone(idx_folder: Path, digits: Digits) -> None:
    def noisy(noise: float, seed: int) -> np.ndarray:
        return load_digits(DataKeys(name=str(idx_folder), label_noise=noise), seed).train_labels

    changed = (noisy(0.4, 1) != digits.train_labels).mean()
    assert 0.2 < changed <= 0.4  # a quarter of 40 % is replaced by the same class
    assert np.array_equal(noisy(0.4, 1), noisy(0.4, 1))
    assert not np.array_equal(noisy(0.4, 1), noisy(0.4, 2))
    assert np.array_equal(noisy(0, 1), digits.train_labels)
    agreeing = (noisy(1.0, 1) == digits.train_labels).mean()
    assert 0.1 < agreeing < 0.4  # guessing, with four classes


IMAGES, LABELS = FILES["train_images"], FILES["train_labels"]
Damage = Callable[[Path], object]


def rewrite(name: str, change: Callable[[bytes], bytes]) -> Damage:
    return lambda folder: (folder / name).write_bytes(change((folder / name).read_bytes()))


@pytest.mark.parametrize(
    ("damage", "expected"),
    [
        pytest.param(lambda f: (f / LABELS).unlink(), f"no {LABELS}; looked for", id="missing"),
        pytest.param(
            lambda f: (f / IMAGES).rename(f / "train-image-idx3-ubyte"),
            "did you mean 'train-image-idx3-ubyte'?",
            id="misnamed",
        ),
        pytest.param(rewrite(IMAGES, lambda b: b[:-9]), "truncated: 5,991 of the 6,000 bytes", id="truncated"),
        pytest.param(rewrite(IMAGES, lambda b: b[:9]), "ends inside its header", id="header cut"),
        pytest.param(rewrite(IMAGES, lambda _: b""), "empty, not an IDX file", id="empty"),
        pytest.param(rewrite(LABELS, lambda b: b + b"x"), "longer than its header says", id="too long"),
        pytest.param(rewrite(IMAGES, lambda b: b"\0\0\x0d\3" + b[4:]), "holds 32-bit floats", id="floats"),
        pytest.param(
            lambda f: (f / IMAGES).write_bytes((f / LABELS).read_bytes()),
            "holds unsigned bytes in 1 dimension, as labels do",
            id="labels for images",
        ),
        pytest.param(rewrite(LABELS, lambda _: idx_bytes(np.zeros(3, np.uint8))), "200 images in", id="fewer labels"),
        pytest.param(
            rewrite(IMAGES, lambda _: idx_bytes(np.zeros((200, 5, 6), np.uint8))),
            "training images of 5x6 pixels but test images of 6x5",
            id="another shape",
        ),
        pytest.param(
            rewrite(IMAGES, lambda _: idx_bytes(np.zeros((0, 5, 6), np.uint8))),
            "empty: its header",
            id="no images",
        ),
        pytest.param(
            rewrite(IMAGES, lambda _: b"\0\0\x08\3" + b"\x7f\xff\xff\xff" + b"\0\0\1\0" * 2),
            "more than there is free memory",
            id="absurd header",
        ),
        pytest.param(
            rewrite(IMAGES, lambda _: b"\0\0\x08\3" + b"\0\0\0\1" + b"\0\1\0\0" * 2),
            "at most 65,536 pixels",
            id="huge images",
        ),
        pytest.param(rewrite(IMAGES, lambda b: gzip.compress(b)[:-50]), "compressed data", id="gzip cut"),
        pytest.param(
            rewrite(IMAGES, lambda b: gzip.compress(b)[:100] + b"x" * 50 + gzip.compress(b)[150:]),
            "damaged compressed data",
            id="gzip damaged",
        ),
    ],
)
def test_a_damaged_folder_is_refused_with_the_file_s_name(idx_folder: Path, damage: Damage, expected: str) -> None:
    damage(idx_folder)
    with pytest.raises(DataError) as raised:
        load_digits(DataKeys(name=str(idx_folder)), seed=1)
    assert expected in str(raised.value)
    assert str(idx_folder) in str(raised.value)


def test_more_samples_than_there_are_is_refused(idx_folder: Path) -> None:
    with pytest.raises(DataError, match=r"data.train = 201: .* has 200 training images"):
        load_digits(DataKeys(name=str(idx_folder), train=201), seed=1)


@pytest.mark.parametrize("label", [0, 1, 5, 255])
def test_one_class_is_refused_whichever_it_is(tmp_path: Path, label: int) -> None:
    digits = random_digits(30, (3, 5), 1)
    for labels in (digits.train_labels, digits.test_labels):
        labels += np.uint8(label)
    write_idx_folder(tmp_path, digits)
    with pytest.raises(DataError, match=f"every label is {label}; a classifier needs at least two classes"):
        load_digits(DataKeys(name=str(tmp_path)), seed=1)


def test_an_unknown_data_set_is_named() -> None:
    with pytest.raises(DataError, match=r"data\.name = 'mnits': neither 'mnist' nor a folder; did you mean 'mnist'"):
        load_digits(DataKeys(name="mnits"), seed=1)


@given(position=st.integers(0, 300), value=st.integers(0, 255), zipped=st.booleans())
@settings(max_examples=200, deadline=None)
def test_any_flipped_byte_gives_a_data_set_or_an_error_in_words(
    tmp_path_factory: pytest.TempPathFactory, position: int, value: int, zipped: bool
) -> None:
    folder = write_idx_folder(tmp_path_factory.mktemp("flipped"), random_digits(10, (3, 3), 3), zipped=zipped)
    path = folder / (IMAGES + ".gz" * zipped)
    content = bytearray(path.read_bytes())
    content[position % len(content)] = value
    path.write_bytes(content)
    try:
        load_digits(DataKeys(name=str(folder)), seed=1)
    except DataError as error:
        assert str(folder) in str(error)
