"""Records read back: what was written comes back equal, and what nobody wrote comes back harmless."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.screen_reading import ALARM, END, RUN, measurement
from tuimove.errors import DataError
from tuimove.recording.reading.parsing import NO_HISTOGRAM, record_of
from tuimove.recording.reading.record_lines import RecordLines
from tuimove.recording.record import ControlRecord, Record, to_json
from tuimove.settings.matrix_role import MOST_MATRICES, MatrixRole
from tuimove.settings.starting_law import StartingLaw

WRITTEN: list[Record] = [
    replace(RUN, preset={"title": "a"}, data={"name": "mnist", "train": 1, "test": 2, "inputs": 3, "live_inputs": 4,
                                              "classes": 5}, versions={"numpy": "2"},
            matrices=(MatrixRole("fc.weight", "weights", "first", (3, 9), StartingLaw("normal", 0.1)),
                      MatrixRole("gamma", "other", "inner", (), None))),
    replace(RUN, data={"name": "", "train": 0, "test": 0, "inputs": 0, "live_inputs": 0, "classes": 0},
            loop={"framework": "torch", "clock": "step", "optimizer": {"name": "Adam", "lr": 0.1, "fused": None},
                  "laws": {"W1": "normal, 0.02"}, "sampled": {}}),
    measurement(10),
    ALARM,
    ControlRecord("r", 7, "learning_rate", 0.25),
    END,
    replace(END, status="failed", reason="the disk is full"),
]  # fmt: skip


@pytest.mark.parametrize("record", WRITTEN, ids=lambda record: type(record).__name__)
def test_what_was_written_is_read_back(record: Record) -> None:
    assert record_of(json.loads(to_json(record, histograms=True))) == record


def test_what_is_not_finite_comes_back_as_no_number() -> None:
    read = record_of(json.loads(to_json(measurement(10, loss=math.inf), histograms=True)))
    assert math.isnan(read.loss)  # type: ignore[union-attr]


def test_records_without_histograms_have_empty_ones() -> None:
    read: Any = record_of(json.loads(to_json(measurement(10), histograms=False)))
    assert read.matrices["W1"].histogram == NO_HISTOGRAM


def test_no_text_that_could_steer_a_terminal_comes_back() -> None:
    hostile = replace(ALARM, message="\x1b]0;mine\x07", rule="a\nb")
    read = record_of(json.loads(to_json(hostile, histograms=True)))
    assert (read.message, read.rule) == ("?]0;mine?", "a?b")  # type: ignore[union-attr]


def test_a_matrix_that_the_run_does_not_list_is_not_dropped() -> None:
    table = json.loads(to_json(measurement(10), histograms=True))
    table["matrices"]["\x1bgamma"] = {"distance": 2.0}
    read: Any = record_of(table)
    assert [*read.matrices] == ["W1", "b1", "W2", "b2", "?gamma"]
    assert read.matrices["?gamma"].distance == 2.0
    finding = record_of(json.loads(to_json(replace(ALARM, matrix="gamma"), histograms=True)))
    assert finding.matrix == "gamma"  # type: ignore[union-attr]


def test_a_record_of_more_matrices_than_a_run_may_have_is_none() -> None:
    many: dict[str, Any] = {f"W{place}": {} for place in range(MOST_MATRICES + 1)}
    assert record_of({"record": "measurement", "run": "r", "epoch": 0, "matrices": many}) is None
    roles = [{"name": name} for name in many]
    assert record_of({"record": "run", "run": "r", "matrices": roles}) is None
    assert record_of({"record": "run", "run": "r", "matrices": roles[1:]}) is not None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)
KINDS = [json.loads(to_json(record, histograms=True)) for record in WRITTEN]


@given(st.sampled_from(KINDS), st.data())
def test_any_table_is_a_record_or_none(kind: dict[str, Any], data: st.DataObject) -> None:
    table = {**kind, data.draw(st.sampled_from(sorted(kind))): data.draw(JSON)}
    record = record_of(table)
    assert record is None or to_json(record, histograms=True)


def test_a_link_in_a_run_s_folder_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text('{"record":"run"}\n')
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "records.jsonl").symlink_to(tmp_path / "secret")
    with pytest.raises(DataError, match="a link"):
        list(RecordLines(str(tmp_path / "run")))
    assert len(list(RecordLines(str(tmp_path / "secret")))) == 1
