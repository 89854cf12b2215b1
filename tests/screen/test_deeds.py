"""Keys in words: what the footer and the help make of bindings."""

from __future__ import annotations

import pytest
from textual.binding import Binding

from tuimove.screen.deeds import footer_entries, listed_deeds, merged_words


@pytest.mark.parametrize(
    ("deeds", "merged"),
    [
        (["zoom in", "zoom out"], "zoom in or out"),
        (["halve the rate", "double the rate"], "halve or double the rate"),
        (["show the chart", "show the map", "show the findings"], "show the chart, map or findings"),
        (["walk through them", "walk through them"], "walk through them"),
        (["go on", "stop"], "go on or stop"),
    ],
)
def test_deeds_that_differ_in_a_word_become_one(deeds: list[str], merged: str) -> None:
    assert merged_words(deeds) == merged


def test_an_action_stands_once_in_the_footer_with_all_its_keys() -> None:
    """One entry for each key of a binding pushed others out of a narrow window."""
    split = [Binding(key, "walk_neurons(1)", "walk", key_display="→") for key in ("right", "l")]
    entries = footer_entries([*split, Binding("i", "next_wrong", "show the next wrong answer")])
    assert [(entry.keys, entry.word) for entry in entries] == [("i", "next wrong"), ("→", "neuron")]


def test_digits_in_a_row_are_a_span_and_brackets_a_pair() -> None:
    panels = [Binding(str(number), f"show_panel('{number}')", f"show the {number}") for number in range(1, 6)]
    rates = [Binding("left_square_bracket", "scale_rate(0.5)", "halve"),
             Binding("right_square_bracket", "scale_rate(2)", "double")]  # fmt: skip
    assert [(entry.keys, entry.word) for entry in footer_entries(panels + rates)] == [
        ("[ ]", "rate"),
        ("1-5", "panels"),
    ]


def test_an_unknown_action_is_called_what_its_binding_says() -> None:
    (entry,) = footer_entries([Binding("n", "new_thing", "do a new thing")])
    assert (entry.keys, entry.word) == ("n", "do a new thing")


def test_the_help_lists_the_keys_of_an_action_once() -> None:
    bindings = [Binding("v,down", "walk(1)", "show the next one"), Binding("V,up", "walk(-1)", "show the last one")]
    assert listed_deeds(bindings) == [("v V ↓ ↑", "show the next or last one")]
