"""Names of parameters in little room."""

from __future__ import annotations

import pytest

from tuimove.screen.drawing.short_names import short_name

LONG = "transformer.h.11.mlp.c_proj.weight"


@pytest.mark.parametrize(
    ("room", "shown"),
    [
        (34, LONG),
        (33, "transformer.h.11.mlp.c_proj.w"),
        (20, "…h.11.mlp.c_proj.w"),
        (12, "…c_proj.w"),
        (6, "…roj.w"),
        (1, "…"),
        (0, ""),
    ],
)
def test_the_end_of_a_name_stays_since_it_tells_layers_apart(room: int, shown: str) -> None:
    assert short_name(LONG, room) == shown


def test_a_name_without_parts_keeps_its_last_characters() -> None:
    assert short_name("attention_projection_of_layer_7", 12, "ascii") == "~_of_layer_7"


def test_a_name_that_fits_is_left_alone() -> None:
    assert short_name("W1", 2) == "W1"
    assert short_name("dense/kernel", 12) == "dense/kernel"
