"""Recorded specimens of the second zoo, kept and read back: what rules may see, and apart what they are judged by."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from tests.zoo.kept_numbers import kept_table, lasting, rows_of
from tests.zoo.packing import SUFFIX, packed, rounded, unpacked
from tests.zoo.reading import Recording
from tuimove.recording.history import NOTED_COLUMNS, recorded_numbers
from tuimove.settings.matrix_role import MatrixRole, recorded_roles

Curves = Mapping[str, npt.NDArray[np.float32]]

LEFT_OUT = ("seconds", "train_accuracy", "test_accuracy")
"""What differs from machine to machine, and what no loop of the zoo notes."""
EVIDENCE = ("loss", *NOTED_COLUMNS)
"""What a loop says beside its weights."""


@dataclass(frozen=True)
class LoopRecording(Recording):
    """One specimen's records, curves and held-out numbers.

    A row of `numbers` may have a `validation_loss`, which the loop has noted beside that look.
    """

    steps: Curves = field(default_factory=dict)
    """By step, for rivals: `loss`, `gradient_norm`, `update_ratio` and `learning_rate`."""
    validation: Curves = field(default_factory=dict)
    """Evenly spaced, for rivals: `step` and `loss`."""
    held_out: Curves = field(default_factory=dict)
    """Evenly spaced, for judging alone: `step`, `accuracy` and `loss`."""
    rivals: Mapping[str, Any] = field(default_factory=dict)
    """What packages said that were attached, by name: `version`, `verdicts`, and what they `raised`."""

    @property
    def planned_epochs(self) -> int:
        """The steps that it was planned for; steps are what its records call epochs."""
        return int(self.specimen["steps"])

    @property
    def roles(self) -> tuple[MatrixRole, ...]:
        """Its matrices, as the run record lists them."""
        return recorded_roles(self.run)

    def numbers_for_rules(self, *, without: Iterable[str] = ()) -> Iterator[dict[str, float]]:
        """Yield the numbers of every look, but for some columns, such as `loss` where weights alone are judged."""
        hidden = {*without}
        for row in self.numbers:
            yield {name: value for name, value in row.items() if name not in hidden}


def kept_bytes(
    described: Mapping[str, Any], records: list[dict[str, Any]], tables: Mapping[str, Curves], rivals: Mapping[str, Any]
) -> bytes:
    """Return the file that is kept of a specimen: `tables` are its `steps`, `validation` and `held_out`."""
    run, end = records[0], records[-1]
    looks = [recorded_numbers(record) for record in records if record["record"] == "measurement"]
    about = {"specimen": described, "run": lasting(run), "status": end["status"], "rivals": rivals}
    curves = {name: rounded(table) if name == "steps" else table for name, table in tables.items()}
    return packed(about, {"looks": kept_table(looks, LEFT_OUT), **curves})


def read_kept(content: bytes) -> LoopRecording:
    """Return a specimen from the bytes that were kept."""
    about, tables = unpacked(content)
    looks = tuple(rows_of(tables.pop("looks")))
    return LoopRecording(about["specimen"], about["run"], looks, about["status"], rivals=about["rivals"], **tables)


def read_loop_recordings(folder: Path) -> list[LoopRecording]:
    """Return every recorded specimen of a part, by name."""
    return [read_kept(path.read_bytes()) for path in sorted(folder.glob(f"*{SUFFIX}"))]


def read_records(path: Path) -> list[dict[str, Any]]:
    """Return the records of a run."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
