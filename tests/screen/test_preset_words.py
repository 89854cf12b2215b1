"""What the first screen says of presets: groups, what they show, settings in plain lines, and durations."""

from __future__ import annotations

import pytest

from tuimove.screen.preset_words import (
    GROUPS,
    count_runs,
    duration_words,
    found_words,
    grouped_presets,
    setting_lines,
    shown_words,
)
from tuimove.settings.preset_file import shipped_presets
from tuimove.settings.preset_reading import load_preset
from tuimove.settings.sweep import load_experiment


def test_every_shipped_preset_stands_in_one_group() -> None:
    groups = grouped_presets()
    listed = [name for entries in groups.values() for name, _ in entries]
    assert sorted(listed) == sorted(shipped_presets())
    assert list(groups) == [*GROUPS, "Experiments"], "Others is for presets that nobody has placed yet"
    assert groups["Start here"] == [("quick-look", 1)]


@pytest.mark.parametrize("name", shipped_presets())
def test_runs_are_counted_as_an_experiment_counts_them(name: str) -> None:
    assert count_runs(shipped_presets()[name]) == len(load_experiment(name).members)


@pytest.mark.parametrize("name", shipped_presets())
def test_what_a_preset_shows_is_two_sentences_at_most_and_findings_are_apart(name: str) -> None:
    words = shown_words(shipped_presets()[name])
    assert words.endswith(".")
    assert words.count(". ") <= 1
    assert "Findings" not in words
    assert found_words(shipped_presets()[name])
    assert "_" not in found_words(shipped_presets()[name])


def test_settings_are_plain_lines() -> None:
    assert setting_lines(load_experiment("same-network")) == [
        "784-10-10 relu, uniform start ±0.5",
        "1000 epochs, learning rate 0.5, seed 1",
        "all images of mnist, measured every 10 epochs",
        "bias gradient shared, as in the document",
    ]


def test_what_varies_is_told_with_its_values() -> None:
    network, learning, _, *varied = setting_lines(load_experiment("activations"))
    assert network == "784-32-10, uniform start ±0.5"
    assert learning == "300 epochs, learning rate 0.5"
    assert varied == ["8 runs: activation relu, leaky_relu, tanh, sigmoid", "        seed 1, 2"]
    assert setting_lines(load_experiment("different-networks"))[-2].startswith("100 runs: epochs 10 to 1000")


def test_a_duration_is_told_once_this_machine_has_trained_such_a_network() -> None:
    preset = load_preset("same-network")
    second = 1 / (1000 * 60_000)
    assert duration_words([preset], None) == "", "not read yet"
    assert duration_words([preset], {}) == "how long it takes here isn't measured yet"
    assert duration_words([preset], {10: 12 * second}) == "about 12 s"
    assert duration_words([preset] * 9, {10: 12 * second}) == "about 2 min"
    assert duration_words([preset], {20: 24 * second}) == "roughly 12 s", "by another width"
    assert duration_words([preset], {10: 0.2 * second}) == "about a second"
    assert duration_words([preset], {10: 9000 * second}) == "about 2.5 h"
