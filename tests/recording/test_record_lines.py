"""Records that have passed through other programs: logs, editors, compressors, shells of other systems.

Each test is of a kind of trouble that was reported of comparable programs and tried on this one:

| report | trouble | tests |
|---|---|---|
| W9 | byte order marks, UTF-16, CRLF | `..._records_that_...` with those names, `..._says_what_it_is` |
| W11 | words between the records, damage, NUL bytes, prefixes | `..._records_that_...`, `..._counted_...` |
| W18 | compressed files that are cut, damaged or misnamed | `..._cut_or_damaged_...`, `..._whatever_its_name` |
| two runs in a file | logs appended to one another, a run that was resumed | `..._two_runs_...`, `..._resumed_...` |
"""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import os
import sys
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.support.recordings import recorded
from tests.support.waiting import join
from tuimove.command_line.main import main
from tuimove.errors import DataError
from tuimove.recording.reading.course import Course, read_courses
from tuimove.recording.reading.outline import Outline, read_outlines
from tuimove.recording.reading.record_lines import RecordLines
from tuimove.recording.reading.run_follower import RecordReader
from tuimove.recording.record import MeasurementRecord

TABLES = recorded("same-network", every=50)
LINES = [json.dumps(table, separators=(",", ":")).encode() for table in TABLES]
WHOLE = b"".join(line + b"\n" for line in LINES)
ZIPPED = gzip.compress(WHOLE)
EPOCHS = [table["epoch"] for table in TABLES if table["record"] == "measurement"]
FIRST, REST = LINES[0] + b"\n", b"".join(line + b"\n" for line in LINES[1:])


def with_words(lines: list[bytes]) -> bytes:
    """Return a log that both streams of a run were written to."""
    words = [b"kept as same-network-1", b"epoch 100/1000, 9.5 epochs/s, 20 s left", b"epoch 5     distance   norm"]
    return b"\n".join([words[0], lines[0], words[1], *lines[1:], words[2], b""])


def each(change: Callable[[bytes], bytes]) -> bytes:
    return b"".join(change(line) for line in LINES)


INTACT: dict[str, tuple[bytes, str]] = {
    "as they were": (WHOLE, ""),
    "no last newline": (WHOLE.rstrip(b"\n"), ""),
    "byte order mark": (b"\xef\xbb\xbf" + WHOLE, ""),
    "byte order mark within": (FIRST + b"\xef\xbb\xbf" + REST, ""),
    "CRLF": (each(lambda line: line + b"\r\n"), ""),
    "blank lines": (each(lambda line: line + b"\n\n  \n"), ""),
    "spaces of another JSON writer": (b"".join(json.dumps(table).encode() + b"\n" for table in TABLES), ""),
    "both streams in one file": (with_words(LINES), "3 lines passed over: no records"),
    "a progress bar before them": (each(lambda line: b"\r 62%|####  | epoch 5\r      \r" + line + b"\r\n"), ""),
    "time stamps": (each(lambda line: b"2026-11-26T00:01:50.123Z " + line + b"\n"), ""),
    "names of files": (each(lambda line: b"all.log:12:" + line + b"\n"), ""),
    "colours": (each(lambda line: b"\x1b[32m" + line + b"\x1b[0m\n"), ""),
    "a hole": (FIRST + bytes(4096) + REST, ""),
    "a line of NUL bytes": (FIRST + bytes(100) + b"\n" + REST, "1 line passed over: no records"),
    "bytes that are no text": (FIRST + b"\xff\x00\xfe\n" + REST, "1 line passed over: no records"),
    "another program's JSON": (
        FIRST + b'{"level":"info","record":"x"}\n[1]\n' + REST,
        "2 lines passed over: no records",
    ),
    "a torn line before a whole one": (
        FIRST + b'{"record":"measurem' + REST,
        "1 record passed over: joined to another on one line",
    ),
    "two records on a line": (
        WHOLE[:-1] + LINES[-1] + b"\n",
        "1 record passed over: joined to another on one line",
    ),
    "a very long line": (FIRST + b"x" * (3 << 20) + b"\n" + REST, "1 line passed over: no records"),
    "cut last line": (WHOLE + b'{"record":"measurement","ep', "its last line is cut short"),
    "compressed": (ZIPPED, ""),
    "compressed in parts": (gzip.compress(FIRST) + gzip.compress(REST), ""),
    "compressed with words": (gzip.compress(with_words(LINES)), "3 lines passed over: no records"),
}


@pytest.fixture(params=["a.jsonl", "a.jsonl.gz", "all.log"])
def path(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return tmp_path / str(request.param)


def epochs_of(place: object) -> list[int]:
    return [record["epoch"] for record in RecordLines(str(place)) if record["record"] == "measurement"]


@pytest.mark.parametrize(("content", "remark"), INTACT.values(), ids=INTACT)
def test_records_that_something_was_added_to_are_all_read_whatever_its_name(
    path: Path, content: bytes, remark: str
) -> None:
    path.write_bytes(content)
    records = RecordLines(str(path))
    assert [record for record in records if record["record"] != "end"] == TABLES[:-1]
    assert records.remark == (f"{path}: {remark}" if remark else "")


@pytest.mark.parametrize(("content", "remark"), INTACT.values(), ids=INTACT)
def test_every_command_reads_them_and_says_the_same(
    tmp_path: Path, content: bytes, remark: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(content)
    assert main(["check", str(path)]) == 0
    checked = capsys.readouterr().err
    assert f"{len(EPOCHS)} measurements" in checked
    assert main(["compare", str(path)]) == 0
    compared = capsys.readouterr()
    assert "training.seed=1" in compared.out
    assert main(["report", str(path), "--out", str(tmp_path / "r")]) == 0
    reported = capsys.readouterr().out
    for words in (checked, compared.err, reported, (tmp_path / "r" / "report.html").read_text()):
        assert remark in words
        assert ("passed over" in words) == ("passed over" in remark)


@pytest.mark.parametrize(("content", "remark"), INTACT.values(), ids=INTACT)
def test_the_dashboard_s_reader_reads_them_and_says_the_same(tmp_path: Path, content: bytes, remark: str) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(content)
    reader = RecordReader(path)
    with closing(reader.file):
        assert reader.first is not None
        assert reader.first.run == "same-network-1"
        told = []
        while not reader.file.is_at_end:
            told += [record for record, _ in reader.read_some()]
        assert [record.epoch for record in told if isinstance(record, MeasurementRecord)] == EPOCHS
        assert reader.remark == (remark if "cut short" not in remark else "")  # it may be being written
        assert (found := reader.measurement_at(EPOCHS[-1])) is not None
        assert found.epoch == EPOCHS[-1]


DAMAGED: dict[str, Callable[[bytes], bytes]] = {
    "cut": lambda content: content[:-300],
    "cut in its middle": lambda content: content[: len(content) // 2],
    "without its sum": lambda content: content[:-8],
    "damaged in its middle": lambda content: content[: len(content) // 2] + b"\xff" * 40 + content[-300:],
    "with a wrong sum": lambda content: content[:-8] + bytes(8),
}


@pytest.mark.parametrize("damage", DAMAGED.values(), ids=DAMAGED)
def test_a_compressed_file_cut_or_damaged_is_read_up_to_there(
    path: Path, damage: Callable[[bytes], bytes], capsys: pytest.CaptureFixture[str]
) -> None:
    content = damage(long_zipped())
    path.write_bytes(content)
    assert main(["check", str(path)]) == 0
    assert f"{path}: read up to where it is damaged: " in capsys.readouterr().err
    records = RecordLines(str(path))
    read = [record["epoch"] for record in records if record["record"] == "measurement"]
    share = len(content) // 2 / len(long_zipped()) if "middle" in str(damage) else 0.4
    assert len(read) >= share * 1001 - 20
    assert read == list(range(len(read)))


def long_zipped() -> bytes:
    """Return a compressed run whose numbers aren't all alike."""
    tables = recorded("same-network", every=1, histograms=False)
    return gzip.compress(b"".join(json.dumps(table).encode() + b"\n" for table in tables), 1)


NOT_RECORDS: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "holds no records"),
    "blank": (b"\n \n", "holds no records"),
    "words": (b"kept as same-network-1\n", "holds no records"),
    "web page": (b"<!DOCTYPE html>\n<html>\n", "begins with '<!DO': a web page, not records; download it again"),
    "UTF-16 without a mark": (WHOLE.decode().encode("utf-16-le"), "iconv -f UTF-16LE -t UTF-8 converts it"),
    "big-endian UTF-16 without a mark": (WHOLE.decode().encode("utf-16-be"), "text in UTF-16BE, not records"),
    "UTF-32": (WHOLE.decode().encode("utf-32"), "text in UTF-32, not records; iconv -f UTF-32 -t UTF-8 converts it"),
    "big-endian UTF-32": (b"\x00\x00\xfe\xff" + WHOLE.decode().encode("utf-32-be"), "text in UTF-32, not records"),
    "UTF-32 without a mark": (WHOLE.decode().encode("utf-32-le"), "text in UTF-32LE, not records"),
    "UTF-16 of PowerShell": (WHOLE.decode().encode("utf-16"), "text in UTF-16, not records; saved by PowerShell?"),
    "big-endian UTF-16": (b"\xfe\xff" + WHOLE.decode().encode("utf-16-be"), "iconv -f UTF-16 -t UTF-8 converts it"),
    "zip": (b"PK\x03\x04" + bytes(50), "a zip archive (or NumPy's .npz), not records; unpack it first"),
    "xz": (lzma.compress(WHOLE), "xz data, not records; unpack it first"),
    "bzip2": (bz2.compress(WHOLE), "bzip2 data, not records"),
    "Zstandard": (b"\x28\xb5\x2f\xfd" + bytes(50), "Zstandard data, not records"),
    "compressed twice": (gzip.compress(ZIPPED), "gzip data, not records; unpack it first"),
    "NumPy": (b"\x93NUMPY" + bytes(50), "a NumPy .npy array, not records"),
    "LFS pointer": (b"version https://git-lfs.github.com/spec/v1\n", "a Git LFS pointer, not records"),
    "damaged from its start": (ZIPPED[:10] + b"\xff" * 100, "holds no records; "),
}


@pytest.mark.parametrize("command", ["check", "compare", "report", "replay"])
@pytest.mark.parametrize(("content", "words"), NOT_RECORDS.values(), ids=NOT_RECORDS)
def test_a_file_without_a_record_says_what_it_is(
    tmp_path: Path, content: bytes, words: str, command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(content)
    assert main([command, str(path)]) == 2
    out, said = capsys.readouterr()
    assert (out, said.count("\n")) == ("", 1)
    assert str(path) in said
    assert words in said


def test_records_without_a_measurement_are_told_from_no_records(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(FIRST)
    for read in (lambda: read_courses(str(tmp_path / "a.jsonl"), print), lambda: main_error(tmp_path / "a.jsonl")):
        with pytest.raises(DataError, match="holds no measurements"):
            read()


def main_error(path: Path) -> None:
    list(read_outlines(str(path), lambda _: Outline(("loss",), 4), print))


@pytest.mark.parametrize("content", [WHOLE, ZIPPED, b"\xef\xbb\xbf" + with_words(LINES)])
def test_pipes_are_read_as_files_are(content: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    for place in ("-", "/dev/fd/{}"):  # the latter is a shell's <(command)
        reading, writing = os.pipe()
        writer = threading.Thread(target=write_all, args=(writing, content))
        writer.start()
        with io.TextIOWrapper(os.fdopen(reading, "rb")) as stdin:
            monkeypatch.setattr(sys, "stdin", stdin)
            assert epochs_of(Path(place.format(reading))) == EPOCHS
            join(writer)
    monkeypatch.undo()


def write_all(descriptor: int, content: bytes) -> None:
    with open(descriptor, "wb") as stream:
        stream.write(content)


def test_what_has_come_through_a_pipe_is_told_before_more_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    reading, writing = os.pipe()
    with io.TextIOWrapper(os.fdopen(reading, "rb")) as stdin, os.fdopen(writing, "wb", buffering=0) as stream:
        monkeypatch.setattr(sys, "stdin", stdin)
        stream.write(FIRST + LINES[1] + b"\n")
        records = iter(RecordLines("-"))
        assert [next(records)["record"], next(records)["record"]] == ["run", "measurement"]
        stream.write(LINES[2] + b"\n")
        assert next(records)["epoch"] == EPOCHS[1]
        monkeypatch.undo()


def courses_of(path: Path, tables: list[dict[str, Any]]) -> list[Course]:
    path.write_bytes(b"".join(json.dumps(table).encode() + b"\n" for table in tables))
    return read_courses(str(path), print)


def test_two_runs_in_one_file_are_two_runs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tables = [*TABLES, *recorded("same-network", 2, every=50)]
    courses = courses_of(tmp_path / "a.jsonl", tables)
    assert [(course.label, len(course.rows)) for course in courses] == [
        ("training.seed=1", len(EPOCHS)),
        ("training.seed=2", len(EPOCHS)),
    ]
    assert main(["compare", str(tmp_path / "a.jsonl")]) == 0
    assert "training.seed=2" in capsys.readouterr().out
    reader = RecordReader(tmp_path / "a.jsonl")
    with closing(reader.file):
        while not reader.file.is_at_end:
            list(reader.read_some())
        assert f"{len(TABLES)} records of other runs passed over: `tuimove compare` reads all" in reader.remark


def test_a_run_resumed_into_the_same_log_is_one_run(tmp_path: Path) -> None:
    stopped = {"record": "end", "run": "same-network-1", "status": "interrupted", "epochs": 300, "seconds": 3.0}
    first, begun_again = TABLES[:8], TABLES[5:]
    (course,) = courses_of(tmp_path / "a.jsonl", [*first, stopped, TABLES[0], *begun_again])
    assert [row["epoch"] for row in course.rows] == EPOCHS
    assert (course.status, len(course.findings)) == ("finished", 1)
    (outline,) = read_outlines(str(tmp_path / "a.jsonl"), lambda _: Outline(("epoch",), 64), print)
    assert outline.outline.column("epoch").tolist() == EPOCHS
    (unfinished,) = courses_of(tmp_path / "a.jsonl", [*first, stopped, TABLES[0], *begun_again[:6]])
    assert unfinished.status == "unfinished"


def test_the_same_log_twice_is_one_run(tmp_path: Path) -> None:
    (course,) = courses_of(tmp_path / "a.jsonl", [*TABLES, *TABLES])
    assert [row["epoch"] for row in course.rows] == EPOCHS
    assert len(course.findings) == 1
