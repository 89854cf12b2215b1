"""The second zoo keeps what the recorder has recorded in small files, and judges by what no rule sees."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.zoo.loops import fed_rivals, feeding, recording
from tests.zoo.loops.configurations import CONFIGURATIONS, PARTS, Configuration, Part
from tests.zoo.loops.data import CONTEXT, read_split
from tests.zoo.loops.fed_rivals import Said
from tests.zoo.loops.judging import Best, best_by_configuration, judge_loop, judge_loops
from tests.zoo.loops.reading import LoopRecording, kept_bytes, read_kept, read_loop_recordings, read_records
from tests.zoo.loops.recording import described_specimen, record_loops, record_one, recorded_path
from tests.zoo.loops.specimens import LoopFault, LoopSpecimen, loop_specimens
from tests.zoo.packing import packed, rounded, unpacked
from tests.zoo.scoring import Found, Scored
from tests.zoo.specimens import HEALTHY
from tuimove import Recorder
from tuimove.recording.history import recorded_numbers

SMALL = Configuration("mlp", (3,), "relu", "tables-a", 100, "sgd", 0.1, 8, 12)


def test_the_parts_differ_in_nets_data_optimizers_and_seeds() -> None:
    first, second = (CONFIGURATIONS[part] for part in PARTS)
    assert not {one.name for one in first} & {one.name for one in second}
    for trait in ("net", "data", "optimizer"):
        assert {getattr(one, trait) for one in second} - {getattr(one, trait) for one in first}, trait
    assert not {one.seed for one in loop_specimens("calibration")} & {one.seed for one in loop_specimens("report")}


@pytest.mark.parametrize("part", PARTS)
def test_each_part_has_enough_of_every_kind(part: Part) -> None:
    specimens = loop_specimens(part)
    kinds = Counter(one.fault.kind for one in specimens)
    assert len({one.name for one in specimens}) == len({one.seed for one in specimens}) == len(specimens)
    assert kinds.pop(HEALTHY) == 3 * len(CONFIGURATIONS[part]) >= 110
    assert sum(kinds.values()) >= 110
    assert min(kinds.values()) >= 4
    assert {one.configuration for one in specimens} == {*CONFIGURATIONS[part]}


def test_ways_to_make_a_mistake_take_turns_over_the_configurations() -> None:
    idle = [one for one in loop_specimens("report") if one.fault.kind == "idle_adapters"]
    assert len({(one.fault.way, one.configuration.name) for one in idle}) == len(idle) == 9


def test_specimens_are_the_same_every_time() -> None:
    assert loop_specimens("report") == loop_specimens("report")


@pytest.mark.parametrize("name", ["english", "code"])
def test_a_text_is_learnt_one_character_ahead_and_its_sets_don_t_overlap(name: str) -> None:
    split = read_split(name)
    for part in (split.train, split.validation, split.held_out):
        assert part.inputs.shape == part.labels.shape == (len(part), CONTEXT)
        assert (part.inputs[:, 1:] == part.labels[:, :-1]).all()
    held_out = {bytes(window) for window in split.held_out.inputs.astype(np.uint8)}
    assert sum(bytes(window) in held_out for window in split.train.inputs.astype(np.uint8)) <= 2


def test_tables_are_made_the_same_every_time_and_can_be_learnt() -> None:
    split, again = read_split("tables-a"), read_split.__wrapped__("tables-a")
    np.testing.assert_array_equal(split.train.inputs, again.train.inputs)
    shares = np.bincount(split.train.labels) / len(split.train)
    assert 0.05 < shares.min() < shares.max() < 0.5
    assert len(split.train) == 10_000
    assert len(split.held_out) == 3_000


def test_packed_tables_are_read_as_they_were() -> None:
    tables = {
        "b": {"x": np.array([1.5, np.nan, -np.inf], np.float32), "y": np.array([0, -0.0, 3e38], np.float32)},
        "a": {"step": np.arange(5, dtype=np.float32)},
        "none": {},
    }
    described, found = unpacked(packed({"name": "one"}, tables))
    assert described == {"name": "one"}
    assert [*found] == [*tables]
    for name, table in tables.items():
        for column, numbers in table.items():
            np.testing.assert_array_equal(found[name][column], numbers)


def test_rounded_curves_are_near_and_keep_what_is_not_finite() -> None:
    numbers = np.array([1.2345678, -7e-20, 3.4028e38, 0, np.nan, np.inf, -np.inf], np.float32)
    near = rounded({"loss": numbers})["loss"]
    np.testing.assert_allclose(near, numbers, rtol=2**-13)
    assert near[0] != numbers[0]


def recorded(folder: Path, looks: int = 20) -> list[dict[str, Any]]:
    """Return the records of a loop in NumPy, which notes a validation loss beside some looks."""
    weights = {"W1": np.full((3, 20), 0.25, np.float32), "b1": np.zeros(3, np.float32)}
    recorder = Recorder(weights, out=folder, budget=1)
    for step in range(1, looks + 1):
        weights["W1"] += np.float32(0.01) * np.arange(60, dtype=np.float32).reshape(3, 20)
        if step % 2:
            recorder.note(validation_loss=1 / step)
        recorder.step(2 / step)
    recorder.close()
    return read_records(folder / "records.jsonl")


def kept(records: list[dict[str, Any]], specimen: LoopSpecimen) -> bytes:
    ones = np.ones(4, np.float32)
    tables = {
        "steps": {"loss": ones},
        "validation": {"step": ones, "loss": ones},
        "held_out": {"step": ones, "accuracy": ones, "loss": ones},
    }
    return kept_bytes(described_specimen(specimen), records, tables, {"ormas-monitor": {"verdicts": []}})


def specimen(kind: str = HEALTHY, number: int = 1) -> LoopSpecimen:
    return LoopSpecimen("calibration", LoopFault(kind), SMALL, number=number)


def test_what_is_kept_has_the_numbers_of_the_records(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    records = recorded(tmp_path / "run")
    found = read_kept(kept(records, specimen()))
    looks = [record for record in records if record["record"] == "measurement"]
    assert len(found.numbers) == len(looks)
    for numbers, look in zip(found.numbers, looks, strict=True):
        expected = {name: value for name, value in recorded_numbers(look).items() if name != "seconds"}
        noted = {name: value for name, value in (look.get("noted") or {}).items() if value is not None}
        assert numbers == pytest.approx(expected | noted, rel=1e-6)
        assert [*numbers] == [*expected, *noted] or noted
    assert [role.name for role in found.roles] == ["W1", "b1"]
    assert (found.status, found.kind, found.planned_epochs) == ("finished", HEALTHY, SMALL.steps)
    assert found.column("W1.distance")[-1] > 0
    capfd.readouterr()


def test_rules_see_weights_and_losses_and_never_what_is_held_out(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    found = read_kept(kept(recorded(tmp_path / "run"), specimen()))
    seen = {name for row in found.numbers_for_rules() for name in row}
    assert {"loss", "validation_loss", "W1.distance"} <= seen
    assert not {"accuracy", "test_accuracy", "held_out"} & seen
    alone = {name for row in found.numbers_for_rules(without=("loss", "validation_loss")) for name in row}
    assert seen - alone == {"loss", "validation_loss"}
    capfd.readouterr()


def test_the_same_training_is_kept_as_the_same_bytes(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    first, second = (kept(recorded(tmp_path / name), specimen()) for name in ("one", "two"))
    assert first == second
    capfd.readouterr()


def test_a_specimen_is_written_as_a_whole_and_skipped_when_it_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    content = kept(recorded(tmp_path / "run"), specimen())
    monkeypatch.setattr(recording, "trained_bytes", lambda _: content)
    folder, said = tmp_path / "zoo", list[str]()
    folder.mkdir()
    assert record_one(specimen(), folder).startswith(specimen().name)
    assert [*folder.iterdir()] == [recorded_path(specimen(), folder)]
    record_loops([specimen()], folder, 1, said.append)
    assert not said
    assert [one.name for one in read_loop_recordings(folder)] == [specimen().name]
    capfd.readouterr()


def course(kind: str, held_out: list[float], *, is_text: bool = False, loss: float = 1.0) -> LoopRecording:
    """Return a recording with given accuracies, or losses of a text, on the held-out set."""
    numbers = np.array(held_out, np.float32)
    columns = {
        "step": np.arange(len(numbers), dtype=np.float32) * 10,
        "accuracy": np.full_like(numbers, 0.5) if is_text else numbers,
        "loss": numbers if is_text else 1 - numbers,
    }
    described = {"name": kind, "kind": kind, "configuration": "c", "steps": 200, "is_text": is_text}
    return LoopRecording(described, {}, (), "finished", {"loss": np.array([2, loss], np.float32)}, held_out=columns)


RISING = [0.1, *np.linspace(0.5, 0.9, 20).tolist()]
FALLING = [4.6, *np.linspace(3.5, 2.0, 20).tolist()]


@pytest.mark.parametrize(
    ("accuracies", "state"),
    [
        (RISING, "healthy"),
        ([*RISING[:-1], 0.86], "unclear"),
        ([0.1] * 21, "faulty"),
        ([*RISING, 0.87], "faulty"),
        ([*RISING[:10], 0.3, *RISING[10:]], "faulty"),
    ],
)
def test_a_classifier_is_judged_by_its_accuracy_on_what_is_held_out(accuracies: list[float], state: str) -> None:
    bests = best_by_configuration([course(HEALTHY, RISING)])
    assert judge_loop(course("x", accuracies), bests).state == state


@pytest.mark.parametrize(
    ("losses", "state"),
    [
        (FALLING, "healthy"),
        ([*FALLING[:-1], 2.15], "unclear"),
        ([*FALLING[:-1], 2.2], "faulty"),
        ([*FALLING, 2.06], "unclear"),
        ([one * 1.05 for one in FALLING], "healthy"),
        ([one * 1.15 for one in FALLING], "unclear"),
        ([one * 1.3 for one in FALLING], "faulty"),
        ([4.6] * 21, "faulty"),
        ([*FALLING[:10], 4.6, *FALLING[10:]], "faulty"),
    ],
)
def test_a_text_is_judged_by_its_loss_on_what_is_held_out(losses: list[float], state: str) -> None:
    bests = best_by_configuration([course(HEALTHY, FALLING, is_text=True)])
    assert judge_loop(course("x", losses, is_text=True), bests).state == state


def test_a_loss_that_is_no_number_is_faulty_and_a_run_without_comparison_unclear() -> None:
    assert judge_loop(course("x", RISING, loss=np.nan), {"c": Best(0.1, 0.9)}).state == "faulty"
    assert judge_loop(course("x", RISING), {}).state == "unclear"


def test_a_verdict_says_where_the_held_out_loss_was_least_and_can_be_scored() -> None:
    verdicts = judge_loops([course(HEALTHY, FALLING, is_text=True), course("x", [4.6, 3, 2, 2.5, 3], is_text=True)])
    harmed = verdicts["x"]
    assert (harmed.best_epoch, harmed.best_loss_step, harmed.loss_rise) == (20, 20, 1.5)
    scored = Scored("x", "x", 200, harmed, (Found(25, "stop_here", "warning", ()),), frozenset())
    assert scored.is_faulty
    assert scored.stop_error == 0.25


def test_a_file_says_of_its_specimen_what_json_can_say() -> None:
    described = described_specimen(specimen("restart"))
    assert json.loads(json.dumps(described))["kind"] == "restart"
    assert described["configuration"] == SMALL.name


def test_fed_packages_verdicts_are_kept_by_run_with_the_versions_of_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def judge(_: LoopRecording, with_validation: bool) -> list[Said] | None:
        return [Said("rule", "warning", 3.0)] * 2 if with_validation else None

    monkeypatch.setattr(fed_rivals, "FEEDS", {"one": ("json", judge)})
    monkeypatch.setattr(fed_rivals, "installed_rivals", lambda: {"one": "1.0"})
    monkeypatch.setattr(feeding, "installed_rivals", lambda: {"one": "1.0"})
    live = {"ormas-monitor": {"version": "2", "verdicts": []}}
    kept_run = kept_bytes(described_specimen(specimen()), recorded(tmp_path / "run"), {}, live)
    fed = feeding.fed_verdicts({"a": kept_run})
    assert fed["versions"] == {"one": "1.0", "ormas-monitor": "2"}
    assert fed["verdicts"] == {specimen().name: {"one": None, "one + validation loss": [("rule", "warning")]}}
    capfd.readouterr()
