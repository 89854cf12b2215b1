"""The numbers in the list of matrices, against the weights themselves; and how the list is sorted and filtered."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.support.loop_runs import finding, look, loop_records, parameters, run_record, steps
from tuimove.diagnosis.measurement import measure_matrix
from tuimove.recording.reading.parsing import record_of
from tuimove.recording.record import MeasurementRecord
from tuimove.screen.one_run.matrix_rows import MatrixRow, listed_places, matrix_rows, start_norm, yard_stick
from tuimove.screen.one_run.state import RunState
from tuimove.settings.matrix_role import MatrixRole
from tuimove.settings.preset_reading import recorded_preset
from tuimove.settings.starting_law import StartingLaw

RANDOM = np.random.default_rng(1)


def state_of(records: list[dict[str, Any]]) -> RunState:
    state = RunState(recorded_preset(None))
    state.take(record for table in records if (record := record_of(table)))
    return state


def rows_of(*more: dict[str, Any]) -> list[MatrixRow]:
    return matrix_rows(state_of([*loop_records(2, 8), *more]))


def test_the_share_of_the_start_that_is_left_is_that_of_the_weights() -> None:
    start = RANDOM.normal(size=(1, 500)).astype(np.float32)
    middle, now = 0.9 * start + 0.1, 0.6 * start + RANDOM.normal(size=(1, 500)).astype(np.float32)
    law, live = StartingLaw("normal", 1.0), np.ones(1, np.bool_)
    role = MatrixRole("w", "weights", "first", (10, 50), law)
    run = {**run_record([("w", "weights", (10, 50))]), "matrices": [role.as_dict()]}
    state = state_of([run])
    for step, weights in enumerate((start, middle, now)):
        matrices = {"w": measure_matrix(weights, start, middle if step == 2 else start, live, law)}
        state.take([MeasurementRecord("nanoGPT", step, 0.0, 0.1, 0.0, 0.0, 0.0, matrices)])
        (row,) = matrix_rows(state)
        assert row.left == pytest.approx((weights * start).sum() / (start**2).sum(), rel=1e-4)
    assert row.distance == pytest.approx(np.linalg.norm(now - start) / np.sqrt(500 / (3 * 50)), rel=1e-4)
    assert row.step == pytest.approx(np.linalg.norm(now - middle) / np.linalg.norm(now), rel=1e-4)


def test_the_norm_of_the_start_is_known_from_a_later_look_too() -> None:
    start, moved = RANDOM.normal(size=(2, 1, 400)).astype(np.float32)
    now = start + 0.3 * moved
    measured = measure_matrix(now, start, start, np.ones(1, np.bool_), StartingLaw("normal", 1.0))
    assert start_norm(measured) == pytest.approx(np.linalg.norm(start), rel=1e-4)


def test_the_yard_stick_of_weights_is_the_norm_of_pytorch_s_default_start() -> None:
    outputs, inputs = 200, 300
    drawn = RANDOM.uniform(-1 / np.sqrt(inputs), 1 / np.sqrt(inputs), (outputs, inputs))
    role = MatrixRole("w", "weights", "inner", (outputs, inputs), None)
    assert yard_stick(role, 123.0, outputs * inputs) == pytest.approx(np.linalg.norm(drawn), rel=0.01)
    assert yard_stick(MatrixRole("b", "bias", "inner", (200,), None), 123.0, 200) == 123.0


def test_rows_are_sorted_by_worst_finding_by_movement_or_by_place() -> None:
    names = [name for name, _, _ in parameters(2)]
    rows = rows_of(finding(3, names[5], "notice"), finding(3, names[2], "alarm"))
    assert [names[place] for place in listed_places(rows, "", "finding")[:2]] == [names[2], names[5]]
    farthest = listed_places(rows, "", "movement")
    distances = [rows[place].distance for place in farthest]
    assert distances == sorted(distances, reverse=True)
    assert listed_places(rows, "", "place") == list(range(len(rows)))


def test_rows_are_filtered_by_name_place_kind_and_severity() -> None:
    names = [name for name, _, _ in parameters(2)]
    rows = rows_of(finding(3, names[2], "alarm"))

    def listed(words: str) -> list[str]:
        return [names[place] for place in listed_places(rows, words, "place")]

    assert listed("h.1 c_proj weights") == ["transformer.h.1.attn.c_proj.weight", "transformer.h.1.mlp.c_proj.weight"]
    assert listed("first") == ["transformer.wte.weight"]
    assert listed("alarm") == [names[2]]
    assert listed("nothing of that name") == []


def test_numbers_that_no_matrix_has_break_nothing() -> None:
    named = parameters(1)
    first = look(named, 0)
    first["matrices"]["lm_head.weight"] |= {"distance": 1e300, "cosine": -1e300, "norm": 1e-300, "step": 1e308}
    rows = matrix_rows(state_of([run_record(named), first, look(named, 1)]))
    assert listed_places(rows, "lm_head", "movement") == [len(rows) - 1]


def test_a_matrix_that_did_not_exist_at_the_start_has_no_share_of_it() -> None:
    named = parameters(1)
    first = look(named, 0)
    first["matrices"]["lm_head.weight"] |= {"norm": 0.0}
    rows = matrix_rows(state_of([run_record(named), first, look(named, steps(3)[2])]))
    assert np.isnan(rows[-1].left)
    assert rows[-1].distance > 0
