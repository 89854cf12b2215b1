"""A run that was cut short goes on as if it hadn't been: the same weights and records, to the bit."""

from __future__ import annotations

import json
import math
import os
import random
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tuimove.checkpoint import checkpoint_files
from tuimove.controls import Controls
from tuimove.digits import Digits
from tuimove.errors import DataError, TuimoveError
from tuimove.preset import MeasureKeys, NetworkKeys, Preset, TrainingKeys
from tuimove.record import EndRecord, Record
from tuimove.resume import Resumption, take_up
from tuimove.run_lock import LOCK
from tuimove.session import run_session
from tuimove.sinks import Sink
from tuimove.sinks.run_folder import RunFolder

from .conftest import Tuimove, parse_records

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
    return run_session(preset, digits, [kept, *others], Controls(), 1)


def resume(folder: Path, digits: Digits, *others: Sink, every: int = 5, said: list[str] | None = None) -> Resumption:
    (folder / LOCK).unlink(missing_ok=True)  # of a process that would be gone
    resumption = take_up(folder, 10.0, (said if said is not None else []).append)
    resumption.kept.wants_checkpoint = is_every(every)  # type: ignore[method-assign]
    run_session(resumption.preset, digits, [resumption.kept, *others], Controls(), 1, resumption=resumption)
    return resumption


def contents(folder: Path) -> tuple[list[dict[str, Any]], dict[str, list[Any]]]:
    """Return a run's records without what differs between two runs, and its last weights."""
    records = parse_records((folder / "records.jsonl").read_text())
    plain = [{key: value for key, value in record.items() if key not in ("run", "seconds", "started")}
             for record in records]  # fmt: skip
    with np.load(folder / "last.npz", allow_pickle=False) as last:
        return plain, {name: last[name].tolist() for name in last}


@pytest.fixture
def whole(tmp_path: Path, digits: Digits) -> Path:
    """Return the folder of the uninterrupted run."""
    train(tmp_path / "whole", digits)
    return tmp_path / "whole"


@pytest.mark.parametrize("activation", ["relu", "sigmoid"])
@pytest.mark.parametrize("epoch", [0, 4, 13, 14, 60])
def test_a_killed_run_ends_as_an_uninterrupted_one(tmp_path: Path, digits: Digits, epoch: int, activation: str) -> None:
    preset = replace(PRESET, network=NetworkKeys(hidden=5, activation=activation))
    train(tmp_path / "whole", digits, preset=preset)
    with pytest.raises(KilledError):
        train(tmp_path / "cut", digits, Dying(epoch), preset=preset)
    resume(tmp_path / "cut", digits)
    assert contents(tmp_path / "cut") == contents(tmp_path / "whole")


@pytest.mark.parametrize("records", [1, 2, 3, 5, 8, 11])
def test_it_does_so_wherever_it_is_killed_between_records(
    tmp_path: Path, digits: Digits, whole: Path, records: int
) -> None:
    with pytest.raises(KilledError):
        train(tmp_path / "cut", digits, Dying(records=records))
    with pytest.raises(KilledError):
        resume(tmp_path / "cut", digits, Dying(epoch=50))
    resume(tmp_path / "cut", digits)
    assert contents(tmp_path / "cut") == contents(whole)


def test_what_was_recorded_before_is_never_written_again(tmp_path: Path, digits: Digits) -> None:
    with pytest.raises(KilledError):
        train(tmp_path / "cut", digits, Dying(48), every=1000)
    before = (tmp_path / "cut" / "records.jsonl").read_bytes()
    resume(tmp_path / "cut", digits)
    after = (tmp_path / "cut" / "records.jsonl").read_bytes()
    assert after.startswith(before)
    epochs = [r["epoch"] for r in parse_records(after.decode()) if r["record"] == "measurement"]
    assert epochs == [*range(0, 60, 7), 60]


@pytest.mark.parametrize("epoch", [19, 20, 21, 40])
@pytest.mark.parametrize("every", [5, 1000])
def test_a_run_that_was_steered_is_steered_again(tmp_path: Path, digits: Digits, epoch: int, every: int) -> None:
    """Two changes of the learning rate; those before the run was cut short are in its records."""

    def steer(controls: Controls, at: int) -> None:
        if at in (20, 33):
            controls.scale_rate(0.5)

    def steered(folder: Path, *others: Sink) -> None:
        controls = Controls()
        kept = RunFolder(folder, PRESET)
        kept.wants_checkpoint = is_every(every)  # type: ignore[method-assign]
        run_session(PRESET, digits, [kept, Asking(lambda at: steer(controls, at)), *others], controls, 1)

    steered(tmp_path / "whole")
    with pytest.raises(KilledError):
        steered(tmp_path / "cut", Dying(epoch))
    resumption = take_up(tmp_path / "cut", 10.0, print)
    controls = Controls()
    later = Asking(lambda at: steer(controls, at) if at >= epoch else None)
    run_session(PRESET, digits, [resumption.kept, later], controls, 1, resumption=resumption)
    assert contents(tmp_path / "cut") == contents(tmp_path / "whole")


@pytest.mark.parametrize("epoch", [7, 20])
def test_an_interrupted_run_goes_on_from_that_very_epoch(
    tmp_path: Path, digits: Digits, whole: Path, epoch: int
) -> None:
    controls = Controls()
    kept = RunFolder(tmp_path / "cut", PRESET)
    stopping = Asking(lambda at: controls.stop("interrupted") if at == epoch else None)
    end = run_session(PRESET, digits, [kept, stopping], controls, 1)
    assert end
    assert (end.status, end.epochs) == ("interrupted", epoch)
    resumption = resume(tmp_path / "cut", digits)
    assert resumption.checkpoint
    assert resumption.checkpoint.epoch == epoch
    assert contents(tmp_path / "cut") == contents(whole)


def test_a_detached_run_has_no_end_until_another_process_has_ended_it(
    tmp_path: Path, digits: Digits, whole: Path
) -> None:
    controls = Controls()
    controls.stop("detached")
    kept = RunFolder(tmp_path / "cut", PRESET)
    assert run_session(PRESET, digits, [kept], controls, 1) is None
    assert '"record":"end"' not in (tmp_path / "cut" / "records.jsonl").read_text()
    assert not (tmp_path / "cut" / LOCK).exists()
    resume(tmp_path / "cut", digits)
    assert contents(tmp_path / "cut") == contents(whole)


def test_a_run_that_has_finished_or_never_was_is_refused(tmp_path: Path, whole: Path) -> None:
    with pytest.raises(TuimoveError, match="has finished"):
        take_up(whole, 10.0, print)
    assert not (whole / LOCK).exists()
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match="no run"):
        take_up(tmp_path / "empty", 10.0, print)
    for content in ("", "\n", "garbage\n", '{"record":"run"}\n', '{"record":"run","run":"x"', "[1]\n{}\n"):
        (tmp_path / "empty" / "records.jsonl").write_text(content)
        with pytest.raises(TuimoveError):
            take_up(tmp_path / "empty", 10.0, print)


def test_other_data_are_told_from_those_that_the_run_began_with(tmp_path: Path, digits: Digits) -> None:
    with pytest.raises(KilledError):
        train(tmp_path / "cut", digits, Dying(40))
    other = replace(digits, train_labels=np.roll(digits.train_labels, 1))
    with pytest.raises(DataError, match="not the training images and labels that the run began with"):
        resume(tmp_path / "cut", other)


def damaged(content: bytes, how: random.Random) -> bytes:
    """Return a file cut short, with a bit flipped, or with a line of garbage in it."""
    place = how.randrange(len(content))
    kind = how.randrange(3)
    if kind == 0:
        return content[:place]
    if kind == 1:
        return content[:place] + bytes([content[place] ^ 1 << how.randrange(8)]) + content[place + 1 :]
    return content[:place] + b"\n\x00garbage {\n" + content[place:]


@pytest.mark.parametrize("seed", range(int(os.environ.get("TUIMOVE_MUTATIONS", "25"))))
def test_whatever_is_damaged_is_made_again_or_refused_in_words(
    tmp_path: Path, digits: Digits, whole: Path, seed: int
) -> None:
    """Of checkpoints and records alike; a thousand seeds were tried with TUIMOVE_MUTATIONS=1000."""
    how = random.Random(seed)
    with pytest.raises(KilledError):
        train(tmp_path / "cut", digits, Dying(how.randrange(1, 60)))
    first_line = len((tmp_path / "cut" / "records.jsonl").read_bytes().splitlines()[0]) + 1
    paths = [tmp_path / "cut" / "records.jsonl", *checkpoint_files(tmp_path / "cut")]
    for path in how.sample(paths, how.randint(1, len(paths))):
        path.write_bytes(damaged(path.read_bytes(), how))
    is_first_intact = (tmp_path / "cut" / "records.jsonl").read_bytes()[:first_line].endswith(b"}\n")
    try:
        resume(tmp_path / "cut", digits)
    except TuimoveError as error:
        assert not is_first_intact or "another version" in str(error)
        return
    records, weights = contents(tmp_path / "cut")
    expected, expected_weights = contents(whole)
    if records[0] == expected[0]:
        assert weights == expected_weights
        assert records == expected


def test_a_folder_copied_elsewhere_goes_on_there(tmp_path: Path, digits: Digits, whole: Path) -> None:
    with pytest.raises(KilledError):
        train(tmp_path / "cut", digits, Dying(30))
    shutil.copytree(tmp_path / "cut", tmp_path / "elsewhere")
    resume(tmp_path / "elsewhere", digits)
    assert contents(tmp_path / "elsewhere") == contents(whole)


def test_the_command_streams_what_had_not_been_recorded(tuimove: Tuimove, tmp_path: Path, idx_folder: Path) -> None:
    common = ("run", "quick-look", "--no-ui", "--data", idx_folder, "--set", "data.train=200", "--out")
    whole = tuimove(*common, tmp_path / "whole", "--set", "training.epochs=40")
    assert whole.returncode == 0, whole.stderr
    folder = tmp_path / "whole"
    lines = (folder / "records.jsonl").read_bytes().splitlines(keepends=True)
    (folder / "records.jsonl").write_bytes(b"".join(lines[:3]) + lines[3][:100])
    resumed = tuimove("resume", folder, "--no-ui")
    assert resumed.returncode == 0, resumed.stderr
    run, *rest = parse_records(resumed.stdout)
    assert (run["record"], run["run"]) == ("run", json.loads(lines[0])["run"])
    told = [record.get("epoch") for record in parse_records(whole.stdout)]
    assert [record.get("epoch") for record in rest] == told[3:]
    again = tuimove("resume", folder, "--no-ui")
    assert (again.returncode, "has finished" in again.stderr) == (2, True)
