"""The records that sinks receive, and the only spelling of their JSON form (schema 2, one object a line)."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from tuimove.diagnosis.finding import Clock, Severity
from tuimove.diagnosis.matrix_measurement import MatrixMeasurement
from tuimove.settings.matrix_role import OWN_ROLES, MatrixRole, are_own

if TYPE_CHECKING:
    from tuimove.diagnosis.finding import Finding

SCHEMA = 2
"""Version of the records that are written; in schema 1 a run record lists no matrices: they are W1, b1, W2, b2."""
HISTOGRAMS = ("histogram", "movement_histogram")
"""Keys of a matrix that are left out of short records."""
NEVER_INFINITE = {int, str}
"""Types of the items of long lists, such as counts of histograms; they are looked at as a whole."""

Status = Literal["finished", "stopped", "failed", "interrupted"]


def clock_of(loop: Any) -> Clock:
    """Return what is counted, by the field `loop` of a run record."""
    return "step" if isinstance(loop, dict) and loop.get("clock") == "step" else "epoch"


def clocks_in_words(clocks: Iterable[Clock], end: str = "s") -> str:
    """Return what the records of several runs count, such as `epochs`, or `epochs or steps`."""
    return " or ".join(f"{clock}{end}" for clock in sorted({*clocks})) or f"epoch{end}"


@dataclass(frozen=True)
class RunRecord:
    """Describes a run before its first epoch."""

    run: str
    """The run's id, carried by all its records."""
    preset: dict[str, Any]
    """The preset with every default filled in."""
    data: dict[str, Any]
    """Name, sizes of the training and test sets, inputs, live inputs, classes."""
    started: str
    """Start of the run in RFC 3339, with the offset from UTC."""
    threads: int
    form: str
    """Format of the training images in memory: `sparse`, their non-zero pixels, or `dense`."""
    versions: dict[str, str]
    matrices: tuple[MatrixRole, ...] = OWN_ROLES
    """The measured matrices; measurements and findings refer to them by name."""
    loop: dict[str, Any] | None = None
    """Of a training loop that isn't ours: its `framework`, `optimizer`, `clock` and more; None for our own runs."""

    @property
    def clock(self) -> Clock:
        """What the records' epochs count."""
        return clock_of(self.loop)

    @property
    def is_own(self) -> bool:
        """Whether tuimove trained the network."""
        return self.loop is None and are_own(self.matrices)

    def as_dict(self) -> dict[str, Any]:
        """Return the record as it is written."""
        present = {name: value for name, value in vars(self).items() if name != "loop" or value is not None}
        return {"record": "run", "schema": SCHEMA, **present, "matrices": [role.as_dict() for role in self.matrices]}


@dataclass(frozen=True)
class MeasurementRecord:
    """Everything measured at one epoch."""

    run: str
    epoch: int
    seconds: float
    """Seconds since training began."""
    learning_rate: float
    loss: float
    """Mean cross-entropy over the training images, in nats."""
    train_accuracy: float
    test_accuracy: float
    matrices: dict[str, MatrixMeasurement]
    noted: dict[str, float] = field(default_factory=dict)
    """Further numbers that a training loop has noted, such as `validation_loss`."""

    def as_dict(self) -> dict[str, Any]:
        """Return the record as it is written."""
        matrices = {name: _matrix_table(measured) for name, measured in self.matrices.items()}
        table = {"record": "measurement", **vars(self), "matrices": matrices}
        return table if self.noted else {name: value for name, value in table.items() if name != "noted"}


@dataclass(frozen=True)
class FindingRecord:
    """What a rule found at one epoch."""

    run: str
    epoch: int
    rule: str
    severity: Severity
    matrix: str | None
    """The name of one of the run's matrices; None for what concerns the whole network."""
    value: float
    """The number that was judged."""
    limit: float
    """The limit that it was compared with."""
    message: str
    """One sentence on what the finding means."""
    advice: str
    """One sentence on what to do."""
    causes: tuple[str, ...] = ()
    """Possible causes as single words, the likeliest first."""
    evidence: tuple[str, ...] = ("weights",)
    """What it rests on: `weights`, with a training loop's `loss` and `validation_loss` beside them."""

    @classmethod
    def of(cls, run: str, finding: Finding) -> FindingRecord:
        """Return the record of a finding in a run."""
        verdict = finding.verdict
        return cls(
            run, finding.epoch, finding.rule, verdict.severity, finding.matrix, verdict.value, verdict.limit,
            verdict.message, verdict.advice, verdict.causes, verdict.evidence,
        )  # fmt: skip

    def in_words(self, clock: Clock = "epoch") -> str:
        """Return the finding as one line of text, without its severity."""
        return f"{clock} {self.epoch}, {self.matrix or 'network'}, {self.rule}: {self.message} {self.advice}"

    def as_dict(self) -> dict[str, Any]:
        """Return the record as it is written."""
        return {"record": "finding", **vars(self)}


@dataclass(frozen=True)
class ControlRecord:
    """A change that a user made to a run while it trained."""

    run: str
    epoch: int
    """The first epoch that the change holds for."""
    action: Literal["learning_rate"]
    value: float
    """The new value."""

    def as_dict(self) -> dict[str, Any]:
        """Return the record as it is written."""
        return {"record": "control", **vars(self)}


@dataclass(frozen=True)
class EndRecord:
    """How a run ended."""

    run: str
    status: Status
    epochs: int
    """Updates made, also where the run failed."""
    seconds: float
    reason: str | None = field(default=None)
    """Why a run failed, in words."""
    remark: str | None = field(default=None)
    """What its measurements lack, in words, such as looks that were left out."""

    def as_dict(self) -> dict[str, Any]:
        """Return the record as it is written."""
        present = {name: value for name, value in vars(self).items() if value is not None}
        return {"record": "end", **present}


Record = RunRecord | MeasurementRecord | FindingRecord | ControlRecord | EndRecord


def to_json(record: Record, *, histograms: bool) -> str:
    """Return a record as one line of JSON, without the newline; numbers that aren't finite become null."""
    table = record.as_dict()
    return line_of(_finite(table if histograms else without_histograms(table)))


def table_of(record: Record) -> dict[str, Any]:
    """Return a record as the table that parsing its line gives."""
    table: dict[str, Any] = _finite(record.as_dict())
    return table


def beginning_of(kind: str) -> bytes:
    """Return the first bytes of the lines of a kind of record, which tell its kind before it is parsed."""
    return f'{{"record":"{kind}"'.encode()


def line_of(table: dict[str, Any]) -> str:
    """Return a record's table as one line of JSON; raises a ValueError where a number isn't finite."""
    return json.dumps(table, separators=(",", ":"), allow_nan=False)


def without_histograms(table: dict[str, Any]) -> dict[str, Any]:
    """Return a measurement's table without its histograms; any other table, or one that has none, as it is."""
    if table.get("record") != "measurement" or not any(map(_has_histograms, table["matrices"].values())):
        return table
    matrices = {
        name: {key: value for key, value in matrix.items() if key not in HISTOGRAMS}
        for name, matrix in table["matrices"].items()
    }
    return {**table, "matrices": matrices}


def _has_histograms(matrix: dict[str, Any]) -> bool:
    return any(name in matrix for name in HISTOGRAMS)


def _matrix_table(measured: MatrixMeasurement) -> dict[str, Any]:
    return {**vars(measured), **{name: vars(getattr(measured, name)) for name in HISTOGRAMS}}


def _finite(value: Any) -> Any:
    """Return the value with every NaN or infinity in it replaced by None."""
    if isinstance(value, dict):
        return {name: _finite(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [*value] if NEVER_INFINITE.issuperset(map(type, value)) else [_finite(inner) for inner in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
