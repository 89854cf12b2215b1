"""The recorder in a loop of NumPy's, without any framework."""

from __future__ import annotations

import copy
import gc
import json
import math
import os
import pickle
import sys
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from tests.conftest import parse_records
from tests.support.processes import run
from tuimove import Recorder
from tuimove.command_line.main import main
from tuimove.errors import TuimoveError
from tuimove.recording.folder.run_summary import read_summary
from tuimove.runs.loops.recording import LoopRecording
from tuimove.settings.matrix_role import MOST_CHARACTERS

Arrays = dict[str, npt.NDArray[Any]]


def new_weights(seed: int = 0) -> Arrays:
    random = np.random.default_rng(seed)
    sizes = {"hidden/kernel": (30, 20), "hidden/bias": (20,), "out/kernel": (20, 4), "out/bias": (4,)}
    return {name: random.uniform(-0.2, 0.2, shape).astype(np.float32) for name, shape in sizes.items()}


def update(weights: Arrays, step: int) -> None:
    """Move all weights by a small amount that is the same in every run."""
    random = np.random.default_rng([7, step])
    for array in weights.values():
        array += random.normal(0, 0.01 / math.sqrt(step + 1), array.shape).astype(np.float32)


def itself() -> dict[str, Any]:
    """Return a mapping that holds itself."""
    holds: dict[str, Any] = {"w": np.ones(3)}
    holds["again"] = holds
    return holds


class Hooked:
    """Looks like the class of an optimizer."""

    def register_step_post_hook(self) -> None:
        """Do nothing."""


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "run"


def records(folder: Path) -> list[dict[str, Any]]:
    return parse_records((folder / "records.jsonl").read_text())


def test_a_loop_is_recorded_and_its_weights_are_the_same_bits(out: Path) -> None:
    recorded, alone = new_weights(), new_weights()
    with Recorder(recorded, out=out, name="mine", budget=1) as recorder:
        for step in range(50):
            update(recorded, step)
            recorder.step(loss=1 / (step + 1))
    for step in range(50):
        update(alone, step)
    assert all((recorded[name] == alone[name]).all() for name in alone)
    first, *others = records(out)
    assert [role["name"] for role in first["matrices"]] == list(alone)
    assert [(role["kind"], role["place"]) for role in first["matrices"]] == [
        ("weights", "first"), ("bias", "first"), ("weights", "last"), ("bias", "last"),
    ]  # fmt: skip
    assert (first["loop"]["framework"], first["loop"]["clock"]) == ("arrays", "step")
    measured = [one for one in others if one["record"] == "measurement"]
    assert [one["epoch"] for one in measured][:6] == [0, 1, 2, 3, 4, 5]
    assert measured[-1]["epoch"] == 50
    assert measured[-1]["loss"] == 1 / 50
    start = new_weights()["hidden/kernel"]
    distance = np.linalg.norm((alone["hidden/kernel"] - start).astype(np.float64))
    assert measured[-1]["matrices"]["hidden/kernel"]["distance"] == pytest.approx(distance, rel=1e-6)
    assert others[-1]["status"] == "finished"


def test_what_was_found_live_is_what_check_finds(out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    weights = new_weights()
    recorder = Recorder(weights, out=out, budget=1, fail_on="alarm")
    for step in range(20):
        update(weights, step)
        recorder.step()
    assert not recorder.should_stop
    weights["out/kernel"][0, 0] = np.nan
    recorder.step()
    recorder.close()
    assert [(one.rule, one.matrix, one.severity) for one in recorder.findings][-1] == (
        "not_finite", "out/kernel", "alarm",
    )  # fmt: skip
    assert recorder.should_stop
    assert "alarm: step 21, out/kernel, not_finite" in capsys.readouterr().err
    assert main(["check", str(out), "--fail-on", "alarm"]) == 3
    found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(one["rule"], one["matrix"], one["epoch"]) for one in found] == [
        (one.rule, one.matrix, one.step) for one in recorder.findings
    ]


@pytest.mark.parametrize("command", ["check", "compare", "report", "runs"])
def test_every_reader_takes_the_folder(
    out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    weights = new_weights()
    with Recorder(weights, name="mine", out=None if command == "runs" else out, budget=1) as recorder:
        for step in range(9):
            update(weights, step)
            recorder.step(0.5)
    arguments = {"runs": ["runs"], "report": ["report", str(out), "--out", str(tmp_path / "r")]}
    assert main(arguments.get(command, [command, str(out)])) == 0
    assert capsys.readouterr().out if command != "check" else True


def test_a_nested_mapping_or_a_function_of_one_is_read_at_every_look(out: Path) -> None:
    state = {"params": {"Dense_0": {"kernel": np.ones((3, 4)), "bias": np.zeros(4)}, "step": np.array(3)}}
    recorder = Recorder(lambda: state["params"], out=out, only="*kernel", budget=1)
    state["params"] = {"Dense_0": {"kernel": np.full((3, 4), 2.0), "bias": np.zeros(4)}}
    recorder.step()
    recorder.close()
    first, *others = records(out)
    assert [role["name"] for role in first["matrices"]] == ["Dense_0/kernel"]
    (last,) = [one["matrices"]["Dense_0/kernel"] for one in others if one.get("epoch") == 1 and "matrices" in one]
    assert last["distance"] == pytest.approx(math.sqrt(12))


def test_a_function_is_called_once_a_look(out: Path) -> None:
    weights, calls = new_weights(), []

    def current() -> Arrays:
        calls.append(0)
        return weights

    recorder = Recorder(current, out=out, budget=1)
    before = len(calls)
    for _ in range(4):
        recorder.step()
    recorder.close()
    assert len(calls) == before + 4


def test_large_matrices_stand_for_by_a_fixed_sample_that_is_said(out: Path) -> None:
    weights = {"w": np.random.default_rng(0).normal(size=(300, 200)).astype(np.float32)}
    start = weights["w"].copy()
    with Recorder(weights, out=out, sample=5000, budget=1) as recorder:
        weights["w"] += np.random.default_rng(1).normal(0, 0.1, weights["w"].shape).astype(np.float32)
        recorder.step()
    first, *others = records(out)
    assert first["loop"]["sampled"] == {"w": 5000}
    measured = next(one["matrices"]["w"] for one in others if one.get("epoch") == 1 and "matrices" in one)
    whole = np.linalg.norm(weights["w"] - start) / np.linalg.norm(start)
    assert measured["entries"] == 5000
    assert measured["distance"] / measured["norm"] == pytest.approx(whole, rel=0.05)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"model": 3}, "a mapping of names to arrays"),
        ({"model": {}}, "no parameters of floating point"),
        ({"model": {"n": np.arange(4), "z": np.ones(3, complex)}}, "no parameters of floating point"),
        ({"model": {"a": {"b": np.ones(3)}, "a/b": np.ones(3)}}, "two parameters are called 'a/b'"),
        ({"model": lambda: 5}, "returns int, not a mapping"),
        ({"model": dict}, "model: an instance is expected, such as dict\\(\\), not the class dict"),
        ({"optimizer": Hooked}, "optimizer: an instance is expected, such as Hooked\\(model.parameters\\(\\)\\)"),
        ({"optimizer": object()}, "call step\\(\\) after each update"),
        ({"budget": 2}, "budget: a share"),
        ({"budget": "much"}, "budget: a share"),
        ({"sample": 0}, "sample: a number"),
        ({"fail_on": "error"}, "fail_on: notice, warning, alarm"),
        ({"only": 3}, "only: patterns of names"),
        ({"name": 3}, "name: a text"),
        ({"model": itself()}, "more than 50 deep"),
        ({"only": "nothing*"}, "no parameters of floating point with such a name"),
    ],
)
def test_wrong_arguments_are_one_sentence_and_leave_nothing(out: Path, arguments: dict[str, Any], words: str) -> None:
    with pytest.raises((TypeError, ValueError), match=words):
        Recorder(**{"model": new_weights(), "out": out, **arguments})
    assert not out.exists()


def test_what_isn_t_recorded_is_said_once(out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arrays = {f"a{number}": np.ones(2, np.float32) for number in range(1020)}
    others = {"count": np.arange(3), "spectrum": np.ones(3, complex)}
    weights = {f"w{number}": np.ones((2, 2), np.float32) for number in range(10)}
    Recorder(arrays | others | weights, out=out, budget=1).close()
    said = capsys.readouterr().err.splitlines()
    assert "tuimove: not of floating point, and not recorded: count (int64), spectrum (complex128)" in said
    assert "tuimove: only 1,024 of 1,032 parameters are recorded; choose others by `only`" in said
    names = [role["name"] for role in records(out)[0]["matrices"]]
    assert len(names) == 1024
    assert names[-10:] == [*weights]


@pytest.mark.parametrize("place", ["file/run", "\0", ""])
def test_a_folder_that_can_t_be_made_is_one_sentence(tmp_path: Path, place: str) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(TuimoveError) as refused:
        Recorder(new_weights(), out=f"{tmp_path}/{place}" if place else "")
    assert "\n" not in str(refused.value)


def test_what_is_there_is_never_written_over(out: Path, tmp_path: Path) -> None:
    Recorder(new_weights(), out=out).close()
    before = (out / "records.jsonl").read_text()
    with pytest.raises(TuimoveError, match="a finished run is already there, and it is never written to again"):
        Recorder(new_weights(), out=out)
    assert (out / "records.jsonl").read_text() == before
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "mine").write_text("mine")
    with pytest.raises(TuimoveError, match="already there; a run is never overwritten"):
        Recorder(new_weights(), out=tmp_path / "notes")
    (tmp_path / "notes" / "records.jsonl").write_text('{"record":"run","schema":2}\n')
    with pytest.raises(TuimoveError, match="no run of a training loop"):
        Recorder(new_weights(), out=tmp_path / "notes")


def test_names_that_would_steer_a_terminal_or_never_end_are_made_harmless(out: Path) -> None:
    long = "w" * 5000
    Recorder({"a\x1b[31m\n": np.ones((2, 2)), long: np.ones((2, 2))}, out=out, name="x\x1b[2J").close()
    text = (out / "records.jsonl").read_text()
    assert "\\u001b" not in text
    assert [role["name"] for role in records(out)[0]["matrices"]] == ["a?[31m?", f"{'w' * MOST_CHARACTERS}..."]


def reshaped(_out: Path, weights: Arrays) -> None:
    weights["out/bias"] = np.zeros(7, np.float32)


def taken_out(_out: Path, weights: Arrays) -> None:
    del weights["out/bias"]


def test_what_isn_t_a_number_or_a_status_never_reaches_the_loop(out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    recorder = Recorder(new_weights(), out=out, budget=1)
    recorder.note(test_accuracy="high", validation_loss=None, score=0.5)  # type: ignore[arg-type]
    recorder.note(test_accuracy=97.3)
    recorder.step(loss=np.ones(3))
    said = capsys.readouterr().err
    assert "not noted: test_accuracy: a number is expected, not 'high'" in said
    assert "not noted: validation_loss: a number is expected, not None" in said
    assert "not noted: test_accuracy: a share from 0 to 1 is expected, not 97.3" in said
    assert [(one["test_accuracy"], one["loss"], one["noted"]) for one in records(out) if one.get("epoch") == 1] == [
        (None, None, {"score": 0.5}),
    ]  # fmt: skip
    other = Recorder(new_weights(), out=out.with_name("other"))
    other.close("done")  # type: ignore[arg-type]
    assert "not 'done'; recorded as stopped" in capsys.readouterr().err
    assert records(out.with_name("other"))[-1]["status"] == "stopped"


@pytest.mark.parametrize("trouble", [reshaped, taken_out])
def test_later_trouble_is_one_line_and_the_loop_goes_on(
    out: Path, trouble: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    weights = new_weights()
    recorder = Recorder(weights, out=out, budget=1)
    recorder.step()
    trouble(out, weights)
    for _ in range(30):
        recorder.step(0.5)
    recorder.close()
    said = [line for line in capsys.readouterr().err.splitlines() if "recording ends" in line]
    assert len(said) == 1
    end = records(out)[-1]
    assert (end["record"], end["status"]) == ("end", "stopped")
    assert "the recording ended: " in end["reason"]


def test_a_loop_that_raises_is_recorded_as_failed_with_the_reason(out: Path) -> None:
    def train() -> None:
        with Recorder(new_weights(), out=out) as recorder:
            recorder.step()
            raise ZeroDivisionError("no batch")

    with pytest.raises(ZeroDivisionError):
        train()
    end = records(out)[-1]
    assert (end["status"], end["epochs"], end["reason"]) == ("failed", 1, "ZeroDivisionError: no batch")


ENDINGS: dict[str, tuple[str, str]] = {
    "returns": ("pass", "finished"),
    "exits": ("sys.exit(3)", "finished"),
    "raises": ("1 / 0", "failed"),
    "interrupted": ("raise KeyboardInterrupt", "interrupted"),
    "killed": ("os.kill(os.getpid(), 9)", "cut short"),
}


@pytest.mark.parametrize("ending", ENDINGS)
def test_however_a_program_ends_its_run_says_so(out: Path, ending: str) -> None:
    words, state = ENDINGS[ending]
    script = (
        "import os, sys, numpy, tuimove\n"
        f"recorder = tuimove.Recorder({{'w': numpy.ones((3, 4))}}, out={str(out)!r})\n"
        f"recorder.step(0.5)\n{words}\n"
    )
    run([sys.executable, "-c", script])
    assert read_summary(out).state == state
    assert [one["epoch"] for one in records(out) if one["record"] == "measurement"] == [0, 1]


def test_a_forked_process_records_nothing_and_ends_nothing(out: Path) -> None:
    weights = new_weights()
    recorder = Recorder(weights, out=out, budget=1)
    child = os.fork()
    if not child:
        try:
            recorder.step(0.5)
            recorder.close()
        finally:
            os._exit(0)
    os.waitpid(child, 0)
    assert [one["record"] for one in records(out)] == ["run", "measurement"]
    recorder.close()
    assert records(out)[-1]["record"] == "end"


@pytest.fixture
def switched_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TUIMOVE", "0")


@pytest.mark.usefixtures("switched_off")
def test_it_does_nothing_at_all_where_that_is_asked_for(out: Path) -> None:
    recorder = Recorder(new_weights(), out=out)
    recorder.step(0.5)
    recorder.note(test_accuracy=0.5)
    recorder.close()
    assert (recorder.findings, recorder.should_stop, recorder.folder, out.exists()) == ((), False, None, False)


def test_importing_tuimove_imports_no_framework_and_no_numba() -> None:
    done = run([sys.executable, "-c", "import sys, tuimove; print(sorted(sys.modules))"])
    assert not {"numba", "numpy", "torch", "keras", "jax"} & set(eval(done.stdout))


def test_what_is_noted_is_written_with_the_next_look(out: Path) -> None:
    weights = new_weights()
    with Recorder(weights, out=out, budget=1) as recorder:
        recorder.note(test_accuracy=0.97, validation_loss=0.2)
        recorder.step()
        recorder.step()
    first, second = (one for one in records(out) if one["record"] == "measurement" and one["epoch"] in (1, 2))
    assert (first["test_accuracy"], first["noted"]) == (0.97, {"validation_loss": 0.2})
    assert (second["test_accuracy"], "noted" in second) == (None, False)
    gc.collect()


def test_layers_that_have_never_moved_are_an_alarm_once_all_could_have(out: Path) -> None:
    weights = new_weights()
    with Recorder(weights, out=out, budget=1) as recorder:
        for step in range(30):
            for name in ("out/kernel", "out/bias"):
                weights[name] += 0.01
            weights["hidden/bias"] += 0.01
            recorder.step()
            frozen = [one for one in recorder.findings if one.rule == "frozen_entries"]
            assert step >= 8 or not frozen
    (found,) = frozen
    assert (found.matrix, found.severity) == ("hidden/kernel", "alarm")
    assert found.message == "hidden/kernel has never moved though other layers learn."


def test_arrays_that_the_loop_replaces_elsewhere_are_found_not_to_move(out: Path) -> None:
    with Recorder(new_weights(), out=out, budget=1) as recorder:
        for _ in range(30):
            recorder.step()
    assert "or the loop trains other arrays than these" in recorder.findings[0].message


def test_a_layer_that_is_frozen_midway_is_a_notice(out: Path) -> None:
    weights = new_weights()
    with Recorder(weights, out=out, budget=1) as recorder:
        for step in range(200):
            moved = weights if step < 30 else {name: weights[name] for name in ("out/kernel", "out/bias")}
            update(moved, step)
            recorder.step()
    still = [one for one in recorder.findings if one.rule == "distance_plateau" and one.matrix == "hidden/kernel"]
    assert {one.severity for one in still} == {"notice"}


def test_numbers_of_another_order_of_bytes_are_numbers(out: Path) -> None:
    weights = {"w": np.ones((3, 4), ">f4")}
    with Recorder(weights, out=out, budget=1) as recorder:
        weights["w"] += 1
        recorder.step()
    (last,) = [one["matrices"]["w"] for one in records(out) if one.get("epoch") == 1 and "matrices" in one]
    assert last["distance"] == pytest.approx(math.sqrt(12))


def test_what_holds_a_recorder_can_be_copied_and_pickled(out: Path) -> None:
    recorder = Recorder(new_weights(), out=out)
    assert copy.deepcopy({"held": recorder})["held"] is recorder
    assert pickle.loads(pickle.dumps({"held": recorder})) == {"held": None}
    recorder.close()


def test_ctrl_c_in_the_first_look_leaves_nothing_in_the_way(out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(LoopRecording, "_write_run", interrupted)
        with pytest.raises(KeyboardInterrupt):
            Recorder(new_weights(), out=out)
    assert not out.exists()
    Recorder(new_weights(), out=out).close()


def test_looks_that_were_left_out_are_told_in_the_end_its_record_and_by_check(
    out: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("tuimove.runs.loops.looks.ALLOWANCE_SECONDS", 0.0)
    weights = new_weights()
    with Recorder(weights, out=out, budget=1e-9) as recorder:
        for step in range(100):
            update(weights, step)
            recorder.step()
    remark = records(out)[-1]["remark"]
    assert "looks left out: they would have taken more than 1e-07 % of the time; budget=5e-09 allows more" in remark
    assert capsys.readouterr().err.count(f"tuimove: {remark}\n") == 1
    main(["check", str(out)])
    assert capsys.readouterr().err.count(f"{out}: {remark}\n") == 1


def test_a_step_is_looked_at_once(out: Path) -> None:
    recorder = Recorder(new_weights(), out=out, budget=1)
    recorder.step()
    recorder._look()
    recorder.close()
    assert [one["epoch"] for one in records(out) if one["record"] == "measurement"] == [0, 1]
