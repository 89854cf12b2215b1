"""Data sets as other programs leave them: under other names, in other formats, and with contents that are odd.

Each test is of a kind of trouble that was reported of comparable programs and tried on this one:

| report | trouble | tests |
|---|---|---|
| W2 | dotted names, torchvision's folders | `..._names_...`, `..._raw_...`, `..._folders_of_their_own` |
| W3 | EMNIST's and QMNIST's names, hints at the wrong half | `..._names_...`, `..._several_sets_...`, `..._hint_...` |
| W5 | web pages, archives and pointers under the name of an IDX file | `..._says_what_it_is` |
| W6 | other types of numbers and other dimensions | `..._other_numbers_...` |
| W7 | labels that leave classes empty | `..._classes_...` |
| W8 | images that are blank, or scaled already | `..._blank_...`, `..._pixels_...` |
| seen 2 | a preset's number of images beside a smaller folder | `..._fewer_images_...`, `..._typed_...` |
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import pickle
import tarfile
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.conftest import idx_bytes, random_digits, write_idx_folder
from tuimove.command_line.main import main
from tuimove.errors import DataError
from tuimove.settings.file_kinds import kind_of
from tuimove.settings.preset import DataKeys
from tuimove.training.idx_folder import spelled
from tuimove.training.image_set import FILES, Digits, load_digits, read_digits

DIGITS = random_digits(40, (4, 3), 3)
Naming = Callable[[str], str]

NAMINGS: dict[str, Naming] = {
    "dotted": lambda name: name.replace("-idx", ".idx"),
    "dotted, test for t10k": lambda name: name.replace("-idx", ".idx").replace("t10k", "test"),
    "EMNIST": lambda name: f"emnist-letters-{name.replace('t10k', 'test')}",
    "QMNIST": lambda name: f"qmnist-{name.replace('t10k', 'test')}",
    "capitals": str.upper,
}


def write_named(folder: Path, naming: Naming, *, zipped: bool = False, digits: Digits = DIGITS) -> Path:
    """Write a data set under other names."""
    write_idx_folder(folder, digits, zipped=zipped)
    for name in FILES.values():
        ending = ".gz" * zipped
        (folder / (name + ending)).rename(folder / (naming(name) + ending))
    return folder


def loaded(folder: Path) -> Digits:
    return load_digits(DataKeys(name=str(folder)), seed=1)


def refusal(folder: Path) -> str:
    with pytest.raises(DataError) as raised:
        loaded(folder)
    assert "\n" not in str(raised.value)
    return str(raised.value)


def is_same(one: Digits, other: Digits = DIGITS) -> bool:
    return all(np.array_equal(getattr(one, part), getattr(other, part)) for part in FILES)


@pytest.mark.parametrize("zipped", [False, True])
@pytest.mark.parametrize("naming", NAMINGS.values(), ids=NAMINGS)
def test_names_that_other_sets_and_programs_give_the_files_are_read(
    tmp_path: Path, naming: Naming, zipped: bool
) -> None:
    assert is_same(loaded(write_named(tmp_path, naming, zipped=zipped)))


@pytest.mark.parametrize("place", ["MNIST/raw", "FashionMNIST/raw", "EMNIST/raw", "raw"])
def test_a_raw_folder_of_torchvision_is_found_below_the_one_that_is_named(tmp_path: Path, place: str) -> None:
    write_named(tmp_path / place, NAMINGS["EMNIST"] if "EMNIST" in place else str)
    assert is_same(loaded(tmp_path))


def test_files_in_folders_of_their_own_are_read(tmp_path: Path) -> None:
    write_idx_folder(tmp_path, DIGITS)
    for name in FILES.values():
        (tmp_path / name).rename(tmp_path / "moved")
        (tmp_path / name).mkdir()
        (tmp_path / "moved").rename(tmp_path / name / name)
    assert is_same(loaded(tmp_path))


@pytest.mark.parametrize("name", FILES.values())
def test_an_empty_folder_under_a_file_s_name_is_called_one(tmp_path: Path, name: str) -> None:
    write_idx_folder(tmp_path, DIGITS)
    (tmp_path / name).unlink()
    (tmp_path / name).mkdir()
    assert f"{tmp_path / name}: Is a directory, not a regular file" in refusal(tmp_path)


def test_the_usual_names_come_before_all_others(tmp_path: Path) -> None:
    other = random_digits(20, (4, 3), 3)
    write_named(tmp_path, NAMINGS["EMNIST"], digits=other)
    write_named(tmp_path, NAMINGS["dotted"], digits=other)
    write_idx_folder(tmp_path, other, zipped=True)
    write_idx_folder(tmp_path, DIGITS)
    assert is_same(loaded(tmp_path))


@pytest.mark.parametrize(
    ("first", "second", "words"),
    [
        ("emnist-letters-", "emnist-digits-", "emnist-digits, emnist-letters"),
        ("MNIST/raw/", "FashionMNIST/raw/", "FashionMNIST/raw, MNIST/raw"),
    ],
)
def test_several_sets_in_a_folder_are_named_and_none_is_guessed(
    tmp_path: Path, first: str, second: str, words: str
) -> None:
    for prefix in (first, second):
        (tmp_path / f"{prefix}x").parent.mkdir(parents=True, exist_ok=True)
        write_named(tmp_path, lambda name, prefix=prefix: f"{prefix}{name}")  # type: ignore[misc]
    assert f"holds 2 data sets: {words}" in refusal(tmp_path)


def test_a_refusal_names_all_four_files_and_what_there_is(tmp_path: Path) -> None:
    (tmp_path / "mnist_train.csv").touch()
    words = refusal(tmp_path)
    assert all(name in words for name in (*FILES.values(), "found mnist_train.csv"))
    (tmp_path / "mnist_train.csv").unlink()
    assert "found nothing" in refusal(tmp_path)


@pytest.mark.parametrize("missing", FILES.values())
def test_a_hint_is_at_no_file_that_is_another_part(tmp_path: Path, missing: str) -> None:
    write_idx_folder(tmp_path, DIGITS)
    (tmp_path / missing).unlink()
    assert "did you mean" not in refusal(tmp_path)
    assert f"no {missing};" in refusal(tmp_path)
    (tmp_path / missing.replace("s-idx", "-idx")).touch()
    assert f"did you mean '{missing.replace('s-idx', '-idx')}'?" in refusal(tmp_path)


def test_labels_of_qmnist_are_its_first_column(tmp_path: Path) -> None:
    write_named(tmp_path, NAMINGS["QMNIST"])
    for half, labels in (("train", DIGITS.train_labels), ("test", DIGITS.test_labels)):
        table = np.arange(8 * len(labels), dtype=">i4").reshape(-1, 8)
        table[:, 0] = labels
        (tmp_path / f"qmnist-{half}-labels-idx1-ubyte").unlink()
        (tmp_path / f"qmnist-{half}-labels-idx2-int").write_bytes(idx_of(table, 0x0C))
    assert is_same(loaded(tmp_path))
    table[3, 0] = 300
    (tmp_path / "qmnist-test-labels-idx2-int").write_bytes(idx_of(table, 0x0C))
    assert "classes from 0 to 300; those from 0 to 255 are supported" in refusal(tmp_path)


def idx_of(array: np.ndarray, element: int) -> bytes:
    """Return an array as an IDX file of a type of numbers."""
    header = bytes([0, 0, element, array.ndim]) + b"".join(length.to_bytes(4, "big") for length in array.shape)
    return header + array.tobytes()


@pytest.mark.parametrize(
    ("element", "kind", "shape", "words"),
    [
        (0x0D, ">f4", (40, 4, 3), "holds 32-bit floats in 3 dimensions"),
        (0x0E, ">f8", (40, 4, 3), "holds 64-bit floats in 3 dimensions"),
        (0x0C, ">i4", (40, 4, 3), "holds 32-bit integers in 3 dimensions"),
        (0x0B, ">i2", (40, 4, 3), "holds 16-bit integers in 3 dimensions"),
        (0x09, ">i1", (40, 4, 3), "holds signed bytes in 3 dimensions"),
        (0x08, ">u1", (40, 12), "holds unsigned bytes in 2 dimensions"),
        (0x08, ">u1", (40, 1, 4, 3), "holds unsigned bytes in 4 dimensions"),
        (0x08, ">u1", (40,), "holds unsigned bytes in 1 dimension, as labels do"),
    ],
)
def test_other_numbers_and_dimensions_are_named(
    tmp_path: Path, element: int, kind: str, shape: tuple[int, ...], words: str
) -> None:
    write_idx_folder(tmp_path, DIGITS)
    path = tmp_path / FILES["train_images"]
    path.write_bytes(idx_of(np.zeros(shape, kind), element))
    assert f"{path}: {words}; images are read as unsigned bytes in 3 dimensions" in refusal(tmp_path)


def test_a_file_with_its_bytes_the_wrong_way_round_is_named(tmp_path: Path) -> None:
    write_idx_folder(tmp_path, DIGITS)
    (tmp_path / FILES["train_images"]).write_bytes(b"\x03\x08\0\0" + b"\x28\0\0\0" * 3)
    assert "little-endian" in refusal(tmp_path)


def packed(write: Callable[[io.BytesIO], object]) -> bytes:
    stream = io.BytesIO()
    write(stream)
    return stream.getvalue()


def zip_of(stream: io.BytesIO) -> None:
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("train-images-idx3-ubyte", "x")


def tar_of(stream: io.BytesIO) -> None:
    with tarfile.open(fileobj=stream, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("train-images-idx3-ubyte"))


IDX = idx_bytes(np.zeros((40, 4, 3), np.uint8))
CONTENTS: dict[str, tuple[bytes, str]] = {
    "web page": (b"<!DOCTYPE html><html>", "begins with '<!DO': a web page, not an IDX file; download it again"),
    "web page after blanks": (b"\n  <html><head>", "a web page"),
    "error of a cloud store": (b'<?xml version="1.0"?><Error>', "an XML document, not an IDX file; download it again"),
    "error of an API": (b'{"message": "Not Found"}', "JSON, not an IDX file"),
    "text": (b"404: Not Found\n", "begins with '404:': text, not an IDX file"),
    "zip": (packed(zip_of), "a zip archive"),
    "tar": (packed(tar_of), "a tar archive, not an IDX file; unpack it first"),
    "gzip within gzip": (gzip.compress(gzip.compress(IDX)), "unpacked, it begins with 0x1f8b0800: gzip data"),
    "tar within gzip": (gzip.compress(packed(tar_of)), "unpacked, it begins with 'trai': a tar archive"),
    "bzip2": (bz2.compress(IDX), "bzip2 data, not an IDX file; unpack it first"),
    "xz": (lzma.compress(IDX), "xz data"),
    "Zstandard": (b"\x28\xb5\x2f\xfd" + bytes(20), "Zstandard data"),
    "PNG": (b"\x89PNG\r\n\x1a\n" + bytes(20), "a PNG picture, not an IDX file"),
    "JPEG": (b"\xff\xd8\xff\xe0" + bytes(20), "a JPEG picture"),
    "npy": (packed(lambda stream: np.save(stream, DIGITS.train_images)), "a NumPy .npy array"),
    "npz": (packed(lambda stream: np.savez(stream, x=DIGITS.train_images)), "a zip archive (or NumPy's .npz)"),
    "pickle": (pickle.dumps([DIGITS.train_images]), "a Python pickle"),
    "LFS pointer": (b"version https://git-lfs.github.com/spec/v1\noid sha256:4d\n", "a Git LFS pointer"),
    "annex pointer": (b"/annex/objects/SHA256E-s9912422--7\n", "a git-annex pointer"),
    "empty": (b"", "empty, not an IDX file; download it again"),
    "empty, gzipped": (gzip.compress(b""), "empty, not an IDX file"),
    "unknown": (b"\x01\x02\x03\x04\x05", "begins with 0x01020304: not an IDX file"),
}


@pytest.mark.parametrize("name", [FILES["train_images"], FILES["test_labels"] + ".gz"])
@pytest.mark.parametrize(("content", "words"), CONTENTS.values(), ids=CONTENTS)
def test_a_file_of_another_kind_says_what_it_is(tmp_path: Path, content: bytes, words: str, name: str) -> None:
    write_idx_folder(tmp_path, DIGITS)
    (tmp_path / name.removesuffix(".gz")).unlink()
    (tmp_path / name).write_bytes(content)
    assert f"{tmp_path / name}: " in refusal(tmp_path)
    assert words in refusal(tmp_path)


def test_a_file_where_a_folder_is_wanted_says_what_it_is(tmp_path: Path) -> None:
    np.savez(tmp_path / "mnist.npz", x=DIGITS.train_images)
    with pytest.raises(
        DataError, match=r"mnist\.npz': a file \(a zip archive .*; name a folder with the four IDX files"
    ):
        read_digits(str(tmp_path / "mnist.npz"))


def test_no_beginning_of_an_idx_file_is_taken_for_another_kind() -> None:
    assert all(kind_of(bytes([0, 0, 8, dimensions, 0, 0])) is None for dimensions in range(1, 9))


def test_a_name_that_is_no_part_s_is_none() -> None:
    for name in ("train-images", "notes.txt", "train-images-idx3-ubyte.bak", "emnist-letters-mapping.txt"):
        assert spelled(name) is None, name


@pytest.mark.parametrize(
    ("labels", "words"),
    [
        ([1, 2, 3], "no training image has class 0, though labels go up to 3"),
        ([0, 1, 255], "no training image has class 2 to 254, though labels go up to 255"),
        ([1, 3, 5, 7, 9, 11], "class 0, 2, 4, 6 and 2 more ranges"),
    ],
)
def test_classes_without_images_are_noticed_once(tmp_path: Path, labels: list[int], words: str) -> None:
    def relabelled(count: int) -> np.ndarray:
        return np.resize(np.array(labels, np.uint8), count)

    odd = replace(DIGITS, train_labels=relabelled(40), test_labels=relabelled(len(DIGITS.test_labels)))
    (notice,) = loaded(write_idx_folder(tmp_path, odd)).notices
    assert words in notice


def test_ordinary_data_are_trained_on_without_a_word(tmp_path: Path) -> None:
    assert loaded(write_idx_folder(tmp_path, DIGITS)).notices == ()


def with_pixels(train: Callable[[np.ndarray], np.ndarray], test: Callable[[np.ndarray], np.ndarray]) -> Digits:
    images, tested = train(DIGITS.train_images), test(DIGITS.test_images)
    return replace(DIGITS, train_images=images.astype(np.uint8), test_images=tested.astype(np.uint8))


def blank(images: np.ndarray) -> np.ndarray:
    return images * 0


def test_blank_images_are_refused(tmp_path: Path) -> None:
    words = refusal(write_idx_folder(tmp_path, with_pixels(blank, np.array)))
    assert f"{tmp_path}: every pixel of the training images is 0: they are blank" in words


@pytest.mark.parametrize(
    ("train", "test", "words"),
    [
        (lambda x: x > 0, lambda x: x > 0, "pixels reach 1 of 255; are they scaled already?"),
        (lambda x: x // 16, lambda x: x // 16, "pixels reach 15 of 255; are they scaled already?"),
        (np.array, lambda x: x > 0, "training pixels reach 255 and test pixels 1: they are scaled differently"),
        (np.array, blank, "every pixel of the test images is 0"),
        (lambda x: x * 0 + 200, np.array, "all training images are the same"),
        (lambda x: x * (np.arange(40) < 30)[:, None], np.array, "of the training images are blank"),
    ],
)
def test_odd_pixels_are_noticed(
    tmp_path: Path, train: Callable[[np.ndarray], np.ndarray], test: Callable[[np.ndarray], np.ndarray], words: str
) -> None:
    (notice,) = loaded(write_idx_folder(tmp_path, with_pixels(train, test))).notices
    assert words in notice


RUN = ("run", "quick-look", "--no-ui", "--no-store", "--set", "training.epochs=2", "--threads", "1")


def test_a_notice_comes_before_what_training_shows(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    folder = write_idx_folder(tmp_path, with_pixels(lambda x: x > 0, lambda x: x > 0))
    assert main([*RUN, "--data", str(folder), "--set", "data.train=40"]) == 0
    words = capfd.readouterr().err
    assert 0 <= words.index("are they scaled already?") < words.index("A quick look")


def test_fewer_images_than_a_preset_s_number_are_all_taken_and_that_is_said(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    folder = write_named(tmp_path, NAMINGS["dotted"], zipped=True)
    assert main([*RUN, "--data", str(folder)]) == 0
    out, words = capfd.readouterr()
    assert f"notice: data.train = 10000 of the preset: {folder} has 40 training images, and all are taken" in words
    assert '"train":40' in out
    assert '"train":10000' not in out


def test_a_number_of_images_that_was_typed_is_refused_where_there_are_fewer(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    folder = write_idx_folder(tmp_path, DIGITS)
    assert main([*RUN, "--data", str(folder), "--set", "data.train=50"]) == 2
    assert f"data.train = 50: {folder} has 40 training images; data.train=40 takes all" in capfd.readouterr().err


def test_more_images_than_a_preset_s_number_are_not_all_taken(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    folder = write_idx_folder(tmp_path / "data", DIGITS)
    (tmp_path / "my.toml").write_text("[data]\ntrain = 30\n")
    assert main(["run", str(tmp_path / "my.toml"), *RUN[2:], "--data", str(folder)]) == 0
    out, words = capfd.readouterr()
    assert '"train":30' in out
    assert "notice" not in words


def test_an_unreadable_folder_is_told_of_when_it_is_read(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert main([*RUN, "--data", str(tmp_path)]) == 2
    assert "no data set; looked for" in capfd.readouterr().err
