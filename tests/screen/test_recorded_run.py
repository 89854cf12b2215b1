"""Recorded runs as a dashboard's source: read, followed, cut short, replaced, and made by somebody who means harm."""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.support.screen_reading import ALARM, END, RUN, measurement
from tests.support.waiting import join, wait_until
from tuimove.errors import DataError
from tuimove.recording.record import EndRecord, MeasurementRecord, Record, RunRecord, to_json
from tuimove.runs.steering.controls import Controls
from tuimove.screen.sources.recorded_run import RecordedRun
from tuimove.settings.preset_reading import load_preset

PRESET = load_preset("quick-look")
BEGINNING = replace(
    RUN, preset={"name": PRESET.name, **PRESET.as_dict()},
    data={"name": "mnist", "train": 10000, "test": 2000, "inputs": 784, "live_inputs": 717, "classes": 10},
)  # fmt: skip
SOME = [measurement(epoch) for epoch in range(0, 100, 10)]


def lines_of(*records: Record) -> str:
    return "".join(to_json(record, histograms=True) + "\n" for record in records)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "run"
    made.mkdir()
    return made


Opening = Callable[..., RecordedRun]


@pytest.fixture
def opened() -> Iterator[Opening]:
    """Return what opens recorded runs, which are closed afterwards."""
    runs: list[RecordedRun] = []

    def open_run(*arguments: Any, **settings: Any) -> RecordedRun:
        runs.append(RecordedRun(*arguments, **settings))
        return runs[-1]

    yield open_run
    for run in runs:
        run.close()
        if run.ident is not None:
            join(run)


def read_all(run: RecordedRun) -> list[Record]:
    """Return what a run tells until the file ends, read in this thread."""
    records = []
    while True:
        run.read_some()
        records += run.mailbox.take()
        if run._reader.file.is_at_end:
            return records


def epochs_of(records: Sequence[Record]) -> list[int]:
    return [record.epoch for record in records if isinstance(record, MeasurementRecord)]


def test_what_was_recorded_is_told_as_it_was_written(folder: Path, opened: Opening) -> None:
    records: list[Record] = [BEGINNING, *SOME, ALARM, END]
    (folder / "records.jsonl").write_text(lines_of(*records))
    run = opened(folder)
    assert run.preset == PRESET
    assert read_all(run) == records
    assert (run.end, run.phase, run.mailbox.epoch, run.trouble, run.remark) == (END, "finished", 90, "", "")
    assert not run.can_be_steered


def test_a_compressed_file_is_read_too(tmp_path: Path, opened: Opening) -> None:
    (tmp_path / "a.jsonl.gz").write_bytes(gzip.compress(lines_of(BEGINNING, *SOME, END).encode()))
    run = opened(tmp_path / "a.jsonl.gz")
    assert read_all(run) == [BEGINNING, *SOME, END]
    assert run.out is None


def test_a_run_that_goes_on_is_followed_and_a_torn_line_waited_for(folder: Path, opened: Opening) -> None:
    path, text = folder / "records.jsonl", lines_of(SOME[1])
    path.write_text(lines_of(BEGINNING, SOME[0]) + text[:100])
    run = opened(folder)
    assert epochs_of(read_all(run)) == [0]
    assert run.phase == "training"
    with path.open("a") as stream:
        stream.write(text[100:] + lines_of(*SOME[2:4]))
    assert epochs_of(read_all(run)) == [10, 20, 30]
    assert run.remark == ""


def test_a_whole_last_line_needs_no_newline(folder: Path, opened: Opening) -> None:
    path = folder / "records.jsonl"
    path.write_text(lines_of(BEGINNING, *SOME[:2]).rstrip("\n"))
    run = opened(folder)
    assert epochs_of(read_all(run)) == [0, 10]
    with path.open("a") as stream:
        stream.write("\n" + lines_of(SOME[2]))
    assert (epochs_of(read_all(run)), run.remark) == ([20], "")


@pytest.mark.parametrize("is_replaced", [False, True])
def test_a_file_cut_short_or_replaced_is_told_again_from_its_start(
    folder: Path, opened: Opening, is_replaced: bool
) -> None:
    path = folder / "records.jsonl"
    path.write_text(lines_of(BEGINNING, *SOME[:5], replace(END, status="stopped")))
    run = opened(folder)
    read_all(run)
    resumed = lines_of(BEGINNING, *SOME[:3], *(replace(record, seconds=99.25) for record in SOME[3:]))
    if is_replaced:
        (folder / "new").write_text(resumed)
        (folder / "new").replace(path)
    else:
        os.truncate(path, len(lines_of(BEGINNING, *SOME[:3])))
        with path.open("a") as stream:  # and grown beyond where it was before anybody looked
            stream.write(resumed[len(lines_of(BEGINNING, *SOME[:3])) :])
    told = read_all(run) + read_all(run)
    assert isinstance(told[0], RunRecord)
    assert epochs_of(told) == list(range(0, 100, 10))
    assert run.end is None


def test_a_resumed_run_that_tells_some_epochs_again_goes_on_from_the_new_ones(folder: Path, opened: Opening) -> None:
    stopped = replace(END, status="stopped", epochs=40)
    records: list[Record] = [BEGINNING, *SOME[:5], replace(ALARM, epoch=40), stopped,
               BEGINNING, *SOME[3:5], replace(ALARM, epoch=40), *SOME[5:]]  # fmt: skip
    (folder / "records.jsonl").write_text(lines_of(*records))
    told = read_all(opened(folder))
    assert told == [BEGINNING, *SOME[:5], replace(ALARM, epoch=40), stopped, *SOME[5:]]


def test_garbage_is_passed_over_and_counted(folder: Path, opened: Opening) -> None:
    good = lines_of(BEGINNING, *SOME[:2]).encode().splitlines()
    path = folder / "records.jsonl"
    path.write_bytes(b"\n".join([good[0], b"\xff\xfe\x00", b"[1]", good[1], b"", b'{"record":"x"}', good[2], b""]))
    run = opened(folder)
    assert epochs_of(read_all(run)) == [0, 10]
    assert run.remark == "3 lines passed over: no records"


def test_records_of_other_runs_are_passed_over(folder: Path, opened: Opening) -> None:
    others = [replace(record, run="other") for record in SOME[:3]]
    (folder / "records.jsonl").write_text(lines_of(BEGINNING, SOME[0], *others, SOME[1]))
    run = opened(folder)
    assert epochs_of(read_all(run)) == [0, 10]
    assert "3 records of other runs" in run.remark


def test_a_preset_of_another_version_is_read_as_far_as_it_can_be(folder: Path, opened: Opening) -> None:
    table = {"name": "n", "title": "\x1b[2J", "network": {"hidden": 7, "activation": "swish"}, "future": {"a": 1},
             "training": 3, "measure": {"every": 5}}  # fmt: skip
    (folder / "records.jsonl").write_text(lines_of(replace(BEGINNING, preset=table)))
    preset = opened(folder).preset
    assert (preset.title, preset.network.hidden, preset.network.activation, preset.measure.every) == ("n", 7, "relu", 5)


def test_nothing_is_dropped_where_the_screen_is_slow(folder: Path, opened: Opening) -> None:
    many = [replace(SOME[0], epoch=epoch, matrices={}) for epoch in range(9000)]
    (folder / "records.jsonl").write_text(lines_of(BEGINNING, *many, replace(END, epochs=8999)))
    run = opened(folder)
    run.start()
    told: list[Record] = []

    def has_ended() -> bool:
        assert run.mailbox.waiting <= 4096
        told.extend(run.mailbox.take())
        return any(isinstance(record, EndRecord) for record in told)

    wait_until(has_ended, "the end's record", every=0.1)
    assert epochs_of(told) == list(range(9000))
    assert run.mailbox.dropped == 0


def test_controls_may_be_somebody_else_s(folder: Path, opened: Opening) -> None:
    (folder / "records.jsonl").write_text(lines_of(BEGINNING))
    controls = Controls()
    run = opened(folder, controls=controls)
    run.can_be_steered = True
    assert run.controls is controls


@pytest.mark.parametrize("content", [b"", b"\n\n"])
def test_a_file_without_records_is_refused(folder: Path, content: bytes) -> None:
    (folder / "records.jsonl").write_bytes(content)
    with pytest.raises(DataError, match="holds no records"):
        RecordedRun(folder)


def test_a_folder_without_records_is_refused(folder: Path) -> None:
    with pytest.raises(DataError, match="No such file"):
        RecordedRun(folder)


def test_every_line_being_json_does_not_make_it_a_record(folder: Path) -> None:
    (folder / "records.jsonl").write_text(json.dumps({"epoch": 1}) + "\n")
    with pytest.raises(DataError, match=r"holds no records; it begins with .* JSON, not records"):
        RecordedRun(folder)
