"""Checkpoints: whole or passed over, never believed when damaged."""

from __future__ import annotations

import os
import pickle
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tuimove.errors import DataError
from tuimove.recording.checkpoint import Checkpoint
from tuimove.recording.folder.array_files import NetworkShape, packed_arrays, read_plainly, unpacked_arrays, write_whole
from tuimove.recording.folder.checkpoint_files import checkpoint_files, load_checkpoint, save_checkpoint

SHAPE = NetworkShape(inputs=5, hidden=3, classes=4)
RUN = "a-run"


def weights(seed: int) -> dict[str, np.ndarray]:
    random = np.random.default_rng(seed)
    return {name: random.random(shape).astype(np.float32) for name, (shape, _) in SHAPE.expected().items()}


def checkpoint(epoch: int, recorded: int = 0) -> Checkpoint:
    return Checkpoint(RUN, epoch, 0.25, 1.5, 7, 8, weights(epoch), weights(-1 % 100), recorded, records_sum=recorded)


def load(folder: Path, said: list[str] | None = None, run: str = RUN, shape: NetworkShape = SHAPE) -> int | None:
    """Return the epoch of what is loaded; the sum of so many bytes of records is their number."""
    found = load_checkpoint(folder, run, shape, lambda count: count, (said if said is not None else []).append)
    return found.epoch if found else None


def test_a_checkpoint_comes_back_to_the_bit(tmp_path: Path) -> None:
    saved = checkpoint(12)
    save_checkpoint(tmp_path, saved)
    found = load_checkpoint(tmp_path, RUN, SHAPE, lambda count: count, print)
    assert found
    assert (found.epoch, found.learning_rate, found.seconds, found.start_sum, found.data_sum) == (12, 0.25, 1.5, 7, 8)
    for name in saved.weights:
        assert np.array_equal(found.weights[name], saved.weights[name])
        assert np.array_equal(found.last_measured[name], saved.last_measured[name])


def test_the_two_newest_are_kept(tmp_path: Path) -> None:
    for epoch in (5, 1000, 20, 1_000_000):
        save_checkpoint(tmp_path, checkpoint(epoch))
    assert [path.name.split("-")[1] for path in checkpoint_files(tmp_path)] == ["001000000", "000001000"]
    assert load(tmp_path) == 1_000_000


@given(st.data())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_damaged_one_is_passed_over_for_the_one_before(tmp_path: Path, data: st.DataObject) -> None:
    for path in checkpoint_files(tmp_path):
        path.unlink()
    save_checkpoint(tmp_path, checkpoint(10))
    save_checkpoint(tmp_path, checkpoint(20))
    newest = checkpoint_files(tmp_path)[0]
    content = bytearray(newest.read_bytes())
    if data.draw(st.booleans()):
        content = content[: data.draw(st.integers(0, len(content) - 1))]
    else:
        content[data.draw(st.integers(0, len(content) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    newest.write_bytes(content)
    said: list[str] = []
    assert load(tmp_path, said) == 10
    assert "passed over a checkpoint" in said[0]


def test_one_of_another_run_or_shape_or_with_records_that_changed_is_passed_over(tmp_path: Path) -> None:
    save_checkpoint(tmp_path, checkpoint(10))
    assert load(tmp_path, run="b-run") is None
    assert load(tmp_path, shape=NetworkShape(inputs=5, hidden=3, classes=5)) is None
    assert load_checkpoint(tmp_path, RUN, SHAPE, lambda _: None, print) is None
    assert load(tmp_path) == 10


def test_a_write_that_fails_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save_checkpoint(tmp_path, checkpoint(10))

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    for name in ("fsync", "replace"):
        with monkeypatch.context() as patch:
            patch.setattr(os, name, full)
            patch.setattr(Path, name, full, raising=False)
            with pytest.raises(OSError, match="No space"):
                save_checkpoint(tmp_path, checkpoint(20))
        assert load(tmp_path) == 10
        assert not list(tmp_path.glob("*.part"))


def test_no_link_is_followed_and_nothing_but_a_file_is_read(tmp_path: Path) -> None:
    target = tmp_path / "elsewhere"
    target.write_bytes(b"x")
    (tmp_path / "link").symlink_to(target)
    os.mkfifo(tmp_path / "pipe")
    for name in ("link", "pipe", "nowhere"):
        with pytest.raises(DataError):
            read_plainly(tmp_path / name, 100)
    with pytest.raises(DataError, match="more than the 0"):
        read_plainly(target, 0)


def test_a_pickle_is_never_loaded(tmp_path: Path) -> None:
    class Harmful:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return os.mkdir, (str(tmp_path / "harm"),)

    hostile = np.array([Harmful()], dtype=object)
    path = tmp_path / "w.npz"
    np.savez(path, W1=hostile)
    with pytest.raises(DataError, match="damaged"):
        unpacked_arrays("w", path.read_bytes(), {"W1": ((1,), "float32")})
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("W1.npy", pickle.dumps(Harmful()))
    with pytest.raises(DataError, match="damaged"):
        unpacked_arrays("w", path.read_bytes(), {"W1": ((1,), "float32")})
    assert not (tmp_path / "harm").exists()


def test_what_is_declared_is_compared_before_memory_is_set_aside(tmp_path: Path) -> None:
    """An archive that unpacks to far more than it is, and a header that promises it."""
    path = tmp_path / "bomb.npz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("W1.npy", b"\0" * 10_000_000)
    with pytest.raises(DataError, match="longer than it can be"):
        unpacked_arrays("w", path.read_bytes(), {"W1": ((1,), "float32")})
    content = packed_arrays({"W1": np.zeros((7, 7), np.float32)})
    with pytest.raises(DataError, match=r"W1 is float32 \(7, 7\), not float32 \(7, 6\)"):
        unpacked_arrays("w", content, {"W1": ((7, 6), "float32")})


def test_files_are_as_numpy_reads_them(tmp_path: Path) -> None:
    write_whole(tmp_path / "a.npz", packed_arrays({"W1": np.ones((2, 2), np.float32)}))
    with np.load(tmp_path / "a.npz", allow_pickle=False) as read:
        assert read["W1"].tolist() == [[1, 1], [1, 1]]


def test_a_shape_that_no_file_could_have_takes_no_memory(tmp_path: Path) -> None:
    save_checkpoint(tmp_path, checkpoint(10))
    said: list[str] = []
    assert load(tmp_path, said, shape=NetworkShape(inputs=2**52, hidden=10**12, classes=2**52)) is None
    assert "W1 is float32 (3, 5), not float32 (1000000000000, 4503599627370496)" in said[0]


def test_nothing_is_written_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "dear").write_text("words")
    for name in ("last.npz", "last.npz.part"):
        (tmp_path / name).symlink_to(tmp_path / "dear")
    write_whole(tmp_path / "last.npz", b"content")
    assert (tmp_path / "dear").read_text() == "words"
    assert (tmp_path / "last.npz").read_bytes() == b"content"
    assert not (tmp_path / "last.npz").is_symlink()
