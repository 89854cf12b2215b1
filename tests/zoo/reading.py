"""Recorded specimens, read back for judging, for scoring the rules, and for the rivals' rules."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tuimove.recording.history import Column, recorded_numbers

HIDDEN_FROM_RULES = ("test_accuracy", "train_accuracy", "loss")
"""What the zoo is judged by, and its kin: the rules see nothing but weights."""


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
    return [read_recording(path) for path in sorted(folder.glob("*.jsonl.gz"))]


def read_recording(path: Path) -> Recording:
    """Return one recorded specimen."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return parse_recording([json.loads(line) for line in lines])


def parse_recording(records: list[dict[str, Any]]) -> Recording:
    """Return a specimen from its records, in their order."""
    specimen, run, *measurements, end = records
    return Recording(specimen, run, tuple(recorded_numbers(record) for record in measurements), end["status"])
