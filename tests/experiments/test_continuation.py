"""Runs of an experiment that were stopped go on from the epoch of the stop, as if nothing had been."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.conftest import parse_records
from tests.experiments.test_experiment import PRESET
from tests.support import workers_here as workers
from tests.support.in_process import InProcess
from tests.support.workers_here import workers_here as workers_here
from tuimove.runs.steering.controls import Controls, StopReason

STOPPED_AT = 7

pytestmark = pytest.mark.usefixtures("workers_here")


class StoppedControls(Controls):
    """Controls of a job that somebody stops after an epoch; they are asked once an epoch."""

    _asked = -1

    @property
    def stop_reason(self) -> StopReason | None:
        """Why the run should stop."""
        self._asked += 1
        return "interrupted" if self._asked >= STOPPED_AT else None


class Experiment:
    """An experiment that is begun again in the same folder."""

    def __init__(self, call: InProcess, preset: Path, data: Path, out: Path) -> None:
        self._call = call
        self._command = ("run", preset, "--no-ui", "--data", data, "--out", out)
        self.out = out

    def train(self) -> Any:
        """Train to the end."""
        return self._call(*self._command)

    def stop(self) -> Any:
        """Train until somebody stops it."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(workers, "Controls", StoppedControls)
            return self._call(*self._command)

    def weights(self, place: str) -> bytes:
        """Return the weights that a run ended with."""
        return (self.out / place / "last.npz").read_bytes()

    def numbers(self, place: str) -> list[dict[str, Any]]:
        """Return a run's records without what the clock and the start decide."""
        records = parse_records((self.out / place / "records.jsonl").read_text())
        return [{**record, "seconds": 0, "run": "", "started": ""} for record in records]


@pytest.fixture
def begin(in_process: InProcess, tmp_path: Path, idx_folder: Path) -> Any:
    def begun(sweep: str, name: str) -> Experiment:
        preset = tmp_path / "mine.toml"
        preset.write_text(PRESET + sweep)
        return Experiment(in_process, preset, idx_folder, tmp_path / name)

    return begun


def test_stopped_runs_end_to_the_bit_as_if_nothing_had_been(begin: Any) -> None:
    whole, cut = (begin('"training.learning_rate" = [0.3, 0.5, 0.1]', name) for name in ("whole", "cut"))
    whole.train()
    cut.stop()
    assert [record["epochs"] for record in cut.numbers("00001") if record["record"] == "end"] == [STOPPED_AT]
    again = cut.train()
    assert "3 runs go on from the epoch of the stop" in again.stderr
    for place in ("00000", "00001", "00002"):
        assert cut.weights(place) == whole.weights(place)
        assert cut.numbers(place) == whole.numbers(place)
    written = [record for record in parse_records(again.stdout) if record["record"] == "measurement"]
    assert len(written) == 3 * 5  # its past too, as of runs that had finished


def test_runs_go_on_without_the_one_that_had_finished(begin: Any) -> None:
    whole, cut = (begin('"training.epochs" = [3, 20, 11]', name) for name in ("whole", "cut"))
    whole.train()
    cut.stop()
    finished = cut.weights("00000")
    assert "2 runs go on from the epoch of the stop" in cut.train().stderr
    assert cut.weights("00000") == finished == whole.weights("00000")
    ends = [cut.numbers(place)[-1] for place in ("00001", "00002")]
    assert [(end["status"], end["epochs"]) for end in ends] == [("finished", 20), ("finished", 11)]
    last, expected = (one.numbers("00001")[-2]["matrices"]["W1"]["distance"] for one in (cut, whole))
    assert last == pytest.approx(expected, rel=1e-5)


def test_what_was_recorded_after_the_stop_is_compared_and_not_written_twice(begin: Any) -> None:
    whole, cut = (begin('"training.learning_rate" = [0.3, 0.5]', name) for name in ("whole", "cut"))
    whole.train()
    cut.stop()
    cut.train()
    for place in ("00000", "00001"):  # the process was killed before the last measurement
        records = cut.out / place / "records.jsonl"
        records.write_text("".join(records.read_text().splitlines(keepends=True)[:-2]) + '{"record":"mea')
    assert "2 runs go on" in cut.train().stderr
    assert [cut.numbers(place) for place in ("00000", "00001")] == [
        whole.numbers(place) for place in ("00000", "00001")
    ]


def test_a_run_with_a_damaged_checkpoint_begins_anew(begin: Any) -> None:
    cut = begin('"training.learning_rate" = [0.3, 0.5]', "cut")
    cut.stop()
    (checkpoint,) = (cut.out / "00001").glob("checkpoint-*.npz")
    checkpoint.write_bytes(checkpoint.read_bytes()[:-9])
    again = cut.train()
    assert again.returncode == 0, again.stderr
    assert "1 run goes on from the epoch of the stop" in again.stderr
    assert "1 run had begun before, and begins anew" in again.stderr
    assert [cut.numbers(place)[-1]["epochs"] for place in ("00000", "00001")] == [20, 20]
