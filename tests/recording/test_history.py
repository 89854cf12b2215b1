"""A run's past: columns of numbers that stay bounded without losing their extremes."""

from __future__ import annotations

import numpy as np
import pytest

from tuimove.recording.history import COLUMNS, History, recorded_numbers


def test_columns_hold_numbers_in_the_order_they_came() -> None:
    """Beyond the first allocation too."""
    history = History()
    for epoch in range(1000):
        history.append({"epoch": epoch, "W1.distance": epoch / 2})
    assert len(history) == 1000
    np.testing.assert_array_equal(history.column("W1.distance"), np.arange(1000) / 2)
    assert history.latest("epoch") == 999


def test_missing_numbers_are_nan() -> None:
    """Whether left out or None."""
    history = History()
    history.append({"epoch": 0, "loss": None})
    assert np.isnan(history.column("loss")[0])
    assert np.isnan(history.column("W2.norm")[0])


def test_an_unknown_column_is_refused() -> None:
    """A misspelt column is a mistake of the program, not a new column."""
    with pytest.raises(KeyError):
        History().append({"losss": 1.0})


def test_a_long_history_is_bounded_and_keeps_its_extremes() -> None:
    """The lowest and highest number survive any amount of thinning, and epochs stay in order."""
    history = History(most_rows=64)
    values = np.random.default_rng(1).normal(size=5000)
    values[[10, 2000]] = [50, -50]
    for epoch, value in enumerate(values):
        history.append({"epoch": epoch, "loss": value})
    assert len(history) <= 64
    assert history.column("loss").max() == 50
    assert history.column("loss").min() == -50
    epochs = history.column("epoch")
    assert np.all(np.diff(epochs) > 0)
    assert epochs[0] == 0
    assert epochs[-1] == 4999


def test_thinning_passes_over_missing_numbers() -> None:
    """A gap doesn't hide the numbers beside it."""
    history = History(most_rows=16)
    for epoch in range(16):
        history.append({"epoch": epoch, "loss": epoch if epoch % 2 else None})
    history.append({"epoch": 16})
    assert np.nanmin(history.column("loss")) == 1
    assert np.nanmax(history.column("loss")) == 15


def test_numbers_are_read_from_a_record_with_gaps() -> None:
    """Words, nulls and unknown matrices are passed over."""
    table = {"epoch": 3, "loss": None, "seconds": "soon", "matrices": {"W1": {"norm": 2, "frozen": True}, "W9": {}}}
    assert recorded_numbers(table) == {"epoch": 3.0, "W1.norm": 2.0}
    assert "W1.norm" in COLUMNS


def test_a_head_is_the_history_as_it_was_then() -> None:
    history = History()
    for epoch in range(600):
        history.append({"epoch": epoch, "loss": -epoch})
    head = history.head(100)
    assert (len(head), head.latest("loss")) == (100, -99)
    assert list(head.column("epoch")) == list(range(100))
    assert (len(history), len(history.head(10_000))) == (600, 600)
