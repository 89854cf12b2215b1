"""What a terminal without Unicode is sent."""

from __future__ import annotations

import pytest
from rich.cells import cell_len

from tuimove.screen.drawing.plain_text import plain_text


@pytest.mark.parametrize("text", ["─│╭ plain …→", "café", "数字", "e\u0301"])
def test_plain_text_takes_as_many_cells(text: str) -> None:
    assert plain_text(text).isascii()
    assert cell_len(plain_text(text)) == cell_len(text)


def test_letters_digits_and_signs_stay_as_they_are() -> None:
    assert plain_text("W1 distance +0.021 [weight]") == "W1 distance +0.021 [weight]"
