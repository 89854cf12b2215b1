"""Recorded specimens, read back for judging, for scoring the rules, and for the rivals' rules."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tests.zoo.kept_numbers import kept_table, lasting, rows_of
from tests.zoo.packing import SUFFIX, packed, rounded, unpacked
from tuimove.recording.history import Column, recorded_number, recorded_numbers
from tuimove.settings.matrix_role import OWN_NAMES

TEST_LOSS = "test_loss"

HIDDEN_FROM_RULES = ("test_accuracy", TEST_LOSS, "train_accuracy", "loss")
"""What the zoo is judged by, and its kin: the rules see nothing but weights."""
LEFT_OUT = ("seconds", *(f"{matrix}.statistic" for matrix in OWN_NAMES))
"""What differs from machine to machine, and what no rule reads."""
SHAPES = ("mean", "sd", "kurtosis", "p_value", "effect", "escaped", "frozen")
SHAPE_DIGITS = 16
"""Binary digits that are kept of the numbers of a distribution, 0.001 %; lengths keep all of a float32."""


@dataclass(frozen=True)
class Recording:
    """One specimen's records."""

    specimen: Mapping[str, Any]
    """Name, kind, strength, configuration."""
    run: Mapping[str, Any]
    """The run record."""
    numbers: tuple[dict[str, float], ...]
    """Those of every measurement, by column of the history."""
    status: str
    """Of the end record."""

    @property
    def name(self) -> str:
        """The specimen's, and its file's."""
        return str(self.specimen["name"])

    @property
    def kind(self) -> str:
        """What it is meant to be: healthy, or a kind of fault."""
        return str(self.specimen["kind"])

    @property
    def planned_epochs(self) -> int:
        """What its preset asks for, however early it failed."""
        return int(self.run["preset"]["training"]["epochs"])

    def column(self, name: str) -> Column:
        """Return all the numbers of a column, NaN where one is missing."""
        return np.array([row.get(name, np.nan) for row in self.numbers])

    def numbers_for_rules(self) -> Iterator[dict[str, float]]:
        """Yield the numbers of every measurement without those that the zoo is judged by."""
        for row in self.numbers:
            yield {name: value for name, value in row.items() if name not in HIDDEN_FROM_RULES}


def read_recordings(folder: Path) -> list[Recording]:
    """Return every recorded specimen of a part, by name."""
    return [read_kept(path.read_bytes()) for path in sorted(folder.glob(f"*{SUFFIX}"))]


def parse_recording(records: list[dict[str, Any]]) -> Recording:
    """Return a specimen from its records, in their order."""
    specimen, run, *measurements, end = records
    return Recording(specimen, run, tuple(map(_measured, measurements)), end["status"])


def kept_bytes(recording: Recording) -> bytes:
    """Return the file that is kept of a specimen; the same numbers give the same bytes."""
    about = {"specimen": recording.specimen, "run": lasting(recording.run), "status": recording.status}
    looks = kept_table(recording.numbers, LEFT_OUT)
    shapes = {name: column for name, column in looks.items() if name.rpartition(".")[2] in SHAPES}
    return packed(about, {"looks": {**looks, **rounded(shapes, SHAPE_DIGITS)}})


def read_kept(content: bytes) -> Recording:
    """Return a specimen from the bytes that were kept."""
    about, tables = unpacked(content)
    return Recording(about["specimen"], about["run"], tuple(rows_of(tables["looks"])), about["status"])


def _measured(record: dict[str, Any]) -> dict[str, float]:
    """Return the numbers of a measurement, with the loss on the test images where it is recorded."""
    test_loss = recorded_number((record.get("noted") or {}).get(TEST_LOSS))
    return recorded_numbers(record) | ({} if math.isnan(test_loss) else {TEST_LOSS: test_loss})
