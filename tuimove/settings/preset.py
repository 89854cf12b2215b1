"""The keys of a preset: what to train, on what, for how long, and how often to measure. Data only, frozen."""

import json
from dataclasses import dataclass, field
from typing import Any

from tuimove.settings.checks import at_least, count_to, key, nonempty, one_of, positive, printable, share
from tuimove.settings.limits import DiagnosisKeys

MOST_EPOCHS = 10**15
"""More than anybody means: floats, which times and axes are counted in, hold such a number exactly."""
ACTIVATIONS = ("relu", "leaky_relu", "tanh", "sigmoid")
INITS = ("uniform", "normal", "he", "glorot")
BIAS_GRADIENTS = ("per_neuron", "shared")
SEED, EPOCHS = "training.seed", "training.epochs"
"""Dotted keys that runs of one configuration may differ in."""
PICTURES = ("course", "entries", "movement", "ends")
"""Kinds of closing pictures; `reports/pictures.py` draws them."""


@dataclass(frozen=True)
class NetworkKeys:
    """Shape and start of the network."""

    hidden: int = key(10, at_least(1))
    """Neurons in the hidden layer."""
    activation: str = key("relu", one_of(*ACTIVATIONS))
    """Activation function of the hidden neurons."""
    init: str = key("uniform", one_of(*INITS))
    """Law of the starting weights."""


@dataclass(frozen=True)
class TrainingKeys:
    """How the network learns."""

    learning_rate: float = key(0.5, positive)
    """Step length of gradient descent."""
    epochs: int = key(1000, count_to(MOST_EPOCHS))
    """Steps of full-batch gradient descent."""
    seed: int = key(1, at_least(0))
    """Seed of the starting weights and of any label noise."""
    bias_gradient: str = key("per_neuron", one_of(*BIAS_GRADIENTS))
    """Bias rule: `per_neuron`, or `shared`, summed over the neurons of a layer too, as in the source document."""


@dataclass(frozen=True)
class DataKeys:
    """Data that the network learns from."""

    name: str = key("mnist", nonempty)
    """`mnist`, or a folder of IDX files."""
    train: int | None = key(None, at_least(1))
    """Number of training images, the first ones; all when absent."""
    label_noise: float = key(0.0, share)
    """Share of the training labels that are drawn again, uniformly over the classes."""


@dataclass(frozen=True)
class MeasureKeys:
    """When to measure."""

    every: int = key(10, at_least(1))
    """Epochs between two measurements; the first and the last epoch are always measured."""


@dataclass(frozen=True)
class Preset:
    """All settings that decide what a run computes."""

    name: str = key("preset", nonempty)
    """Name of its runs; by default the preset's file name without `.toml`."""
    title: str = key("", printable)
    network: NetworkKeys = NetworkKeys()
    training: TrainingKeys = TrainingKeys()
    data: DataKeys = DataKeys()
    measure: MeasureKeys = MeasureKeys()
    diagnosis: DiagnosisKeys = field(default_factory=DiagnosisKeys)
    picture: str | None = key(None, one_of(*PICTURES))
    """Closing picture on a terminal; None means `ends` where more than the seed varies, else `course`."""

    def as_dict(self) -> dict[str, Any]:
        """Return the preset as nested tables, without its name; keys without a value are left out."""
        sections = {section: vars(getattr(self, section)) for section in SECTIONS}
        present = {
            section: {name: value for name, value in keys.items() if value is not None}
            for section, keys in sections.items()
        }
        picture = {"picture": self.picture} if self.picture else {}
        return {"title": self.title, **picture, **present}

    def as_toml(self) -> str:
        """Return the preset as a TOML file that `tuimove run` reads back as the same preset."""
        table = {"name": self.name, **self.as_dict()}
        lines = [f"{name} = {_toml_value(value)}" for name, value in table.items() if name not in SECTIONS]
        for section in SECTIONS:
            lines += ["", f"[{section}]"]
            lines += [f"{name} = {_toml_value(value)}" for name, value in self.as_dict()[section].items()]
        return "\n".join(lines) + "\n"


SECTIONS: dict[str, type] = {
    "network": NetworkKeys,
    "training": TrainingKeys,
    "data": DataKeys,
    "measure": MeasureKeys,
    "diagnosis": DiagnosisKeys,
}


def _toml_value(value: Any) -> str:
    """Write text or a number so that TOML reads it back; presets hold no control characters."""
    return json.dumps(value, ensure_ascii=False)
