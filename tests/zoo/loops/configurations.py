"""The networks, data and optimizers that the second zoo's runs are made of.

The parts differ in all of them: nets and widths, the formula of the tables, the text, optimizers, seeds. Pooled and
residual convolutions, groups that are normalised, LSTMs, 8 by 8 digits, Nesterov momentum and RMSprop are in the report
part alone. An earlier report part (English text, other widths, formulas and batches) was scored once and then looked
at, so it proves nothing any more and was left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Part = Literal["calibration", "report"]
PARTS: tuple[Part, ...] = ("calibration", "report")

Start = Literal["fresh", "pretrained", "adapters"]
"""From new weights; from weights trained on other data of that shape; or those, frozen, with adapters beside them."""

IMAGES = ("mnist", "fashion")
"""Data of 28 by 28 pixels."""
TEXTS = ("code", "english", "modules")
SOURCES = {"mnist": "fashion", "fashion": "mnist", "code": "english", "english": "code", "modules": "english"}
"""What is learnt before fine-tuning, by what is learnt then."""


@dataclass(frozen=True)
class Configuration:
    """What the healthy runs, and the faulty ones that are compared with them, have in common."""

    net: str
    """Kind of network; see `networks.py`."""
    widths: tuple[int, ...]
    """Of hidden layers or channels; of a transformer its width, layers and heads."""
    activation: str
    data: str
    train: int
    """Samples learnt from; windows of a text."""
    optimizer: str
    rate: float
    """The sensible learning rate; one healthy run has half of it, one twice."""
    batch: int
    steps: int
    schedule: str = "constant"
    start: Start = "fresh"
    clip: float | None = None
    """Largest norm of the gradient."""
    inputs: Literal["unit", "standard"] = "unit"
    """Pixels of 0 to 1, or with mean 0 and standard deviation 1; tables and texts are as they are."""

    @property
    def name(self) -> str:
        """All that tells it from the others of its part."""
        widths = "x".join(map(str, self.widths))
        start = "" if self.start == "fresh" else f"-{self.start}"
        return f"{self.net}-{widths}-{self.activation}-{self.data}-{self.optimizer}-{self.schedule}{start}-{self.batch}"

    @property
    def is_text(self) -> bool:
        """Whether it predicts the next character of a text."""
        return self.data in TEXTS

    @property
    def has_norms(self) -> bool:
        """Whether layers are normalised, by scales and shifts that are learnt."""
        return self.is_text or self.net in ("mlp-layernorm", "cnn-batchnorm", "cnn-residual", "cnn-groupnorm")


C = Configuration

CONFIGURATIONS: dict[Part, tuple[Configuration, ...]] = {
    "calibration": (
        C("mlp", (100,), "relu", "mnist", 10_000, "sgd", 0.1, 64, 1200),
        C("mlp", (64,), "tanh", "fashion", 10_000, "sgd", 0.1, 32, 1200, "cosine"),
        C("mlp", (10,), "relu", "mnist", 10_000, "momentum", 0.02, 64, 1200),
        C("mlp", (10,), "tanh", "fashion", 10_000, "adam", 3e-3, 64, 1200),
        C("mlp", (12,), "gelu", "mnist", 15_000, "adamw", 3e-3, 32, 1500, "cosine"),
        C("mlp", (128, 64), "relu", "mnist", 15_000, "adam", 1e-3, 128, 1000),
        C("mlp", (128, 64), "gelu", "fashion", 15_000, "adamw", 1e-3, 64, 1000, "warm-up"),
        C("mlp", (64, 64, 32), "tanh", "mnist", 10_000, "momentum", 0.02, 64, 1200),
        C("mlp", (64, 64, 32), "relu", "fashion", 10_000, "adam", 1e-3, 32, 1200),
        C("mlp", (64, 64, 64, 32), "relu", "mnist", 10_000, "adamw", 1e-3, 64, 1200, "cosine"),
        C("mlp", (64, 64, 64, 32), "gelu", "fashion", 10_000, "momentum", 0.05, 64, 1500, "cosine"),
        C("mlp", (10, 10), "tanh", "mnist", 10_000, "adam", 3e-3, 64, 1500),
        C("mlp", (8,), "relu", "fashion", 10_000, "sgd", 0.1, 64, 2000),
        C("mlp", (200,), "relu", "fashion", 10_000, "sgd", 0.05, 16, 1500),
        C("mlp", (100,), "gelu", "mnist", 20_000, "adam", 2e-3, 512, 400, "constant", "fresh", 1.0),
        C("mlp", (48,), "relu", "tables-a", 10_000, "adam", 2e-3, 64, 1200),
        C("mlp", (32, 32), "tanh", "tables-a", 10_000, "sgd", 0.2, 32, 2000),
        C("mlp", (64, 32), "gelu", "tables-a", 10_000, "adamw", 2e-3, 128, 1000, "cosine"),
        C("mlp", (12,), "relu", "tables-a", 10_000, "momentum", 0.03, 64, 1500, "constant", "fresh", 1.0),
        C("mlp-layernorm", (100,), "relu", "mnist", 10_000, "adam", 1e-3, 64, 1000),
        C("mlp-layernorm", (64, 64), "gelu", "fashion", 10_000, "adamw", 2e-3, 64, 1200, "warm-up"),
        C("mlp-layernorm", (64, 64, 32), "relu", "mnist", 10_000, "momentum", 0.05, 32, 1200, "cosine"),
        C("mlp-layernorm", (32, 32), "tanh", "tables-a", 10_000, "adam", 2e-3, 64, 1200),
        C("cnn", (8, 16), "relu", "mnist", 10_000, "adam", 1e-3, 64, 1000),
        C("cnn", (8, 16), "tanh", "fashion", 10_000, "momentum", 0.02, 64, 1000),
        C("cnn", (8, 16), "relu", "fashion", 10_000, "sgd", 0.1, 32, 1500, "cosine"),
        C("cnn", (6, 12), "gelu", "mnist", 10_000, "adamw", 2e-3, 32, 1000, "constant", "fresh", 1.0),
        C("cnn", (12, 24), "relu", "fashion", 10_000, "adam", 1e-3, 64, 1000, "warm-up"),
        C("cnn-batchnorm", (8, 16), "relu", "mnist", 10_000, "sgd", 0.1, 64, 800),
        C("cnn-batchnorm", (8, 16), "relu", "fashion", 10_000, "adam", 2e-3, 64, 1000, "cosine"),
        C("cnn-batchnorm", (12, 24), "gelu", "fashion", 10_000, "adamw", 2e-3, 128, 600),
        C("cnn-batchnorm", (6, 12), "tanh", "mnist", 10_000, "momentum", 0.02, 32, 1000),
        C("transformer", (32, 2, 4), "gelu", "code", 12_000, "adamw", 6e-3, 16, 1200, "warm-up", "fresh", 1.0),
        C("transformer", (48, 2, 4), "relu", "code", 12_000, "adam", 5e-3, 32, 800, "warm-up"),
        C("transformer", (32, 1, 2), "gelu", "code", 12_000, "adamw", 8e-3, 16, 1200, "cosine"),
        C("transformer", (48, 1, 4), "relu", "code", 12_000, "adam", 4e-3, 16, 1000, "constant", "fresh", 1.0),
        C("transformer-postnorm", (32, 4, 4), "relu", "code", 12_000, "adam", 0.014, 16, 800, "warm-up"),
        C("transformer-postnorm", (32, 4, 2), "gelu", "code", 12_000, "adamw", 0.014, 16, 800, "warm-up"),
        C("mlp", (128, 64), "relu", "fashion", 10_000, "adam", 5e-4, 64, 1000, "constant", "pretrained"),
        C("cnn", (8, 16), "relu", "mnist", 10_000, "momentum", 0.01, 64, 800, "constant", "pretrained"),
        C("cnn-batchnorm", (8, 16), "relu", "fashion", 10_000, "adamw", 1e-3, 64, 800, "cosine", "pretrained"),
        C("transformer", (32, 2, 4), "gelu", "code", 12_000, "adamw", 4e-3, 16, 800, "warm-up", "pretrained"),
        C("mlp", (128, 64), "relu", "fashion", 10_000, "adam", 3e-3, 64, 1000, "constant", "adapters"),
        C("mlp", (100, 100), "gelu", "mnist", 10_000, "adamw", 6e-3, 64, 1200, "cosine", "adapters"),
        C("transformer", (32, 2, 4), "gelu", "code", 12_000, "adamw", 0.01, 16, 800, "cosine", "adapters"),
    ),
    "report": (
        C("mlp", (90,), "gelu", "fashion", 14_000, "sgd", 0.1, 40, 1200, inputs="standard"),
        C("mlp", (56,), "tanh", "fashion", 14_000, "momentum", 0.02, 24, 1200),
        C("mlp", (11,), "gelu", "mnist", 14_000, "adam", 2e-3, 24, 1500, "constant", inputs="standard"),
        C("lstm", (48,), "tanh", "mnist", 14_000, "adam", 3e-3, 40, 700),
        C("lstm", (64,), "tanh", "fashion", 14_000, "rmsprop", 1e-3, 56, 700, "warm-up", "fresh", 1.0),
        C("mlp", (7,), "tanh", "fashion", 14_000, "rmsprop", 2e-3, 56, 1500),
        C("mlp", (6,), "relu", "mnist", 14_000, "nesterov", 0.02, 56, 1500, "cosine"),
        C("mlp", (72, 40), "relu", "fashion", 14_000, "rmsprop", 5e-4, 56, 1000, "constant", inputs="standard"),
        C("mlp", (110, 56), "gelu", "mnist", 14_000, "nesterov", 0.02, 112, 1000, "cosine"),
        C("mlp", (90, 52, 36), "gelu", "fashion", 14_000, "adamw", 1e-3, 80, 1000, "warm-up", inputs="standard"),
        C("mlp", (90, 52, 36), "tanh", "mnist", 14_000, "sgd", 0.1, 24, 1500),
        C("mlp", (56, 56, 56, 56), "relu", "fashion", 14_000, "adam", 1e-3, 40, 1200, "constant"),
        C("mlp", (56, 56, 56, 56), "tanh", "mnist", 14_000, "rmsprop", 5e-4, 56, 1200, "cosine"),
        C("mlp", (11, 11, 11), "gelu", "fashion", 14_000, "adamw", 3e-3, 56, 1500),
        C("mlp", (240,), "gelu", "mnist", 14_000, "adam", 1e-3, 200, 600, inputs="standard"),
        C("mlp", (90,), "gelu", "fashion", 18_000, "momentum", 0.1, 384, 500, "cosine", "fresh", 1.0),
        C("mlp", (36,), "tanh", "digits", 1_100, "adam", 3e-3, 24, 800),
        C("mlp", (70, 28), "gelu", "digits", 1_100, "sgd", 0.1, 20, 1500),
        C("mlp", (36,), "relu", "tables-c", 9_000, "rmsprop", 1e-3, 56, 1200),
        C("mlp", (40, 20), "gelu", "tables-c", 9_000, "nesterov", 0.03, 40, 1500, "cosine"),
        C("mlp", (20, 20, 20), "tanh", "tables-c", 9_000, "adamw", 3e-3, 56, 1500, "warm-up"),
        C("mlp", (9,), "tanh", "tables-c", 9_000, "adam", 5e-3, 112, 1200, "constant", "fresh", 1.0),
        C("mlp-layernorm", (90,), "tanh", "mnist", 14_000, "adamw", 1e-3, 40, 1000),
        C("mlp-layernorm", (52, 52), "gelu", "fashion", 14_000, "rmsprop", 1e-3, 56, 1000, "constant"),
        C("mlp-layernorm", (56, 56, 56), "relu", "mnist", 14_000, "sgd", 0.1, 56, 1200, "cosine"),
        C("mlp-layernorm", (36, 36), "gelu", "tables-c", 9_000, "nesterov", 0.02, 24, 1500),
        C("cnn", (9, 18), "gelu", "mnist", 14_000, "adamw", 1e-3, 56, 1000, "cosine", inputs="standard"),
        C("cnn", (7, 14), "relu", "fashion", 14_000, "rmsprop", 1e-3, 56, 1000),
        C("cnn-pooled", (10, 16), "gelu", "fashion", 14_000, "adam", 1e-3, 24, 700, inputs="standard"),
        C("cnn-groupnorm", (7, 12), "tanh", "mnist", 14_000, "nesterov", 0.02, 56, 600),
        C("cnn-groupnorm", (8, 14), "gelu", "mnist", 14_000, "sgd", 0.1, 56, 800, "cosine", "fresh", 1.0),
        C("cnn-batchnorm", (9, 18), "gelu", "mnist", 14_000, "nesterov", 0.05, 56, 800),
        C("cnn-batchnorm", (7, 12), "relu", "fashion", 14_000, "rmsprop", 1e-3, 56, 800, "cosine", inputs="standard"),
        C("cnn-residual", (14, 2), "gelu", "fashion", 14_000, "sgd", 0.1, 40, 400, "warm-up"),
        C("cnn-residual", (12, 2), "gelu", "mnist", 14_000, "adam", 2e-3, 56, 400, "warm-up", inputs="standard"),
        C("transformer", (36, 2, 3), "relu", "modules", 13_000, "adamw", 6e-3, 18, 900, "cosine", "fresh", 1.0),
        C("transformer", (36, 2, 4), "gelu", "modules", 13_000, "adam", 5e-3, 20, 1100, "warm-up"),
        C("transformer", (48, 1, 2), "relu", "modules", 13_000, "adamw", 4e-3, 20, 1000),
        C("transformer", (40, 3, 2), "gelu", "modules", 13_000, "rmsprop", 2e-3, 20, 900, "warm-up", "fresh", 1.0),
        C("transformer-postnorm", (36, 4, 3), "relu", "modules", 13_000, "adam", 0.014, 20, 700, "warm-up"),
        C("transformer-postnorm", (40, 5, 4), "gelu", "modules", 13_000, "adamw", 0.014, 20, 700, "warm-up"),
        C("mlp", (72, 40), "relu", "fashion", 14_000, "adamw", 5e-4, 40, 800, "warm-up", "pretrained"),
        C("cnn-pooled", (10, 16), "gelu", "mnist", 14_000, "rmsprop", 3e-4, 40, 600, "constant", "pretrained"),
        C("cnn-residual", (14, 2), "gelu", "mnist", 14_000, "nesterov", 0.02, 40, 400, "cosine", "pretrained"),
        C("transformer", (36, 2, 3), "relu", "modules", 13_000, "adam", 3e-3, 18, 700, "constant", "pretrained"),
        C("mlp", (110, 56), "tanh", "fashion", 14_000, "adam", 5e-3, 40, 1200, "warm-up", "adapters"),
        C("mlp", (90, 52, 36), "gelu", "mnist", 14_000, "nesterov", 0.007, 56, 1200, "cosine", "adapters"),
        C("transformer", (36, 2, 4), "relu", "modules", 13_000, "adamw", 0.01, 20, 800, "warm-up", "adapters"),
    ),
}
