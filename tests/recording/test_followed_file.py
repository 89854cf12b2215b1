"""Lines of a file that somebody else writes: of any length, compressed, damaged, or no file at all."""

from __future__ import annotations

import gzip
import os
import tracemalloc
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tuimove.errors import DataError
from tuimove.recording.reading import unpacking
from tuimove.recording.reading.followed_file import FollowedFile
from tuimove.recording.reading.line_splitter import MOST_LINE
from tuimove.recording.reading.measurement_index import MeasurementIndex
from tuimove.settings.files import open_regular


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "records.jsonl"


def read_to_end(file: FollowedFile) -> list[bytes]:
    lines = [line.content for line in file.take_lines()]
    while not file.is_at_end:
        lines += [line.content for line in file.take_lines()]
    return lines


@given(st.lists(st.binary(min_size=1, max_size=40), max_size=20), st.integers(1, 64), st.booleans())
@settings(max_examples=100, deadline=None)
def test_lines_are_those_of_the_file_whatever_the_chunks(
    tmp_path_factory: pytest.TempPathFactory, contents: list[bytes], chunk: int, is_zipped: bool
) -> None:
    wanted = [line for content in contents for line in content.split(b"\n") if line.strip()]
    whole = b"".join(line + b"\n" for line in wanted)
    path = tmp_path_factory.mktemp("lines") / ("a.gz" if is_zipped else "a")
    path.write_bytes(gzip.compress(whole) if is_zipped else whole)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(unpacking, "CHUNK", chunk)
        with closing(FollowedFile(path)) as file:
            assert list(offsets_and_lines(file)) == [
                (sum(len(line) + 1 for line in wanted[:place]), line) for place, line in enumerate(wanted)
            ]
            for place in range(len(wanted)):
                offset = sum(len(line) + 1 for line in wanted[:place])
                assert list(file.lines_at(offset)) == wanted[place:]


def offsets_and_lines(file: FollowedFile) -> Iterator[tuple[int, bytes]]:
    yield from file.take_lines()
    while not file.is_at_end:
        yield from file.take_lines()


def test_a_line_too_long_is_passed_over_without_being_held(path: Path) -> None:
    with path.open("wb") as stream:
        stream.write(b"{}\n")
        for _ in range(20):
            stream.write(b"x" * MOST_LINE)
        stream.write(b'\n{"a":1}\n')
    tracemalloc.start()
    with closing(FollowedFile(path)) as file:
        assert read_to_end(file) == [b"{}", b'{"a":1}']
        assert file.too_long == 1
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 4 * MOST_LINE


def test_an_archive_that_unpacks_to_very_much_is_not_held(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl.gz"
    path.write_bytes(gzip.compress(b"0" * (40 * MOST_LINE) + b"\n{}\n", 1))
    tracemalloc.start()
    with closing(FollowedFile(path)) as file:
        assert read_to_end(file) == [b"{}"]
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 4 * MOST_LINE


@pytest.mark.parametrize("place", [30, -1, -12])
def test_damaged_compressed_data_are_read_up_to_there(tmp_path: Path, place: int) -> None:
    path = tmp_path / "a.jsonl.gz"
    whole = bytearray(gzip.compress(b"".join(b'{"a":%d}\n' % number for number in range(100_000))))
    whole[place] ^= 0xFF
    path.write_bytes(whole[: len(whole) - 4 * (place == -1)])
    with closing(FollowedFile(path)) as file:
        read_to_end(file)
        assert file.damage
        assert file.damage.isprintable()
        assert file.take_lines() == []


def test_a_file_that_is_gone_keeps_what_was_read(path: Path) -> None:
    path.write_bytes(b"{}\n")
    with closing(FollowedFile(path)) as file:
        assert read_to_end(file) == [b"{}"]
        path.unlink()
        assert file.take_lines() == []
        assert (file.restarts, file.damage) == (0, "")


def test_a_file_replaced_by_a_link_is_left_alone(path: Path) -> None:
    path.write_bytes(b"{}\n")
    with closing(FollowedFile(path)) as file:
        read_to_end(file)
        path.unlink()
        path.symlink_to("/etc/passwd")
        assert file.take_lines() == []
        assert "a link" in file.damage


def test_links_pipes_folders_and_missing_files_are_refused_at_once(path: Path) -> None:
    path.symlink_to("/etc/passwd")
    with pytest.raises(DataError, match="a link"):
        open_regular(path)
    path.unlink()
    with pytest.raises(DataError, match="No such file"):
        open_regular(path)
    os.mkfifo(path)
    with pytest.raises(DataError, match="not a regular file"):
        open_regular(path)
    with pytest.raises(DataError, match="not a regular file"):
        open_regular(path.parent)
    with pytest.raises(DataError, match="null byte"):
        open_regular(Path("a\0b"))


def test_an_index_stays_small_and_finds_where_to_begin() -> None:
    index = MeasurementIndex(64)
    for place in range(10_000):
        index.append(10 * place, 100 * place)
    assert len(index) <= 64
    for epoch in range(0, 100_000, 997):
        offset = index.offset_before(epoch)
        assert offset is not None
        assert 0 <= epoch // 10 - offset // 100 <= 10_000 // 32
    assert MeasurementIndex().offset_before(5) is None
