"""Finds the key, or its value, that an unknown name means: by other programs' names and by spelling."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Mapping

from tuimove.errors import nearest_of


def by_alias(table: Mapping[str, str]) -> dict[str, str]:
    """Return our name by each alias, from a table of aliases, separated by spaces, by our name."""
    return {alias: ours for ours, aliases in table.items() for alias in aliases.split()}


ALIASES = {
    "training.epochs": "epochs epoch e iterations iters n_epochs num_epochs max_epochs steps max_steps",
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

CPU_ONLY = "it trains on the CPU only"
DESCENT = "plain gradient descent is all there is; training.learning_rate=X sets its rate"
ABSENT = {
    "every epoch takes all training images at once (full batch); data.train=N takes fewer":
        "batch_size batch bs b minibatch",
    CPU_ONLY: "device gpu gpus cuda cpu mps accelerator",
    DESCENT: "optimizer optim opt momentum adam sgd weight_decay dropout scheduler lr_scheduler",
    "there is one hidden layer; network.hidden=N sets its neurons":
        "layers num_layers n_layers hidden_layers hidden_layer_sizes depth",
}  # fmt: skip
"""What to say of settings that other programs have and none does the same as, and what they are called."""
KEY = re.compile(r"\w+\.\w+(?==)")
"""A key in these words, where a value is given to it."""
WHY_ABSENT = by_alias(ABSENT)
WORDS = {
    "glorot": "xavier xavier_uniform xavier_normal glorot_uniform glorot_normal",
    "he": "kaiming kaiming_normal kaiming_uniform he_normal he_uniform",
    "normal": "gaussian randn gauss",
    "sigmoid": "logistic",
    "leaky_relu": "leakyrelu lrelu",
}
"""Words that keys take, and what they are called elsewhere."""
OUR_WORDS = by_alias(WORDS)
KEYS = by_alias(ALIASES)
NEAR = 0.6
"""Least similarity of two last parts of a name."""
VERY_NEAR = 0.75
"""Least similarity of two whole names, most of which is the section's."""


def key_of(name: str) -> str | None:
    """Return the key that other programs have under this name, hyphens and capitals ignored."""
    return KEYS.get(_plain(name))


def why_absent(name: str) -> str:
    """Return what to say of a setting of other programs that nothing here does the same as; empty for any other."""
    return WHY_ABSENT.get(_plain(name), "")


def nearest_word(word: str, choices: Collection[str]) -> str:
    """Suggest one of the words that a key takes, as `nearest_of` does: also by what other programs call it."""
    named = OUR_WORDS.get(_plain(word))
    return f"; did you mean '{named}'?" if named in choices else nearest_of(word, choices)


def _plain(name: str) -> str:
    return name.lower().replace("-", "_")


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
