"""The mailbox keeps what a slow screen has to know, and no more."""

from __future__ import annotations

import math

from tuimove.recording.record import EndRecord, FindingRecord, MeasurementRecord
from tuimove.recording.sinks.mailbox import Mailbox


def measurement(epoch: int) -> MeasurementRecord:
    return MeasurementRecord("r", epoch, 0.0, 0.5, math.nan, 0.1, 0.1, {})


def test_records_are_taken_once_and_in_order() -> None:
    box = Mailbox()
    for epoch in range(3):
        box.write(measurement(epoch))
    assert [record.epoch for record in box.take() if isinstance(record, MeasurementRecord)] == [0, 1, 2]
    assert box.take() == []


def test_a_slow_screen_loses_the_oldest_measurements_and_nothing_else() -> None:
    """Findings and the end are never dropped, and what was dropped is counted."""
    box = Mailbox(most=4)
    finding = FindingRecord("r", 0, "not_finite", "alarm", "W1", 1.0, 0.0, "It is.", "Lower it.")
    end = EndRecord("r", "finished", 9, 1.0)
    box.write(finding)
    for epoch in range(10):
        box.write(measurement(epoch))
    box.write(end)
    taken = box.take()
    assert taken[0] is finding
    assert taken[-1] is end
    assert [record.epoch for record in taken if isinstance(record, MeasurementRecord)] == [6, 7, 8, 9]
    assert box.dropped == 6
