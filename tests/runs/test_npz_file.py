"""NumPy's archives as weights: what is read, what is left out, and what is refused before it is read."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.support.weight_files import npy_header, save_npz, trap, zip_bytes
from tuimove.errors import DataError
from tuimove.runs.weight_files import raw_entries
from tuimove.runs.weight_files.npz_file import open_npz
from tuimove.runs.weight_files.weight_file import entries_at

random = np.random.default_rng(0)


def test_arrays_of_floating_point_are_read_and_others_counted(tmp_path: Path) -> None:
    arrays = {"half": np.arange(6, dtype=np.float16).reshape(2, 3), "big": random.normal(size=4).astype(">f8")}
    others = {"n": np.arange(3), "yes": np.array([True]), "z": np.zeros(2, complex), "s": np.array(["x"])}
    path = save_npz(tmp_path / "a.npz", **arrays, **others, none=np.zeros((0, 3)))
    with open_npz(path) as file:
        assert {name: array.dtype for name, array in file.arrays.items()} == {"half": "float16", "big": "float64"}
        for name, array in arrays.items():
            np.testing.assert_array_equal(entries_at(file.arrays[name], None), array.reshape(-1).astype(np.float32))
        assert file.left_out == {
            "of integers": 2, "of complex numbers": 1, "of another type": 1, "without entries": 1,
        }  # fmt: skip


@pytest.mark.parametrize("most_whole", [raw_entries.MOST_WHOLE, 1000, 0])
@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_arrays_stored_by_columns_are_read_by_rows(
    tmp_path: Path, save: object, most_whole: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(raw_entries, "MOST_WHOLE", most_whole)
    monkeypatch.setattr(raw_entries, "PIECE", 100)
    arrays = {"W": random.normal(size=(30, 50)).T, "T": np.asfortranarray(random.normal(size=(7, 8, 9)))}
    assert callable(save)
    save(tmp_path / "a.npz", **arrays)
    with open_npz(tmp_path / "a.npz") as file:
        for name, array in arrays.items():
            np.testing.assert_array_equal(np.concatenate(list(file.arrays[name].pieces())), array.reshape(-1))


def test_a_sample_is_gathered_from_the_pieces(tmp_path: Path) -> None:
    array = random.normal(size=300_000).astype(np.float32)
    places = np.array([0, 5, 131_071, 131_072, 299_999])
    with open_npz(save_npz(tmp_path / "a.npz", array=array)) as file:
        assert len(list(file.arrays["array"].pieces())) > 1
        np.testing.assert_array_equal(entries_at(file.arrays["array"], places), array[places])


def test_the_step_is_an_entry_of_the_file(tmp_path: Path) -> None:
    with open_npz(save_npz(tmp_path / "a.npz", W=np.ones(3), epoch=np.int64(2), step=np.int32(700))) as file:
        assert file.step == 700


def test_an_optimizer_s_state_is_left_out(tmp_path: Path) -> None:
    with open_npz(save_npz(tmp_path / "a.npz", **{"params/W": np.ones(3), "opt_state/0/mu": np.ones(3)})) as file:
        assert list(file.arrays) == ["params/W"]


def test_names_can_t_steer_a_terminal(tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    path.write_bytes(zip_bytes({"W\x1b[2J.npy": npy_header("(2,)") + bytes(8)}))
    with open_npz(path) as file:
        assert list(file.arrays) == ["W?[2J"]


HUGE = npy_header("(1000000000000,)")
OBJECTS = npy_header("(1,)", "'|O'")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty, not a NumPy .npz file"),
        (b"PK\x03\x04 cut short", "damaged or cut short"),
        (zip_bytes({"W.npy": HUGE + bytes(8)}), "which its shape (1000000000000,) doesn't fit"),
        (zip_bytes({"W.npy": npy_header("(-1, -2)") + bytes(8)}), "doesn't fit"),
        (zip_bytes({"W.npy": npy_header("(2,)") + bytes(4)}), "doesn't fit"),
        (zip_bytes({"W.npy": npy_header("('x',)") + bytes(4)}), "damaged or cut short"),
        (zip_bytes({"W.npy": b"\x93NUMPY\x02\x00" + b"\xff" * 4 + b" " * 99}), "damaged or cut short"),
        (zip_bytes({"W.npy": b"rubbish"}), "damaged or cut short"),
        (zip_bytes({"W.npy": OBJECTS + bytes(8)}), "'W' holds Python objects; it isn't opened"),
        (zip_bytes({"W\x01.npy": npy_header("(1,)") + bytes(4), "W\x02.npy": npy_header("(1,)") + bytes(4)}),
         "two arrays are called 'W?'"),
    ],
)  # fmt: skip
def test_what_is_damaged_or_lies_is_refused(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "a.npz"
    path.write_bytes(content)
    with pytest.raises(DataError) as refused:
        open_npz(path)
    assert words in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("share", [0.2, 0.5, 0.9, 0.999])
def test_a_cut_archive_is_refused(tmp_path: Path, share: float) -> None:
    whole = save_npz(tmp_path / "a.npz", W=random.normal(size=500), b=np.ones(3)).read_bytes()
    (tmp_path / "a.npz").write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(DataError, match="damaged or cut short"):
        open_npz(tmp_path / "a.npz")


def test_damaged_entries_are_told_when_they_are_read(tmp_path: Path) -> None:
    path = save_npz(tmp_path / "a.npz", W=np.ones(9000))
    content = bytearray(path.read_bytes())
    content[60_000] ^= 255
    path.write_bytes(content)
    with open_npz(path) as file, pytest.raises(DataError, match="damaged"):
        list(file.arrays["W"].pieces())


def test_no_pickle_is_opened(tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    objects = np.array([object()])
    for name, content in {
        "plain.npz": trap(trace),
        "zipped.npz": zip_bytes({"data.pkl": trap(trace)}),
        "array.npz": zip_bytes({"W.npy": OBJECTS + trap(trace)}),
    }.items():
        (tmp_path / name).write_bytes(content)
        with pytest.raises(DataError, match="it isn't opened"):
            open_npz(tmp_path / name)
    np.savez(tmp_path / "numpy.npz", objects=objects, allow_pickle=True)
    with pytest.raises(DataError, match="a pickle can run anything"):
        open_npz(tmp_path / "numpy.npz")
    assert not trace.exists()
