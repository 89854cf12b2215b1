"""Sets of epochs."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from tuimove.recording.reading.epoch_set import EpochSet


@given(st.lists(st.integers(0, 60), unique=True, max_size=30))
@settings(max_examples=100, deadline=None)
def test_a_set_of_epochs_holds_those_that_were_added(epochs: list[int]) -> None:
    added = EpochSet()
    for epoch in sorted(epochs):
        added.append(epoch)
    assert [epoch for epoch in range(-1, 62) if epoch in added] == sorted(epochs)


def test_evenly_spaced_epochs_take_no_room() -> None:
    added = EpochSet()
    for epoch in range(0, 100_000, 5):
        added.append(epoch)
    assert len(added._ranges) == 1
