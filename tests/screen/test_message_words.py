"""Messages in few lines."""

from __future__ import annotations

import pytest

from tuimove.screen.message_words import fitting_message, reading_seconds

PATH = "/home/somebody/work/experiments/of-this-year/run-12"
WORDS = f"weights of this epoch go to {PATH}"


@pytest.mark.parametrize(("width", "shown"), [(100, PATH), (60, PATH), (38, PATH),
                                              (20, "…/run-12"), (10, "…/run-12")])  # fmt: skip
def test_a_path_too_long_for_three_lines_keeps_its_end(width: int, shown: str) -> None:
    assert fitting_message(WORDS, width, "…") == f"weights of this epoch go to {shown}"


@pytest.mark.parametrize("words", ["", "a long message without any path", "it says and/or twice: and/or", "a/ b", "/"])
def test_other_words_stay(words: str) -> None:
    assert fitting_message(words, 40, "…") == words


def test_a_long_message_stays_longer_than_a_short_one() -> None:
    assert 3 < reading_seconds("learning rate doubled") < 5 < reading_seconds("words " * 25) < 12
