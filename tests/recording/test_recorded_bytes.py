"""The bytes of a run's records are summed once, and their end is found from the end."""

from __future__ import annotations

import io
import zlib
from pathlib import Path

import pytest

from tests.support.counted_reads import counted_reads
from tuimove.recording.folder import recorded_bytes
from tuimove.recording.folder.recorded_bytes import FirstBytes, last_whole_line
from tuimove.settings.files import open_regular

CONTENT = b"".join(b"%d\n" % number for number in range(2000))


@pytest.fixture(autouse=True)
def _small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recorded_bytes, "BLOCK", 1024)
    monkeypatch.setattr(recorded_bytes, "STEP", 16)


def written(folder: Path, content: bytes) -> Path:
    (folder / "records.jsonl").write_bytes(content)
    return folder / "records.jsonl"


@pytest.mark.parametrize("counts", [(0,), (1024,), (5000,), (5000, 4000), (4000, 5000), (8890, 1, 2048, 8890)])
def test_sums_are_those_of_the_first_bytes(tmp_path: Path, counts: tuple[int, ...]) -> None:
    sums = FirstBytes(written(tmp_path, CONTENT), len(CONTENT))
    assert [sums.sum_of(count) for count in counts] == [zlib.crc32(CONTENT[:count]) for count in counts]


@pytest.mark.parametrize("count", [-1, len(CONTENT) + 1])
def test_there_is_no_sum_of_bytes_that_there_are_not(tmp_path: Path, count: int) -> None:
    assert FirstBytes(written(tmp_path, CONTENT), len(CONTENT)).sum_of(count) is None


def test_a_second_sum_reads_no_more_than_the_block_that_it_ends_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path, CONTENT * 20)
    sums, read = FirstBytes(path, 170_000), counted_reads(path, monkeypatch)
    sums.sum_of(170_000)
    assert 170_000 <= sum(read) <= 170_000 + io.DEFAULT_BUFFER_SIZE
    read.clear()
    sums.sum_of(100_000)
    assert 0 < sum(read) <= 1024 + io.DEFAULT_BUFFER_SIZE


@pytest.mark.parametrize(
    ("content", "size", "line"),
    [
        (b"", 0, b""), (b"no end", 0, b""), (b"one\n", 4, b"one\n"), (b"one\ntwo", 4, b"one\n"), (b"\n", 1, b"\n"),
        (b"one\ntwo\nthr", 8, b"two\n"), (b"one\n" + b"x" * 40 + b"\n" + b"y" * 70, 45, b"x" * 40 + b"\n"),
        (b"one\n" + b"x" * 200 + b"\n", 205, b""),
    ],
)  # fmt: skip
def test_the_last_whole_line_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes, size: int, line: bytes
) -> None:
    monkeypatch.setattr(recorded_bytes, "MOST_LINE", 100)
    with io.BufferedReader(open_regular(written(tmp_path, content))) as stream:
        assert last_whole_line(stream) == (size, line)
