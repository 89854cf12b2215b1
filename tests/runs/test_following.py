"""Checkpoints taken in as they are written: whole ones only, in the order of their steps."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import parse_records
from tests.support.weight_files import moved_weights, save_npz
from tuimove.errors import DataError
from tuimove.recording.folder.stop_request import ask_to_stop
from tuimove.runs.checkpoints.following import PATIENT_POLLS, FolderFollower, follow
from tuimove.runs.checkpoints.recording import CheckpointRun, Listener, RunPlan


class Course:
    """A folder that is followed, poll by poll."""

    def __init__(self, place: Path) -> None:
        self.folder, self.out, self.said = place / "checkpoints", place / "run", list[str]()
        self.folder.mkdir()
        listener = Listener(self.said.append, lambda finding, _: self.said.append(finding.rule), self.said.append)
        self.run = CheckpointRun(RunPlan("course", self.out), listener)
        self.follower = FolderFollower(self.folder, self.run, self.said.append)

    def save(self, name: str, amount: float, **more: Any) -> Path:
        return save_npz(self.folder / name, **moved_weights(amount), **more)

    def poll(self, times: int = 2) -> list[int]:
        for _ in range(times):
            self.follower.poll()
        return self.run.steps

    def steps_written(self) -> list[int]:
        records = parse_records((self.out / "records.jsonl").read_text())
        return [record["epoch"] for record in records if record["record"] == "measurement"]


@pytest.fixture
def course(tmp_path: Path) -> Iterator[Course]:
    course = Course(tmp_path)
    yield course
    course.run.finish("finished")


def test_an_empty_folder_is_waited_for(course: Course) -> None:
    assert course.poll(9) == []
    assert not course.out.exists()
    course.save("step_0.npz", 0.0)
    assert course.poll(1) == [], "it may not be whole yet"
    assert course.poll(1) == [0]
    course.save("step_5.npz", 0.1)
    assert course.poll() == course.steps_written() == [0, 5]


def test_a_file_that_grows_is_left_alone_until_it_rests(course: Course) -> None:
    course.save("step_0.npz", 0.0)
    content = course.save("step_5.npz", 0.1).read_bytes()
    (course.folder / "step_5.npz").write_bytes(content[:300])
    assert course.poll() == [0]
    (course.folder / "step_5.npz").write_bytes(content)
    assert course.poll(1) == [0]
    assert course.poll(1) == [0, 5]
    assert not [words for words in course.said if "passed over" in words]


def test_one_that_stays_damaged_is_told_once_and_passed_over(course: Course) -> None:
    course.save("step_0.npz", 0.0)
    (course.folder / "step_5.npz").write_bytes(b"PK\x03\x04 rubbish")
    course.save("step_9.npz", 0.1)
    assert course.poll(PATIENT_POLLS) == [0], "a later one waits for it"
    assert course.poll(PATIENT_POLLS) == [0, 9]
    assert len([words for words in course.said if words.startswith("passed over")]) == 1
    assert "damaged or cut short" in course.said[-1]


def test_an_older_step_that_comes_late_is_passed_over(course: Course) -> None:
    course.save("step_7.npz", 0.0)
    course.poll()
    course.save("step_5.npz", 0.1)
    assert course.poll() == [7]
    assert "step 5, and step 7 has been recorded" in course.said[-1]


def test_a_file_that_is_written_again_is_another_checkpoint(course: Course) -> None:
    course.save("last.npz", 0.0, step=3)
    course.poll()
    course.save("last.npz", 0.125, step=40, more_room=range(9))
    assert course.poll() == [3, 40]


def test_another_model_s_checkpoint_ends_it_and_what_was_recorded_stays(course: Course) -> None:
    course.save("step_0.npz", 0.0)
    course.poll()
    save_npz(course.folder / "step_5.npz", **{**moved_weights(0.1), "W2": moved_weights(0.1)["W1"]})
    with pytest.raises(DataError, match=r"step_5\.npz: another model's: 'W2' has shape \(20, 8\), not \(8, 5\) as in"):
        course.poll()
    assert course.steps_written() == [0]


def test_a_request_to_stop_ends_it(course: Course) -> None:
    course.save("step_0.npz", 0.0)
    follow(course.follower, course.run.is_asked_to_stop, lambda: ask_to_stop(course.out) if course.run.steps else None)
    assert course.run.steps == [0]
