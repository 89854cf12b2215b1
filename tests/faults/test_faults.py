"""The script of faults works: each kind is tried once or twice here, and as often as one likes by `tests.faults`."""

from __future__ import annotations

import math
import random
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.faults.__main__ import parse_options
from tests.faults.contending import begin_at_once
from tests.faults.families import FAMILIES
from tests.faults.family import Family, try_family, verdict_table
from tests.faults.full_disk import can_mount, fill_disk
from tests.faults.ground import Ground, require
from tests.faults.hostile import tree_sum
from tests.faults.hostile_folders import FOLDERS
from tests.faults.killing import kill_and_resume
from tests.faults.leaving_terminal import leave_terminal, way_of
from tests.support.processes import ROOT, ending_with, run


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    with ending_with("ground"):
        yield Ground(tmp_path_factory.mktemp("faults"), epochs=250)


def family(attempt: Callable[[Ground, Path, range], str], missing: str = "") -> Family:
    return Family("made-up", "a fault", "what must hold", 3, 30, attempt, missing=lambda: missing)


def test_a_killed_run_is_resumed(ground: Ground, tmp_path: Path) -> None:
    kill_and_resume(ground, tmp_path / "0", range(1))


@pytest.mark.parametrize("seed", [0, 11, 18], ids=lambda seed: way_of(seed).words)
def test_a_terminal_that_goes_leaves_no_process_behind_that_trains_unseen(
    ground: Ground, tmp_path: Path, seed: int
) -> None:
    leave_terminal(ground, tmp_path / "0", range(seed, seed + 1), most=math.inf)


@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.skipif(not can_mount(), reason="no mounts"))])
def test_a_full_disk_is_survived(ground: Ground, tmp_path: Path, seed: int) -> None:
    assert fill_disk(ground, tmp_path / "0", range(seed, seed + 1)).startswith(("write: ", "small disk: "))


def test_of_two_that_begin_a_run_one_does(ground: Ground, tmp_path: Path) -> None:
    assert ground.whole
    begin_at_once(ground, tmp_path / "0", random.Random(0))


def test_made_up_presets_and_records_are_read(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.faults.fuzzed", str(tmp_path), "0", "12"]
    done = run(command, cwd=ROOT)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(("name", "make"), FOLDERS)
def test_harmful_folders_are_made_without_harm(
    ground: Ground, tmp_path: Path, name: str, make: Callable[[Path, Path], Path]
) -> None:
    (tmp_path / "around").mkdir()
    run = tmp_path / "run"
    run.mkdir()
    for path in ground.whole.iterdir():
        (run / path.name).write_bytes(path.read_bytes())
    before = tree_sum(tmp_path, run)
    assert tree_sum(tmp_path, make(run, tmp_path / "around")) == before, name


def test_what_does_not_hold_is_counted_and_left_with_its_reason(ground: Ground) -> None:
    def attempt(_ground: Ground, folder: Path, seeds: range) -> str:
        folder.mkdir(parents=True)
        require(seeds.start != 1, "a reason")
        return "a remark"

    verdict = try_family(family(attempt), ground, 3)
    assert (verdict.tried, verdict.held, verdict.remarks["a remark"]) == (3, 2, 2)
    (folder,) = verdict.evidence
    assert "NotHeldError: a reason" in (folder / "why.txt").read_text()
    assert sorted(path.name for path in folder.parent.iterdir()) == ["00001"]
    assert verdict_table([verdict]).splitlines() == [
        "fault    tried  held  seconds",
        "a fault      3     2        0",
        "made-up: 2 times a remark",
    ]


def test_what_cannot_be_tried_here_is_said(ground: Ground) -> None:
    verdict = try_family(family(lambda *_: "", missing="tmux is missing"), ground, 3)
    assert verdict.tried == 0
    assert "tmux is missing" in verdict_table([verdict])


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["kiling"], "no such fault: kiling; known are killing, "),
        (["killing", "--count", "0"], "--count: must be 1 or more"),
        (["--count", "1", "--full"], "not allowed with argument"),
    ],
)
def test_a_mistake_is_told_in_words(arguments: list[str], complaint: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        parse_options(arguments)
    assert left.value.code == 2
    assert complaint in capsys.readouterr().err


def test_every_fault_has_a_name_for_the_command_line() -> None:
    assert all(name == one.name and one.quick <= one.full for name, one in FAMILIES.items())
