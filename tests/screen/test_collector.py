"""Python's search for garbage passes over what lives as long as the program, and everything is as before in the end."""

from __future__ import annotations

import gc

import pytest

from tuimove.screen.line import collector
from tuimove.screen.line.collector import short_searches


class Ring:
    """Refers to itself."""

    def __init__(self) -> None:
        self.itself = self


def is_searched(kept: object) -> bool:
    return any(one is kept for one in gc.get_objects())


def test_what_was_there_is_passed_over_and_new_garbage_is_found() -> None:
    kept = Ring()
    with short_searches():
        assert not is_searched(kept)
        Ring()
        assert gc.collect() >= 1
    assert is_searched(kept)


@pytest.mark.parametrize(("longest", "is_passed_over"), [(0.0, True), (1e9, False)])
def test_after_a_long_search_what_is_in_use_is_passed_over(
    longest: float, is_passed_over: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(collector, "LONGEST_SECONDS", longest)
    with short_searches():
        kept = Ring()
        gc.collect()
        assert is_searched(kept) is not is_passed_over


def test_that_is_done_a_few_times_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collector, "LONGEST_SECONDS", 0.0)
    with short_searches():
        for _ in range(collector.MOST_TIMES):
            gc.collect()
        kept = Ring()
        gc.collect()
        assert is_searched(kept)


def test_everything_is_as_before_in_the_end() -> None:
    before = list(gc.callbacks)
    with short_searches():
        assert gc.callbacks != before
    assert gc.callbacks == before
    assert not gc.get_freeze_count()
