"""A run's past: columns of numbers that stay bounded without losing their extremes."""

from __future__ import annotations

import numpy as np
import pytest

from tuimove.recording.history import History, history_columns, recorded_numbers
from tuimove.settings.matrix_role import MOST_MATRICES


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
    """Words and nulls are passed over."""
    table = {"epoch": 3, "loss": None, "seconds": "soon", "matrices": {"W1": {"norm": 2, "frozen": True}, "W9": {}}}
    assert recorded_numbers(table) == {"epoch": 3.0, "W1.norm": 2.0}


def test_a_head_is_the_history_as_it_was_then() -> None:
    history = History()
    for epoch in range(600):
        history.append({"epoch": epoch, "loss": -epoch})
    head = history.head(100)
    assert (len(head), head.latest("loss")) == (100, -99)
    assert list(head.column("epoch")) == list(range(100))
    assert (len(history), len(history.head(10_000))) == (600, 600)


def test_the_columns_are_those_of_the_run_s_matrices() -> None:
    history = History(matrices=("fc1.weight", "fc1.bias"))
    history.append({"epoch": 0, "fc1.weight.norm": 3.0})
    assert (history.matrices, history.latest("fc1.weight.norm")) == (("fc1.weight", "fc1.bias"), 3.0)
    assert history_columns(history.matrices)[6] == "fc1.weight.distance"
    assert np.isnan(history.latest("W1.norm"))


def test_a_matrix_that_is_new_on_the_way_gets_columns_of_its_own() -> None:
    history = History(most_rows=512)
    for epoch in range(500):
        history.append({"epoch": epoch, "W1.norm": -epoch})
    for epoch in range(500, 1000):
        history.append({"epoch": epoch, "W1.norm": -epoch, **{f"layer{place}.norm": epoch for place in range(8)}})
    assert history.matrices[:5] == ("W1", "b1", "W2", "b2", "layer0")
    assert (history.latest("layer7.norm"), history.latest("W1.norm")) == (999, -999)
    assert len(history) <= 256
    assert np.all(np.diff(history.column("epoch")) > 0)


def test_a_matrix_has_no_numbers_before_it_was_measured() -> None:
    history = History()
    history.append({"epoch": 0, "W1.norm": 1.0})
    history.append({"epoch": 1, "gamma.norm": 2.0})
    np.testing.assert_array_equal(history.column("gamma.norm"), [np.nan, 2.0])
    np.testing.assert_array_equal(history.column("W1.norm"), [1.0, np.nan])


def test_no_number_of_matrices_whatever_takes_up_all_memory() -> None:
    history = History(matrices=())
    for epoch in range(40):
        history.append({"epoch": epoch} | {f"W{epoch}-{place}.norm": 1.0 for place in range(100)})
    assert len(history.matrices) == MOST_MATRICES
    assert len(history) == 40


def test_a_matrix_may_have_an_empty_name() -> None:
    history = History()
    history.append({"epoch": 1.0, ".distance": 2.5})
    assert history.matrices[-1] == ""
    assert history.column(".distance").tolist() == [2.5]
    assert np.isnan(History(matrices=()).column(".distance")).all()
