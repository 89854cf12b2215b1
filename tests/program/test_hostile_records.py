"""Record files that were cut, flipped and written into: read, checked and compared, or refused in words.

`TUIMOVE_EXAMPLES=10000 pytest tests/test_hostile_records.py` tries as many; a few dozen are tried otherwise.
"""

from __future__ import annotations

import contextlib
import gzip
import io
import json
import os
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.screen_reading import ALARM, END, RUN, measurement
from tuimove.errors import DataError, PresetError
from tuimove.recording.reading.parsing import shown_text
from tuimove.recording.record import ControlRecord, MeasurementRecord, Record, to_json
from tuimove.reports.check import check_run
from tuimove.reports.compare import compare_runs
from tuimove.screen.one_run.state import RunState
from tuimove.screen.sources.recorded_run import RecordedRun
from tuimove.settings.preset_reading import load_preset

EXAMPLES = int(os.environ.get("TUIMOVE_EXAMPLES", "40"))
PRESET = load_preset("quick-look")
SIZES = {"train": 100, "test": 10, "inputs": 784, "live_inputs": 717, "classes": 10}
RECORDS: list[Record] = [
    replace(RUN, preset={"name": PRESET.name, **PRESET.as_dict()}, data={"name": "mnist", **SIZES}),
    *(measurement(epoch) for epoch in range(0, 100, 10)),
    replace(ALARM, epoch=90),
    ControlRecord("r", 95, "learning_rate", 0.25),
    *(measurement(epoch) for epoch in range(100, 160, 10)),
    END,
]
WHOLE = "".join(f"{to_json(record, histograms=place % 5 == 1)}\n" for place, record in enumerate(RECORDS)).encode()

NUMBER = re.compile(rb"(?<=[:\[,])-?[0-9][0-9.e+-]*")
VALUES = [
    b"1e308", b"-1e308", b"1e-320", b"1e999", b"-1", b"0", b"-0.0", b"null", b"true", b'"x"', b"[]", b"{}", b"NaN",
    b"123456789012345678901234567890", b"1" * 400, b"1" * 5000, b"9007199254740991", b'"\\u001b[2J"',
]  # fmt: skip
GARBAGE = [b"", b"\x00" * 50, b"\xff\xfe", b"{}", b"[]", b"null", b"[" * 990 + b"]" * 990, b"{" * 100_000,
           b'{"record":"end","status":"finished"}', b'{"record":"measurement","epoch":3}', b'{"record":"run"}',
           b'{"record":"run","run":' + b"[" * 900 + b"]" * 900 + b"}", b'{"record":"finding","severity":[]}',
           b'{"record":"finding","severity":"alarm","matrix":{},"message":"\\u009b31m"}']  # fmt: skip

Change = Callable[[bytes], bytes]
SHARES = st.floats(0, 1, exclude_max=True)


def cut(share: float) -> Change:
    return lambda content: content[: int(share * len(content))]


def flip(share: float, bit: int) -> Change:
    def change(content: bytes) -> bytes:
        place = int(share * len(content))
        return content[:place] + bytes([content[place] ^ (1 << bit)]) + content[place + 1 :] if content else content

    return change


def insert(share: float, line: bytes) -> Change:
    def change(content: bytes) -> bytes:
        lines = content.split(b"\n")
        lines.insert(int(share * len(lines)), line)
        return b"\n".join(lines)

    return change


def swap(share: float, other: float) -> Change:
    def change(content: bytes) -> bytes:
        lines = content.split(b"\n")
        one, two = int(share * len(lines)), int(other * len(lines))
        lines[one], lines[two] = lines[two], lines[one]
        return b"\n".join(lines)

    return change


def set_number(share: float, value: bytes) -> Change:
    def change(content: bytes) -> bytes:
        places = [match.span() for match in NUMBER.finditer(content)]
        if not places:
            return content
        start, stop = places[int(share * len(places))]
        return content[:start] + value + content[stop:]

    return change


CHANGES = st.lists(
    st.builds(cut, SHARES)
    | st.builds(flip, SHARES, st.integers(0, 7))
    | st.builds(insert, SHARES, st.sampled_from(GARBAGE) | st.binary(max_size=30))
    | st.builds(swap, SHARES, SHARES)
    | st.builds(set_number, SHARES, st.sampled_from(VALUES)),
    min_size=1,
    max_size=8,
)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("hostile")


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(CHANGES, st.booleans(), SHARES, st.integers(0, 7))
def test_changed_records_are_read_or_refused(
    place: Path, changes: list[Change], is_zipped: bool, share: float, bit: int
) -> None:
    content = WHOLE
    for change in changes:
        content = change(content)
    path = place / ("a.jsonl.gz" if is_zipped else "a.jsonl")
    path.write_bytes(flip(share, bit)(gzip.compress(content, 1)) if is_zipped else content)
    read_in_full(path)
    for command in (lambda: check_run(str(path), [], None), lambda: compare_runs([str(path)], "W1.distance", "epoch")):
        with contextlib.suppress(DataError, PresetError), contextlib.redirect_stdout(io.StringIO()) as out:
            with contextlib.redirect_stderr(out):
                command()
            assert all(shown_text(line) == line for line in out.getvalue().splitlines() if len(line) < 1000)


def read_in_full(path: Path) -> None:
    """Read as the dashboard does, and look back at some measurements."""
    try:
        run = RecordedRun(path)
    except DataError:
        return
    with contextlib.closing(run):
        read_run(run)


def read_run(run: RecordedRun) -> None:
    state, epochs = RunState(run.preset), list[int]()
    while not run.is_read:
        run.read_some()
        records = run.mailbox.take()
        state.take(records)
        epochs += [record.epoch for record in records if isinstance(record, MeasurementRecord)]
    assert all(shown_text(words) == words for words in (run.remark, run.trouble, run.phase, state.preset.title))
    for epoch in epochs[-3:]:
        found = run._reader.measurement_at(epoch)
        assert found is None or found.epoch == epoch
        assert state.as_of(len(state.history) - 1, found).speed >= 0


def test_what_is_changed_is_a_record_file() -> None:
    assert {json.loads(line)["record"] for line in WHOLE.splitlines()} == {
        "run",
        "measurement",
        "finding",
        "control",
        "end",
    }
    assert len(list(NUMBER.finditer(WHOLE))) > 1000
