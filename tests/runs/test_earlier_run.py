"""A recorder that goes on with the run of a loop that was cut short."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.conftest import parse_records
from tests.runs.test_recorder import Arrays, new_weights, update
from tuimove import Recorder
from tuimove.command_line.main import main
from tuimove.errors import TuimoveError


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "run"


def trained(recorder: Recorder, weights: Arrays, start: int, end: int) -> None:
    for step in range(start, end):
        update(weights, step)
        recorder.step(1 / (step + 1))


def cut_short(recorder: Recorder) -> None:
    """Leave a recorder's folder as a killed process does."""
    folder = recorder.folder
    recorder.close("interrupted")
    assert folder is not None
    records = folder / "records.jsonl"
    lines = records.read_text().splitlines(keepends=True)
    records.write_text("".join(lines[:-1]))


def looks(folder: Path) -> dict[int, dict[str, Any]]:
    lines = parse_records((folder / "records.jsonl").read_text())
    return {one["epoch"]: one for one in lines if one["record"] == "measurement"}


@pytest.fixture
def halfway(out: Path) -> Arrays:
    """Return the weights of a run that was cut short after 20 steps."""
    weights = new_weights()
    recorder = Recorder(weights, out=out, name="mine", budget=1)
    trained(recorder, weights, 0, 20)
    cut_short(recorder)
    return weights


def test_it_goes_on_at_its_last_look_with_the_same_start(out: Path, halfway: Arrays, tmp_path: Path) -> None:
    with Recorder(halfway, out=out, budget=1) as recorder:
        trained(recorder, halfway, 20, 40)
    whole = new_weights()
    with Recorder(whole, out=tmp_path / "whole", budget=1) as recorder:
        trained(recorder, whole, 0, 40)
    resumed, uncut = looks(out), looks(tmp_path / "whole")
    assert list(resumed) == sorted({*uncut, 20})
    for step in uncut:
        for name, measured in uncut[step]["matrices"].items():
            assert resumed[step]["matrices"][name]["distance"] == measured["distance"]
    ends = [one for one in parse_records((out / "records.jsonl").read_text()) if one["record"] == "end"]
    assert [(one["status"], one["epochs"]) for one in ends] == [("finished", 40)]
    assert len({one["run"] for one in parse_records((out / "records.jsonl").read_text())}) == 1
    seconds = [one["seconds"] for one in resumed.values()]
    assert seconds == sorted(seconds)


def test_a_loop_that_begins_anew_with_the_starting_weights_replaces_what_was_recorded(
    out: Path, halfway: Arrays
) -> None:
    assert halfway
    weights = new_weights()
    recorder = Recorder(weights, out=out, budget=1)
    assert list(looks(out)) == [0]
    trained(recorder, weights, 0, 5)
    recorder.close()
    assert list(looks(out)) == [0, 1, 2, 3, 4, 5]


def test_earlier_findings_are_known_and_are_those_of_check(out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    weights = new_weights()
    recorder = Recorder(weights, out=out, budget=1)
    trained(recorder, weights, 0, 6)
    weights["out/kernel"][0, 0] = np.nan
    trained(recorder, weights, 6, 8)
    found = recorder.findings
    assert found
    cut_short(recorder)
    again = Recorder(weights, out=out, budget=1)
    assert again.findings == found
    trained(again, weights, 8, 20)
    again.close()
    capsys.readouterr()
    main(["check", str(out)])
    checked = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(one["rule"], one["matrix"], one["epoch"]) for one in checked] == [
        (one.rule, one.matrix, one.step) for one in again.findings
    ]


def other_shape(weights: Arrays) -> Arrays:
    return {**weights, "out/bias": np.zeros(7, np.float32)}


def other_name(weights: Arrays) -> Arrays:
    return {**weights, "second/bias": np.zeros(7, np.float32)}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (other_shape, r"another model's: out/bias was \(4,\) there and is \(7,\) here"),
        (other_name, r"another model's: second/bias was missing there and is \(7,\) here"),
    ],
)
def test_another_model_s_run_is_refused_and_stays_as_it_is(
    out: Path, halfway: Arrays, change: Callable[[Arrays], Arrays], words: str
) -> None:
    before = (out / "records.jsonl").read_bytes()
    with pytest.raises(TuimoveError, match=words):
        Recorder(change(halfway), out=out)
    assert (out / "records.jsonl").read_bytes() == before
    Recorder(halfway, out=out).close()


def test_a_folder_in_use_is_refused(out: Path) -> None:
    recorder = Recorder(new_weights(), out=out)
    with pytest.raises(TuimoveError, match="another recorder of this program is writing there; close it"):
        Recorder(new_weights(), out=out)
    recorder.close()


def test_a_finished_run_is_refused_with_what_helps(out: Path) -> None:
    Recorder(new_weights(), out=out).close()
    before = (out / "records.jsonl").read_bytes()
    with pytest.raises(TuimoveError, match=r"a finished run is already there.*give another out, or none"):
        Recorder(new_weights(), out=out)
    assert (out / "records.jsonl").read_bytes() == before
    assert not (out / "lock").exists()


def truncated(folder: Path) -> None:
    (folder / "first.npz").write_bytes((folder / "first.npz").read_bytes()[:-300])


def flipped(folder: Path) -> None:
    content = bytearray((folder / "first.npz").read_bytes())
    content[400] ^= 0xFF
    (folder / "first.npz").write_bytes(content)


def removed(folder: Path) -> None:
    (folder / "first.npz").unlink()


@pytest.mark.parametrize("damage", [truncated, flipped, removed])
def test_damaged_starting_weights_are_refused(out: Path, halfway: Arrays, damage: Callable[[Path], None]) -> None:
    damage(out)
    with pytest.raises(TuimoveError, match=r"first\.npz: "):
        Recorder(halfway, out=out)


@pytest.mark.parametrize("left", [0, 40])
def test_a_run_that_was_cut_short_before_its_first_record_begins_anew(out: Path, halfway: Arrays, left: int) -> None:
    content = (out / "records.jsonl").read_bytes()
    (out / "records.jsonl").write_bytes(content[:left])
    with Recorder(halfway, out=out, budget=1) as recorder:
        trained(recorder, halfway, 0, 2)
    assert list(looks(out)) == [0, 1, 2]


def test_a_last_line_that_is_torn_is_cut_off(out: Path, halfway: Arrays) -> None:
    with (out / "records.jsonl").open("a") as records:
        records.write('{"record":"measurement","epoch":2')
    with Recorder(halfway, out=out, budget=1) as recorder:
        trained(recorder, halfway, 20, 22)
    assert 22 in looks(out)


def test_a_sample_stays_the_same(tmp_path: Path) -> None:
    weights = {"w": np.random.default_rng(0).normal(size=(300, 200)).astype(np.float32)}
    recorder = Recorder(weights, out=tmp_path / "run", sample=5000, budget=1)
    weights["w"] += 1
    recorder.step()
    cut_short(recorder)
    with Recorder(weights, out=tmp_path / "run", budget=1):
        pass
    (last,) = [one for step, one in looks(tmp_path / "run").items() if step]
    assert last["matrices"]["w"]["entries"] == 5000
    assert last["matrices"]["w"]["distance"] == pytest.approx(np.sqrt(5000), rel=1e-5)
