"""Outlines: bounded, evenly thinned, and true at both ends."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tuimove.diagnosis.finding import SEVERITIES
from tuimove.recording.reading.outline import LEAST_POINTS, MOST_BYTES, MOST_POINTS, Outline, RunOutline, points_for


def filled(measured: int, most_points: int = 64) -> Outline:
    outline = Outline(("epoch", "loss"), most_points)
    for epoch in range(measured):
        outline.append({"epoch": epoch, "loss": 2.0 * epoch})
    return outline


@pytest.mark.parametrize("measured", [0, 1, 2, 16, 17, 63, 64, 65, 100, 1000, 12_345])
def test_an_outline_is_bounded_ascending_and_keeps_first_and_newest(measured: int) -> None:
    outline = filled(measured)
    epochs = outline.column("epoch")
    assert len(outline) == len(epochs) <= 64
    assert np.all(np.diff(epochs) > 0)
    assert np.array_equal(outline.column("loss"), 2 * epochs)
    if measured:
        assert (epochs[0], epochs[-1]) == (0, measured - 1)
        assert outline.latest("epoch") == measured - 1


def test_what_is_left_is_evenly_spread() -> None:
    gaps = np.diff(filled(12_345).column("epoch"))[:-1]
    assert len(set(gaps.tolist())) == 1
    assert len(gaps) >= 31


def test_missing_and_huge_numbers_are_no_errors() -> None:
    outline = Outline(("epoch", "loss"))
    outline.append({"epoch": 1})
    outline.append({"epoch": 2, "loss": 1e300, "norm": 1.0})
    assert math.isnan(outline.column("loss")[0])
    assert outline.latest("loss") == math.inf
    assert math.isnan(Outline(("epoch",)).latest("epoch"))


@pytest.mark.parametrize("runs", [0, 1, 100, 10_000, 1_000_000])
def test_outlines_of_many_runs_share_the_memory(runs: int) -> None:
    points = points_for(runs, 17)
    assert points % 2 == 0
    assert LEAST_POINTS <= points <= MOST_POINTS
    if runs == 10_000:
        assert runs * points * 17 * 4 <= MOST_BYTES


def test_records_of_anybody_s_are_taken_as_far_as_they_make_sense() -> None:
    run = RunOutline("a run", lambda roles: Outline(("epoch", f"{roles[0].name}.distance")))
    assert run.state == "waiting"
    for record in (
        {"record": "measurement", "epoch": "soon", "matrices": {"W1": {"distance": None}}},
        {"record": "finding", "severity": "dreadful"},
        {"record": "end", "status": "\x1b[2J"},
        {"record": None},
    ):
        run.take(record)
    assert (run.state, run.worst, run.epoch) == ("training", -1, 0)
    run.take({"record": "finding", "severity": "alarm"})
    run.take({"record": "end", "status": "failed", "reason": "an \x1b[2J escape"})
    assert (run.state, SEVERITIES[run.worst], run.reason) == ("failed", "alarm", "an ?[2J escape")
