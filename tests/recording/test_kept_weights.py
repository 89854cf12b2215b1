"""Weights read back from a run folder: exactly what a run has kept, and nothing that anybody else put there."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tuimove.errors import DataError
from tuimove.recording.folder.array_files import NetworkShape
from tuimove.recording.folder.kept_weights import find_weights, nearest_weights, read_weights
from tuimove.recording.folder.run_folder import RunFolder
from tuimove.settings.preset_reading import load_preset

SHAPE = NetworkShape(inputs=6, hidden=3, classes=4)
WEIGHTS = {name: np.arange(np.prod(shape), dtype=np.float32).reshape(shape)
           for name, (shape, _) in SHAPE.expected().items()}  # fmt: skip


class Touching:
    """An object that leaves a mark where it is unpickled."""

    def __init__(self, mark: str) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (self.mark,)


def test_what_a_run_folder_keeps_is_read_back(tmp_path: Path) -> None:
    sink = RunFolder(tmp_path / "run", load_preset("quick-look"))
    for name, epoch in (("first", 0), ("last", 200), ("epoch-000120", 120)):
        sink.keep_weights(name, epoch, WEIGHTS)
    sink.close()
    found = find_weights(tmp_path / "run")
    assert sorted(found) == ["epoch-000120", "first", "last"]
    epoch, weights = read_weights(found["epoch-000120"], SHAPE)
    assert epoch == 120
    assert all(np.array_equal(weights[name], array) for name, array in WEIGHTS.items())


@pytest.mark.parametrize(
    ("epoch", "name"),
    [(0, "first"), (50, "first"), (70, "epoch-000120"), (150, "epoch-000120"), (170, "last"), (1e9, "last")],
)
def test_the_nearest_weights_are_chosen(tmp_path: Path, epoch: float, name: str) -> None:
    for one in ("first", "last", "epoch-000120"):
        (tmp_path / f"{one}.npz").touch()
    (tmp_path / "epoch-000120.npz.part").touch()
    chosen = nearest_weights(find_weights(tmp_path), epoch, last_epoch=200)
    assert chosen is not None
    assert chosen[0].stem == name


def write_arrays(path: Path, **changed: Any) -> None:
    arrays = {"epoch": np.array(7), **WEIGHTS, **changed}
    np.savez(path, **{name: array for name, array in arrays.items() if array is not None})


def write_header(path: Path, header: bytes, size: int = 0) -> None:
    """Write an archive whose W1 claims to be anything, followed by so many bytes."""
    write_arrays(path, W1=None)
    with zipfile.ZipFile(path, "a") as archive:
        claim = b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header
        archive.writestr("W1.npy", claim + bytes(size))


HUGE = b"{'descr': '<f4', 'fortran_order': False, 'shape': (3000000000, 6)}\n"
NOT_A_TABLE = b"__import__('os').mkdir('mark')\n"
HOSTILE: dict[str, Callable[[Path], Any]] = {
    "pickled": lambda path: write_arrays(path, W1=np.array([[Touching(str(path.parent / "mark"))] * 6] * 3)),
    "of another shape": lambda path: write_arrays(path, W1=np.zeros((3, 7), np.float32)),
    "of text": lambda path: write_arrays(path, W1=np.full((3, 6), "\x1b[2J")),
    "with fields": lambda path: write_arrays(path, W1=np.zeros((3, 6), [("\x1b]0;x\x07", "f4")])),
    "huge by its header": lambda path: write_header(path, HUGE),
    "with code for a header": lambda path: write_header(path, NOT_A_TABLE),
    "longer than its header": lambda path: write_header(path, HUGE.replace(b"3000000000", b"3"), 100),
    "shorter than its header": lambda path: write_header(path, HUGE.replace(b"3000000000", b"3"), 10),
    "without W1": lambda path: write_arrays(path, W1=None),
    "much too long": lambda path: write_arrays(path, other=np.zeros(10**6)),
    "no archive": lambda path: path.write_bytes(b"PK\x03\x04" + b"rubbish" * 100),
    "empty": lambda path: path.write_bytes(b""),
    "a folder": lambda path: path.mkdir(),
    "a pipe": lambda path: os.mkfifo(path),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_anything_else_is_refused_in_words_that_steer_no_terminal(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "first.npz"
    HOSTILE[kind](path)
    with pytest.raises(DataError) as refusal:
        read_weights(path, SHAPE)
    assert str(refusal.value).isprintable()
    assert "first.npz" in str(refusal.value)
    assert not (tmp_path / "mark").exists()


def test_a_flipped_bit_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "first.npz"
    write_arrays(path)
    content = bytearray(path.read_bytes())
    content[content.index(WEIGHTS["W1"].tobytes()) + 5] ^= 1
    path.write_bytes(content)
    with pytest.raises(DataError, match="CRC"):
        read_weights(path, SHAPE)


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    write_arrays(tmp_path / "elsewhere.npz")
    (tmp_path / "first.npz").symlink_to(tmp_path / "elsewhere.npz")
    with pytest.raises(DataError, match="a link"):
        read_weights(tmp_path / "first.npz", SHAPE)


def test_a_record_that_claims_a_giant_network_gets_no_memory(tmp_path: Path) -> None:
    write_arrays(tmp_path / "first.npz")
    with pytest.raises(DataError, match="too many"):
        read_weights(tmp_path / "first.npz", NetworkShape(2**53 - 1, 10**400, 10))


def test_names_that_lead_elsewhere_are_not_weights(tmp_path: Path) -> None:
    for name in ("epoch-1.npz", "epoch-00000x.npz", "..npz", "first.npz.part", "model.npz", "first"):
        (tmp_path / name).touch()
    assert find_weights(tmp_path) == {}
