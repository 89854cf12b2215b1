"""Recorded specimens of the second zoo, kept and read back: what rules may see, and apart what they are judged by."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from tests.zoo.loops.packing import SUFFIX, packed, rounded, table_of, unpacked
from tests.zoo.reading import Recording
from tuimove.recording.history import MATRIX_COLUMNS, NOTED_COLUMNS, RUN_COLUMNS, matrix_of, recorded_numbers
from tuimove.settings.matrix_role import MatrixRole, recorded_roles

Curves = Mapping[str, npt.NDArray[np.float32]]

LEFT_OUT = ("seconds", "train_accuracy", "test_accuracy")
"""What differs from machine to machine, and what no loop of the zoo notes."""
DERIVED = ("weighted_norm", "rms")
"""What follows from norm and entries."""
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
    names = dict.fromkeys(name for row in looks for name in row if _is_kept(name))
    about = {"specimen": described, "run": _lasting(run), "status": end["status"], "rivals": rivals}
    curves = {name: rounded(table) if name == "steps" else table for name, table in tables.items()}
    return packed(about, {"looks": table_of(looks, names), **curves})


def read_kept(content: bytes) -> LoopRecording:
    """Return a specimen from the bytes that were kept."""
    about, tables = unpacked(content)
    looks = tuple(map(_with_derived, _rows(tables.pop("looks"))))
    return LoopRecording(about["specimen"], about["run"], looks, about["status"], rivals=about["rivals"], **tables)


def read_loop_recordings(folder: Path) -> list[LoopRecording]:
    """Return every recorded specimen of a part, by name."""
    return [read_kept(path.read_bytes()) for path in sorted(folder.glob(f"*{SUFFIX}"))]


def read_records(path: Path) -> list[dict[str, Any]]:
    """Return the records of a run."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def _is_kept(name: str) -> bool:
    return name not in LEFT_OUT and not (matrix_of(name) and name.rpartition(".")[2] in DERIVED)


def _lasting(run: Mapping[str, Any]) -> dict[str, Any]:
    """Return a run record without what is different each time."""
    return {name: value for name, value in run.items() if name not in ("started", "run")}


def _rows(table: Curves) -> Iterator[dict[str, float]]:
    """Yield the rows of a table without the numbers that are missing."""
    columns = {name: column.astype(np.float64).tolist() for name, column in table.items()}
    for row in zip(*columns.values(), strict=True):
        yield {name: value for name, value in zip(columns, row, strict=True) if not math.isnan(value)}


def _with_derived(row: dict[str, float]) -> dict[str, float]:
    """Return a look's numbers with those that follow from others, in the order of the history."""
    by_matrix = {name.rpartition(".")[0]: None for name in row if matrix_of(name)}
    whole = {name: row[name] for name in (*RUN_COLUMNS, *NOTED_COLUMNS) if name in row}
    for matrix in by_matrix:
        norm, entries = row.get(f"{matrix}.norm"), row.get(f"{matrix}.entries")
        derived = {} if norm is None or not entries else {"weighted_norm": norm / entries, "rms": norm / entries**0.5}
        of_matrix = {name: derived.get(name, row.get(f"{matrix}.{name}")) for name in MATRIX_COLUMNS}
        whole |= {f"{matrix}.{name}": value for name, value in of_matrix.items() if value is not None}
    return whole
