"""Other processes of tuimove: they import nothing from the working folder, and whoever hands a run over knows of it.

| report | what it is about | tests |
|---|---|---|
| F1 | code of the working folder is executed | `hostile_folder`, `import_path` |
| F1 | a run that was left to the background is trained by nobody, without a word | `handed_over`, `hand_over` |
| beyond | a worker with much to say, or that dies at once, holds up or ends the whole experiment | `worker` |
"""

from __future__ import annotations

import subprocess
import sys
from importlib.machinery import PathFinder
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Tuimove
from tuimove.experiments.experiment import Job
from tuimove.experiments.local import processes
from tuimove.experiments.local.processes import WorkerProcesses
from tuimove.recording.reading.written_record import WrittenRecord
from tuimove.runs.child_process import ChildError, start_module
from tuimove.settings.import_path import needs_working_folder

DEPENDENCIES = ("numba", "numpy", "platformdirs", "psutil", "rich", "scipy", "textual", "threadpoolctl", "yaml")
SEEDS = ("--set", "sweep.training.seed=[1,2]")
SHORT = ("--set", "data.train=200", "--set", "training.epochs=20")
ENDLESS = ("--set", "data.train=200", "--set", "training.epochs=1000000000")


@pytest.fixture
def hostile_folder(workplace: Path) -> Path:
    """Return a working folder whose files would run in place of any module that a program may import."""
    code = "import builtins\nbuiltins.open(__file__ + '.imported', 'w').close()\nraise SystemExit('shadowed')\n"
    for name in (*sys.stdlib_module_names, *DEPENDENCIES):
        (workplace / f"{name}.py").write_text(code)
    return workplace


def imported(folder: Path) -> list[str]:
    return [path.name for path in folder.glob("*.imported")]


@pytest.mark.parametrize("preset", [("quick-look",), ("repeatability", *SEEDS)])
def test_no_process_imports_from_the_working_folder(
    tuimove: Tuimove, hostile_folder: Path, idx_folder: Path, preset: tuple[str, ...]
) -> None:
    done = tuimove("run", *preset, *SHORT, "--no-ui", "--no-store", "--data", idx_folder)
    assert (done.returncode, imported(hostile_folder)) == (0, []), done.stderr
    assert '"status":"finished"' in done.stdout


def version_of_child(**streams: Any) -> str:
    with start_module("tuimove", ["--version"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **streams) as child:
        assert child.stdout
        return child.stdout.read().decode()


@pytest.mark.parametrize("entries", ["", ":", ".", "{here}", "nowhere:{here}:", "{here}/../workplace"])
def test_an_import_path_that_names_the_working_folder_leads_no_child_there(
    hostile_folder: Path, monkeypatch: pytest.MonkeyPatch, entries: str
) -> None:
    monkeypatch.chdir(hostile_folder)
    monkeypatch.setenv("PYTHONPATH", entries.format(here=hostile_folder))
    assert version_of_child() == "tuimove 0.2.0\n"
    assert imported(hostile_folder) == []


def test_a_child_imports_from_other_folders_of_the_import_path(
    workplace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "own_module.py").write_text("print('found')")
    monkeypatch.chdir(workplace)
    monkeypatch.setenv("PYTHONPATH", "..")
    with start_module("own_module", stdout=subprocess.PIPE) as child:
        assert child.communicate()[0] == b"found\n"


@pytest.mark.parametrize(
    "variable", ["PYTHONINSPECT", "PYTHONVERBOSE", "PYTHONPROFILEIMPORTTIME", "PYTHONOPTIMIZE", "PYTHONDEVMODE"]
)
def test_what_is_asked_of_the_users_own_process_is_asked_of_no_child(
    monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.setenv(variable, "1")
    assert version_of_child() == "tuimove 0.2.0\n"


def test_a_child_has_its_standard_streams_and_a_session_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = "import os, sys\nprint(sys.stdin.read(), os.getsid(0) == os.getpid(), file=sys.stderr)"
    (tmp_path / "own_module.py").write_text(code)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with start_module("own_module", stderr=subprocess.PIPE) as child:
        assert child.communicate()[1] == b" True\n"


def test_the_working_folder_is_needed_only_where_tuimove_is_nowhere_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "meta_path", [PathFinder])
    for name in ("here", "there"):
        (tmp_path / name / "tuimove").mkdir(parents=True)
        (tmp_path / name / "tuimove" / "__init__.py").touch()
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setattr(sys, "path", [str(tmp_path / "here")])
    assert needs_working_folder()
    monkeypatch.setattr(sys, "path", [str(tmp_path / "here"), str(tmp_path / "there")])
    assert not needs_working_folder()


# Worker processes of an experiment.


class Heard:
    """What an engine tells of its jobs."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.complaints: list[str] = []

    def receive(self, _job: Job, record: WrittenRecord) -> None:
        self.lines.append(record.line)

    def finish(self, _job: Job, complaint: str) -> None:
        self.complaints.append(complaint)


def work(monkeypatch: pytest.MonkeyPatch, folder: Path, code: str) -> Heard:
    """Have a job of a megabyte done by a process that runs some code."""
    (folder / "own_module.py").write_text(code)
    monkeypatch.setenv("PYTHONPATH", str(folder))
    monkeypatch.setattr(processes, "WORKER", "own_module")
    heard = Heard()
    WorkerProcesses(1).train([Job((0,), {"runs": "x" * 1_000_000})], heard)
    return heard


def test_a_worker_may_say_more_than_a_pipe_holds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code = "import sys\nsys.stderr.write('words\\n' * 100_000 + 'the last\\n')\nprint(sys.stdin.read(2) + '\":0}')"
    heard = work(monkeypatch, tmp_path, code)
    assert (heard.lines, heard.complaints) == (['{"":0}'], ["the last"])


def test_a_worker_that_dies_before_it_has_its_job_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert work(monkeypatch, tmp_path, "raise SystemExit('shadowed')").complaints == ["shadowed"]


def test_a_worker_s_bytes_may_be_anything(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    heard = work(monkeypatch, tmp_path, "import os; os.write(1, b'\\xff\\n{\"\\xff\":0}\\n'); os.write(2, b'\\xfe\\n')")
    assert (heard.lines, heard.complaints) == (['{"\ufffd":0}'], ["\ufffd"])


def test_a_worker_that_can_not_be_started_costs_only_its_own_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "no-python"))
    assert "can't be started" in work(monkeypatch, tmp_path, "").complaints[0]
    with pytest.raises(ChildError):
        start_module("tuimove")
