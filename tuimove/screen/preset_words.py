"""A preset in words for somebody who chooses one: its group, what it shows, its settings, and how long it takes."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Iterable, Mapping, Sequence

from tuimove.settings.data_name import BUNDLED
from tuimove.settings.preset import Preset
from tuimove.settings.preset_file import shipped_presets
from tuimove.settings.sweep import SECTION, Experiment

GROUPS: Mapping[str, Sequence[str]] = {
    "Start here": ("quick-look",),
    "The document": ("same-network", "weights-normal", "weights-uniform"),
    "Faulty on purpose": ("faulty-lr4", "faulty-lr5", "faulty-lr10"),
}
"""Presets of one run by what they are for; those of many runs are experiments."""
EXPERIMENTS, OTHERS = "Experiments", "Others"
STARTS = {"uniform": "uniform start ±0.5", "normal": "normal start N(0, 1)", "he": "He start", "glorot": "Glorot start"}
RULE_WORDS = {
    "distance_jumping": "that weights leap away",
    "distance_plateau": "that they stand still",
    "distribution_lost": "that weights leave their starting distribution",
}
"""What the findings of the shipped presets say, by rule, in words for somebody who sees them for the first time."""
IMAGES, INPUTS, CLASSES = 60_000, 784, 10
"""Training images of the bundled data, their pixels and classes."""


def grouped_presets() -> dict[str, list[tuple[str, int]]]:
    """Return the shipped presets, each with its number of runs, by group."""
    runs = {name: count_runs(text) for name, text in shipped_presets().items()}
    groups = {title: [(name, 1) for name in names if name in runs] for title, names in GROUPS.items()}
    grouped = {name for names in groups.values() for name, _ in names}
    others = [(name, count) for name, count in runs.items() if name not in grouped]
    groups[EXPERIMENTS] = [(name, count) for name, count in others if count > 1]
    groups[OTHERS] = [(name, count) for name, count in others if count == 1]
    return {title: entries for title, entries in groups.items() if entries}


def count_runs(text: str) -> int:
    """Return the number of runs of a valid preset, without checking a single one of them."""
    sweep = dict(tomllib.loads(text).get(SECTION, {}))
    mode = sweep.pop("mode", "product")
    lengths = [len(values) for values in sweep.values()] or [1]
    return lengths[0] if mode == "zip" else math.prod(lengths)


def shown_words(text: str) -> str:
    """Return what a preset shows: the first two sentences of the comment above it."""
    comment = " ".join(line.lstrip("# ") for line in text.split("title =")[0].splitlines() if line.startswith("#"))
    sentences = comment.partition(" Findings:")[0].split(". ")
    return ". ".join(sentences[:2]).rstrip(".") + "."


def found_words(text: str) -> str:
    """Return in plain words what the comment above a preset says of findings; empty where it says nothing."""
    comment = " ".join(line.lstrip("# ") for line in text.split("title =")[0].splitlines() if line.startswith("#"))
    found = comment.partition(" Findings: ")[2]
    for rule, words in RULE_WORDS.items():
        found = found.replace(f"on {rule}", words).replace(rule, words)
    return "nothing, this is how training should look." if found == "none." else found


def without_time(shown: str) -> str:
    """Return what a preset shows without how long it takes, which a measured duration tells better."""
    first, _, others = shown.partition(". ")
    return others if "seconds" in first and others else shown


def setting_lines(experiment: Experiment) -> list[str]:
    """Return the settings in plain lines; what varies in an experiment is named with its values."""
    preset = experiment.base
    varied = set(experiment.keys)
    network, training, data = preset.network, preset.training, preset.data
    about = [
        f"{INPUTS if data.name == BUNDLED else '...'}-{network.hidden}-{CLASSES if data.name == BUNDLED else '...'}"
    ]
    about[0] += "" if "network.activation" in varied else f" {network.activation}"
    about += [] if "network.init" in varied else [STARTS.get(network.init, f"{network.init} start")]
    learning = [] if "training.epochs" in varied else [f"{training.epochs} epochs"]
    learning += [] if "training.learning_rate" in varied else [f"learning rate {training.learning_rate:g}"]
    learning += [] if "training.seed" in varied else [f"seed {training.seed}"]
    images = f"{data.train:,} images of {data.name}" if data.train else f"all images of {data.name}"
    lines = [", ".join(about), ", ".join(learning), f"{images}, measured every {preset.measure.every} epochs"]
    lines += ["bias gradient shared, as in the document"] * (training.bias_gradient == "shared")
    return [*filter(None, lines), *_varied_lines(experiment)]


def _varied_lines(experiment: Experiment) -> list[str]:
    return [f"{len(experiment.members)} runs: {_values_words(experiment, key)}" if not place else
            f"{' ' * len(str(len(experiment.members)))}       {_values_words(experiment, key)}"
            for place, key in enumerate(experiment.keys)]  # fmt: skip


def _values_words(experiment: Experiment, key: str) -> str:
    """Return a key in words with its values, or the first and the last where they are many."""
    values = list(dict.fromkeys(dict(member.varied)[key] for member in experiment.members))
    shown = [f"{value:g}" if isinstance(value, float) else str(value) for value in values]
    listed = ", ".join(shown) if len(shown) <= 8 else f"{shown[0]} to {shown[-1]}"
    return f"{KEY_WORDS.get(key, key)} {listed}"


KEY_WORDS = {
    "network.hidden": "neurons", "network.activation": "activation", "network.init": "start",
    "training.learning_rate": "learning rate", "training.epochs": "epochs", "training.seed": "seed",
    "measure.every": "measure every",
}  # fmt: skip
"""What people call the most used keys."""


def duration_words(presets: Iterable[Preset], rates: Mapping[int, float] | None) -> str:
    """Return how long runs take here one after another, by measured rates; None before they have been read."""
    if rates is None:
        return ""
    if not rates:
        return "how long it takes here isn't measured yet"
    seconds, is_scaled = 0.0, False
    for preset in presets:
        hidden = preset.network.hidden
        nearest = min(rates, key=lambda width: abs(math.log(width / hidden)))
        is_scaled |= nearest != hidden
        images = preset.data.train or IMAGES
        seconds += preset.training.epochs * images * rates[nearest] * hidden / nearest
    return f"{'roughly' if is_scaled else 'about'} {_rounded(seconds)}"


def _rounded(seconds: float) -> str:
    if seconds < 1:
        return "a second"
    if seconds < 90:
        return f"{seconds:.0f} s" if seconds < 20 else f"{round(seconds, -1):.0f} s"
    minutes = seconds / 60
    return f"{minutes:.0f} min" if minutes < 90 else f"{minutes / 60:.1f} h"
