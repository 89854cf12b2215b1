"""Finds the key of a preset that an unknown name means, by other programs' names and by spelling."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Mapping

ALIASES = {
    "training.epochs": "epochs epoch iterations iters n_epochs num_epochs max_epochs steps max_steps",
    "training.learning_rate": "learning_rate lr learningrate eta step_size rate",
    "training.seed": "seed random_seed random_state rng",
    "training.bias_gradient": "bias_gradient",
    "network.hidden": "hidden neurons units width n_hidden num_hidden hidden_size hidden_dim hidden_units nodes",
    "network.activation": "activation act nonlinearity activation_function",
    "network.init": "init initializer initialization weight_init start",
    "data.name": "data dataset data_dir data_path folder",
    "data.train": "train train_size n_train num_train samples num_samples max_samples images limit subset",
    "data.label_noise": "label_noise noise",
    "measure.every": "every interval log_every log_interval eval_every eval_interval",
    "name": "run_name experiment_name",
}
"""Keys with their names in other programs."""

KEYS = {alias: key for key, aliases in ALIASES.items() for alias in aliases.split()}
NEAR = 0.6
"""Least similarity of two last parts of a name."""
VERY_NEAR = 0.75
"""Least similarity of two whole names, most of which is the section's."""


def key_of(name: str) -> str | None:
    """Return the key with this name in other programs; hyphens and capitals don't matter."""
    return KEYS.get(name.lower().replace("-", "_"))


def nearest_key(dotted: str, known: Collection[str]) -> str | None:
    """Return the key nearest to a name, None where none is near."""
    section, _, last = dotted.rpartition(".")
    lasts = {name.rpartition(".")[2]: name for name in known}
    of_section = {part: name for part, name in lasts.items() if name == f"{section}.{part}"}
    alias = key_of(last)
    if alias in known and (not of_section or alias in of_section.values()):
        return alias
    if near := _nearest(last, of_section, NEAR):
        return near
    if alias in known:
        return alias
    whole = {} if section else {name.replace(".", "_"): name for name in known}
    return _nearest(dotted, whole, VERY_NEAR) or _nearest(last, lasts, NEAR)


def _nearest(word: str, names: Mapping[str, str], cutoff: float) -> str | None:
    """Return the key of the nearest of some names."""
    near = difflib.get_close_matches(word, names, n=1, cutoff=cutoff)
    return names[near[0]] if near else None
