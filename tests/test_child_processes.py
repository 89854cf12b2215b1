"""Other processes of tuimove: they import nothing from the working folder, and whoever hands a run over knows of it.

| report | what it is about | tests |
|---|---|---|
| F1 | code of the working folder is executed | `hostile_folder`, `import_path` |
| F1 | a run that was left to the background is trained by nobody, without a word | `handed_over`, `hand_over` |
| beyond | a worker with much to say, or that dies at once, holds up or ends the whole experiment | `worker` |
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib.machinery import PathFinder
from pathlib import Path
from typing import Any

import pytest

from tuimove import background, worker_processes
from tuimove.background import LOG, HandOverError, hand_over, report_taken
from tuimove.child_process import ChildError, start_module
from tuimove.experiment import Job
from tuimove.import_path import needs_working_folder
from tuimove.run_lock import LOCK, living_holder
from tuimove.store import run_name, runs_folder
from tuimove.worker_processes import WorkerProcesses

from . import processes
from .conftest import Tuimove
from .processes import TUIMOVE
from .terminal import Terminal
from .waiting import wait_until

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
    assert version_of_child() == "tuimove 0.1.0\n"
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
    assert version_of_child() == "tuimove 0.1.0\n"


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


# Handing over.

ONE, MANY = ("quick-look",), ("repeatability", *SEEDS)
IMPATIENT = [sys.executable, "-P", "-c", (
    "import sys; from tuimove.screen import departure, experiment_feed; from tuimove.command_line import main\n"
    "departure.STOP_SECONDS = experiment_feed.STOP_SECONDS = 0.0; sys.exit(main())"
)]  # fmt: skip
"""tuimove, as if no epoch ended in time."""

Open = Callable[..., Terminal]


@pytest.fixture
def out(tmp_path: Path) -> Iterator[Path]:
    """Return the folder of a run; whoever trains it is ended after the test."""
    folder = tmp_path / "out"
    yield folder

    def is_left() -> bool:
        if holder := living_holder(folder):
            os.kill(holder.pid, signal.SIGTERM)
        return holder is None

    wait_until(is_left, "the end of what trains in the background")


@pytest.fixture
def open_dashboard(workplace: Path, idx_folder: Path, out: Path) -> Iterator[Open]:
    """Open dashboards on endless runs, and wait until they train."""
    opened: list[Terminal] = []

    def begin(preset: tuple[str, ...], command: list[str] = TUIMOVE) -> Terminal:
        arguments = ["run", *preset, *ENDLESS, "--data", str(idx_folder), "--out", str(out)]
        opened.append(Terminal([*command, *arguments], workplace))
        opened[-1].read_words("training")
        opened[-1].read_until(lambda: any(out.glob("**/records.jsonl")), "the records of a run")
        return opened[-1]

    yield begin
    for terminal in opened:
        terminal.close()


def leave(terminal: Terminal, how: str | signal.Signals) -> int:
    """Leave the dashboard by a key or a signal, and return the exit code."""
    if isinstance(how, str):
        terminal.press(how)
    else:
        terminal.process.send_signal(how)
    return terminal.wait()


@pytest.mark.usefixtures("hostile_folder")
@pytest.mark.parametrize(
    ("preset", "how", "code", "command"),
    [
        pytest.param(ONE, "d", 0, TUIMOVE, id="one-d"),
        pytest.param(ONE, signal.SIGHUP, 130, TUIMOVE, id="one-hang-up"),
        pytest.param(ONE, signal.SIGHUP, 130, IMPATIENT, id="one-in-the-middle-of-an-epoch"),
        pytest.param(MANY, "d", 0, TUIMOVE, id="many-d"),
        pytest.param(MANY, signal.SIGHUP, 130, TUIMOVE, id="many-hang-up"),
        pytest.param(MANY, "d", 0, IMPATIENT, id="many-in-the-middle-of-an-epoch"),
    ],
)
def test_once_the_dashboard_is_gone_another_process_holds_what_it_handed_over(
    open_dashboard: Open, out: Path, preset: tuple[str, ...], how: str | signal.Signals, code: int, command: list[str]
) -> None:
    terminal = open_dashboard(preset, command)
    assert leave(terminal, how) == code, terminal.output[-1000:]
    holder = living_holder(out)
    assert holder is not None
    assert holder.pid != terminal.process.pid
    assert (f"tuimove attach {out} shows it".encode() in terminal.output) == (how == "d")


@pytest.mark.parametrize(("preset", "name"), [(ONE, "records.jsonl"), (MANY, "experiment.json")], ids=["one", "many"])
@pytest.mark.parametrize("how", ["d", signal.SIGHUP], ids=["d", "hang-up"])
def test_a_run_that_no_process_goes_on_with_is_told_of_with_the_reason_and_how_to_go_on(
    open_dashboard: Open, out: Path, preset: tuple[str, ...], name: str, how: str | signal.Signals
) -> None:
    terminal = open_dashboard(preset)
    (out / name).write_text("{}\n")
    assert leave(terminal, how) == 1
    words = (out / LOG).read_text().splitlines()[-1]
    assert words.startswith(f"could not be handed over: {out / name}: ")
    assert words.endswith(f"; go on with: tuimove resume {out}")
    assert (words.encode() in terminal.output) == (how == "d")
    assert not (out / LOCK).exists()


def fail_to_hand_over(folder: Path) -> str:
    with pytest.raises(HandOverError, match=r"^could not be handed over: ") as failed:
        hand_over(folder, [], lambda _: None)
    assert failed.value.exit_code == 1
    return str(failed.value)


def run_instead(monkeypatch: pytest.MonkeyPatch, folder: Path, code: str) -> None:
    """Have other code run in the process that a run is handed over to."""
    (folder / "own_module.py").write_text(code)
    monkeypatch.setenv("PYTHONPATH", str(folder))
    monkeypatch.setattr(
        background, "start_module", lambda _, *args, **settings: start_module("own_module", *args, **settings)
    )


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("import os; os.kill(os.getpid(), 9)", "its process was killed by SIGKILL"),
        ("raise SystemExit(7)", "its process ended with exit code 7"),
        ("pass", "its process ended with exit code 0"),
        ("import no_such_module", "ModuleNotFoundError: No module named 'no_such_module'"),
        ("import sys; sys.exit('tuimove: error: no room\\n\\n')", "no room"),
        ("import sys; sys.stderr.buffer.write(b'x' * 200000 + b'\\n\\xff\\n')", "\ufffd"),
    ],
)
def test_the_reason_is_the_last_thing_that_the_other_process_said_or_how_it_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str, reason: str
) -> None:
    (tmp_path / LOG).write_text("what an earlier process said\n")
    run_instead(monkeypatch, tmp_path, code)
    assert fail_to_hand_over(tmp_path).partition(": ")[2].startswith(f"{reason}; go on with")


def test_a_process_that_neither_takes_the_run_nor_ends_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[subprocess.Popen[bytes]] = []
    run_instead(monkeypatch, tmp_path, "import signal; signal.pause()")

    def start(_module: str, *arguments: Any, **settings: Any) -> subprocess.Popen[bytes]:
        started.append(start_module("own_module", *arguments, **settings))
        return started[-1]

    monkeypatch.setattr(background, "start_module", start)
    monkeypatch.setattr(background, "PATIENCE_SECONDS", 0.0)
    assert "its process didn't take it within 0 s" in fail_to_hand_over(tmp_path)
    assert processes.wait(started[0]) == -signal.SIGTERM


def test_a_process_that_can_not_be_started_is_told_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "no-python"))
    assert f"{tmp_path / 'no-python'} can't be started: No such file or directory" in fail_to_hand_over(tmp_path)


@pytest.mark.parametrize("kind", ["link", "folder", "pipe"])
def test_what_lies_in_place_of_the_log_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    log, precious = tmp_path / LOG, tmp_path / "precious"
    precious.write_text("dear")
    match kind:
        case "link":
            log.symlink_to(precious)
        case "folder":
            log.mkdir()
        case "pipe":
            os.mkfifo(log)
    run_instead(monkeypatch, tmp_path, "raise SystemExit(7)")
    assert "its process ended with exit code 7" in fail_to_hand_over(tmp_path)
    assert precious.read_text() == "dear"


@pytest.mark.parametrize("number", [None, 987])
def test_nobody_needs_to_wait_for_a_run_to_be_taken(number: int | None) -> None:
    report_taken(number)


def test_a_run_is_named_so_that_a_shell_finds_it(tmp_path: Path) -> None:
    assert run_name(runs_folder() / "mine-1") == "mine-1"
    assert run_name(Path("my runs/1")) == "'my runs/1'"
    assert run_name(tmp_path / "x") == str(tmp_path / "x")


# Worker processes of an experiment.


class Heard:
    """What an engine tells of its jobs."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.complaints: list[str] = []

    def take(self, _job: Job, line: str) -> None:
        self.lines.append(line)

    def finish(self, _job: Job, complaint: str) -> None:
        self.complaints.append(complaint)


def work(monkeypatch: pytest.MonkeyPatch, folder: Path, code: str) -> Heard:
    """Have a job of a megabyte done by a process that runs some code."""
    (folder / "own_module.py").write_text(code)
    monkeypatch.setenv("PYTHONPATH", str(folder))
    monkeypatch.setattr(worker_processes, "WORKER", "own_module")
    heard = Heard()
    WorkerProcesses(1).train([Job((0,), {"runs": "x" * 1_000_000})], heard)
    return heard


def test_a_worker_may_say_more_than_a_pipe_holds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code = "import sys\nsys.stderr.write('words\\n' * 100_000 + 'the last\\n')\nprint(sys.stdin.read(2))"
    heard = work(monkeypatch, tmp_path, code)
    assert (heard.lines, heard.complaints) == (['{"'], ["the last"])


def test_a_worker_that_dies_before_it_has_its_job_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert work(monkeypatch, tmp_path, "raise SystemExit('shadowed')").complaints == ["shadowed"]


def test_a_worker_s_bytes_may_be_anything(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    heard = work(monkeypatch, tmp_path, "import os; os.write(1, b'\\xff\\n'); os.write(2, b'\\xfe\\n')")
    assert (heard.lines, heard.complaints) == (["\ufffd"], ["\ufffd"])


def test_a_worker_that_can_not_be_started_costs_only_its_own_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "no-python"))
    assert "can't be started" in work(monkeypatch, tmp_path, "").complaints[0]
    with pytest.raises(ChildError):
        start_module("tuimove")
