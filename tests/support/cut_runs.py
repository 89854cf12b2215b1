"""Runs in this process that end as killed ones do, are damaged, and are resumed; and what is left to compare."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from tests.conftest import parse_records
from tuimove.errors import TuimoveError
from tuimove.recording.folder.checkpoint_files import checkpoint_files
from tuimove.recording.folder.run_folder import RunFolder
from tuimove.recording.folder.run_lock import LOCK
from tuimove.recording.record import EndRecord, Record
from tuimove.recording.sinks.sink import Sink
from tuimove.runs.resumption import Resumption, open_resumption
from tuimove.runs.session import run_session
from tuimove.runs.steering.controls import Controls
from tuimove.settings.preset import MeasureKeys, NetworkKeys, Preset, TrainingKeys
from tuimove.training.image_set import Digits

PRESET = Preset(
    "test",
    "A test",
    NetworkKeys(hidden=5, activation="sigmoid"),
    TrainingKeys(learning_rate=2.0, epochs=60),
    measure=MeasureKeys(every=7),
)


class KilledError(Exception):
    """What ends a process without a word."""


class Dying(Sink):
    """Ends everything after an epoch, or after so many records, as a killed process would."""

    def __init__(self, epoch: float = math.inf, records: float = math.inf) -> None:
        self.epoch, self.records = epoch, records

    def advance(self, epoch: int) -> None:
        if epoch == self.epoch:
            raise KilledError

    def write(self, record: Record) -> None:  # noqa: ARG002
        self.records -= 1
        if self.records < 0:
            raise KilledError


class Asking(Sink):
    """Calls something after each epoch, to ask things of the run."""

    def __init__(self, ask: Callable[[int], None]) -> None:
        self.ask = ask

    def advance(self, epoch: int) -> None:
        self.ask(epoch)


def is_every(epochs: int) -> Callable[..., bool]:
    """Return a RunFolder's `wants_checkpoint` that goes by epochs instead of seconds."""
    calls = 0

    def wants_checkpoint(*, is_measured: bool) -> bool:  # noqa: ARG001
        nonlocal calls
        calls += 1
        return calls % epochs == 0

    return wants_checkpoint


def train(folder: Path, digits: Digits, *others: Sink, preset: Preset = PRESET, every: int = 5) -> EndRecord | None:
    kept = RunFolder(folder, preset)
    kept.wants_checkpoint = is_every(every)  # type: ignore[method-assign]
    return run_session(preset, digits, [kept, *others], Controls(), 1, keeper=kept)


def resume(folder: Path, digits: Digits, *others: Sink, every: int = 5, said: list[str] | None = None) -> Resumption:
    (folder / LOCK).unlink(missing_ok=True)  # of a process that would be gone
    resumption = open_resumption(folder, 10.0, (said if said is not None else []).append)
    resumption.run_folder.wants_checkpoint = is_every(every)  # type: ignore[method-assign]
    sinks, kept = [resumption.run_folder, *others], resumption.run_folder
    run_session(resumption.preset, digits, sinks, Controls(), 1, keeper=kept, resumption=resumption)
    return resumption


def contents(folder: Path) -> tuple[list[dict[str, Any]], dict[str, list[Any]]]:
    """Return a run's records without what differs between two runs, and its last weights."""
    records = parse_records((folder / "records.jsonl").read_text())
    plain = [{key: value for key, value in record.items() if key not in ("run", "seconds", "started")}
             for record in records]  # fmt: skip
    with np.load(folder / "last.npz", allow_pickle=False) as last:
        return plain, {name: last[name].tolist() for name in last}


def damaged(content: bytes, how: random.Random) -> bytes:
    """Return a file cut short, with a bit flipped, or with a line of garbage in it."""
    place = how.randrange(len(content))
    kind = how.randrange(3)
    if kind == 0:
        return content[:place]
    if kind == 1:
        return content[:place] + bytes([content[place] ^ 1 << how.randrange(8)]) + content[place + 1 :]
    return content[:place] + b"\n\x00garbage {\n" + content[place:]


def damage_and_resume(folder: Path, digits: Digits, whole: Path, how: random.Random) -> str:
    """Cut a run short, damage what it left, and resume it: it ends as the uninterrupted one, or is refused in words.

    Returns what became of it: `refused`; `another` where the first line now tells of another run, which is made then;
    or `the same`.
    """
    with suppress(KilledError):
        train(folder, digits, Dying(how.randrange(1, 60)))
    first_line = (folder / "records.jsonl").read_bytes().splitlines(keepends=True)[0]
    paths = [folder / "records.jsonl", *checkpoint_files(folder)]
    for path in how.sample(paths, how.randint(1, len(paths))):
        path.write_bytes(damaged(path.read_bytes(), how))
    is_first_intact = (folder / "records.jsonl").read_bytes().startswith(first_line)
    try:
        resumption = resume(folder, digits)
    except TuimoveError as error:
        assert not is_first_intact, f"refused though it is known what the run was: {error}"
        return "refused"
    is_another = contents(folder)[0][0] != contents(whole)[0][0]
    if is_another:  # a bit of the first line: the run that it now tells of, from its start
        whole = folder.with_name(f"{folder.name}-anew")
        train(whole, digits, preset=resumption.preset)
    records, weights = contents(folder)
    expected, expected_weights = contents(whole)
    assert weights == expected_weights, "other weights"
    assert records[1:] == expected[1:], "other records"
    return "another" if is_another else "the same"
