"""Safetensors files, read without their package: every type of floating point, and headers that lie."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.support.weight_files import safetensors_bytes, save_safetensors
from tuimove.errors import DataError
from tuimove.runs.weight_files.raw_entries import float8_e4m3, float8_e5m2
from tuimove.runs.weight_files.safetensors_file import open_safetensors
from tuimove.runs.weight_files.weight_file import entries_at

random = np.random.default_rng(0)
ONES = {"w": np.ones(3, np.float32)}


def test_every_type_of_numpy_s_is_read_as_it_is(tmp_path: Path) -> None:
    arrays = {kind: random.normal(size=(3, 4)).astype(kind) for kind in ("float16", "float32", "float64")}
    with open_safetensors(save_safetensors(tmp_path / "a", {**arrays, "n": np.arange(3)})) as file:
        for name, array in arrays.items():
            np.testing.assert_array_equal(entries_at(file.arrays[name], None), array.reshape(-1).astype(np.float32))
        assert file.left_out == {"of integers": 1}
        assert file.has_outputs_first


def test_bfloat16_is_the_upper_half_of_float32(tmp_path: Path) -> None:
    values = np.array([1, -2.5, 3e38, np.inf], np.float32)
    halves = (values.view(np.uint32) >> 16).astype(np.uint16)
    with open_safetensors(save_safetensors(tmp_path / "a", {"w": halves})) as file:
        assert file.arrays["w"].dtype == "bfloat16"
        read = entries_at(file.arrays["w"], None)
    np.testing.assert_allclose(read, values, rtol=2**-7)


def test_eight_bits_are_read_by_their_formats() -> None:
    np.testing.assert_array_equal(float8_e4m3(bytes([0x00, 0x01, 0x38, 0x7E, 0xB8])), [0, 2**-9, 1, 448, -1])
    np.testing.assert_array_equal(float8_e5m2(bytes([0x00, 0x3C, 0x7B, 0x7C, 0xBC])), [0, 1, 57344, np.inf, -1])


def test_the_order_is_that_of_a_network(tmp_path: Path) -> None:
    names = ["head.weight", "h.10.bias", "h.10.weight", "h.2.weight", "a.weight"]
    with open_safetensors(save_safetensors(tmp_path / "a", {name: np.ones(2, np.float32) for name in names})) as file:
        assert list(file.arrays) == ["a.weight", "h.2.weight", "h.10.weight", "h.10.bias", "head.weight"]


@pytest.mark.parametrize(("notes", "step"), [({"step": "77", "epoch": "3"}, 77), ({"step": "x"}, None), ({}, None)])
def test_the_step_is_among_the_notes(tmp_path: Path, notes: dict[str, str], step: int | None) -> None:
    with open_safetensors(save_safetensors(tmp_path / "a", ONES, notes)) as file:
        assert file.step == step


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"shape": [10**12], "data_offsets": [0, 4 * 10**12]}, "ends at byte 4,000,000,000,000 of 12"),
        ({"shape": [10**12]}, "which its shape (1000000000000,) doesn't fit"),
        ({"shape": [-3]}, "has no shape, type or place"),
        ({"shape": [True, 3]}, "has no shape, type or place"),
        ({"shape": "3"}, "has no shape, type or place"),
        ({"data_offsets": [12, 0]}, "doesn't fit"),
        ({"dtype": 3}, "has no shape, type or place"),
        ({"shape": [2], "data_offsets": [0, 8]}, "where its header tells of 8"),
    ],
)
def test_a_header_that_lies_is_refused(tmp_path: Path, changed: dict[str, Any], words: str) -> None:
    (tmp_path / "a").write_bytes(safetensors_bytes(ONES, **changed))
    with pytest.raises(DataError) as refused:
        open_safetensors(tmp_path / "a")
    assert words in str(refused.value)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"\xff\xff\xff\xff\xff\xff\xff\x7f{}", "its header would have 9,223,372,036,854,775,807 bytes"),
        (safetensors_bytes(ONES)[:-1], "ends at byte 12 of 11"),
        (safetensors_bytes(ONES)[:40], "its header would have"),
        (b"\x04\0\0\0\0\0\0\0{{{{", "damaged or cut short"),
        (b"\x88\x13\0\0\0\0\0\0{" + b'"a":[' * 999 + b"[[[[", "damaged or cut short"),
        (b'\x10\0\0\0\0\0\0\0{"a":[], "a":[]}', "two arrays are called 'a'"),
        (b'\x08\0\0\0\0\0\0\0{"a": 1}', "'a' has no shape, type or place"),
        (b"\x80\x04\x95abcdefghijkl", "a Python pickle"),
    ],
)
def test_what_is_cut_or_something_else_is_refused(tmp_path: Path, content: bytes, words: str) -> None:
    (tmp_path / "a").write_bytes(content)
    with pytest.raises(DataError) as refused:
        open_safetensors(tmp_path / "a")
    assert words in str(refused.value)
    assert "\n" not in str(refused.value)
