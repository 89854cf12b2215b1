"""What tests start ends with them, begins with a shell's signals, and is waited for with words."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import psutil
import pytest

from tests.support import leftovers, waiting
from tests.support.leftovers import left_behind, marked_processes
from tests.support.processes import ROOT, end, ending_with, run, start, wait
from tests.support.waiting import wait_until

SIGNALS = ("SIGHUP", "SIGINT", "SIGPIPE", "SIGQUIT", "SIGTERM")
DETACHED = """
import subprocess, sys
sleeping = [sys.executable, "-c", "import time; print(flush=True); time.sleep(10**9)"]
child = subprocess.Popen(sleeping, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True)
child.stdout.readline()
print(child.pid, flush=True)
"""
"""Leaves a process in another session behind, and prints its number."""


def dispositions(command: list[str]) -> dict[str, bool]:
    """Return which signals a command of Python's has ignored, when it begins."""
    status = run(command).stdout
    ignored = int(re.findall(r"SigIgn:\t(\w+)", status)[-1], 16)
    return {name: bool(ignored >> (getattr(signal, name) - 1) & 1) for name in SIGNALS}


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="no /proc")
def test_children_have_default_signals_whatever_the_suite_was_begun_with() -> None:
    assert not any(dispositions(["cat", "/proc/self/status"]).values())
    script = """
        from tests.support.processes import guarded, run
        with guarded("test"):
            print(run(["cat", "/proc/self/status"]).stdout)
    """
    suite = [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(ROOT)!r})\n{textwrap.dedent(script)}"]
    ignoring = ["sh", "-c", 'trap "" HUP INT PIPE QUIT TERM; exec "$@"', "sh", *suite]
    assert not any(dispositions(ignoring).values())


def test_a_child_has_nothing_on_standard_input_and_a_session_of_its_own() -> None:
    done = run([sys.executable, "-c", "import os, sys; print(sys.stdin.read() == '', os.getsid(0) == os.getpid())"])
    assert done.stdout == "True True\n"


def test_what_a_child_has_detached_ends_with_the_scope_even_if_it_fails() -> None:
    pids: list[int] = []

    def fail() -> None:
        with ending_with("inner"):
            pids.append(int(run([sys.executable, "-c", DETACHED]).stdout))
            assert psutil.pid_exists(pids[0])
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert not psutil.pid_exists(pids[0]) or psutil.Process(pids[0]).status() == psutil.STATUS_ZOMBIE


def test_a_scope_leaves_what_was_started_before_it() -> None:
    before = start(["sleep", "1000000"])
    with ending_with("inner"):
        within = start(["sleep", "1000000"], stdout=subprocess.PIPE)
    assert before.poll() is None
    assert within.returncode == -signal.SIGKILL
    assert within.stdout
    assert within.stdout.closed


def test_a_killed_suite_leaves_nothing_even_if_all_its_processes_were_told_to_end() -> None:
    script = f"""
        import os, sys
        sys.path.insert(0, {str(ROOT)!r})
        from tests.support.leftovers import MARK
        from tests.support.processes import ending_with, guarded, run, start
        with guarded("suite"), ending_with("test"):
            start(["sleep", "1000000"])
            run([sys.executable, "-c", {DETACHED!r}])
            print(os.environ[MARK], flush=True)
            start(["sleep", "1000000"]).wait()
    """
    suite = start([sys.executable, "-c", textwrap.dedent(script)], stdout=subprocess.PIPE, text=True)
    assert suite.stdout
    mark = suite.stdout.readline().strip()
    wait_until(lambda: len(marked_processes(mark)) == 3, "three processes")
    (guard,) = [process for process in marked_processes(mark.split("/suite-")[0])
                if "--at-end-of-input" in process.cmdline()]  # fmt: skip
    guard.terminate()
    suite.kill()
    wait(suite)
    wait_until(lambda: not marked_processes(mark), "the end of all of them")


def test_what_is_left_is_listed_and_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leftovers, "GRACE_SECONDS", 0)
    monkeypatch.setenv(leftovers.MARK, "suite-1")
    process = start(["sleep", "1000000"])
    assert left_behind("suite") == []
    (line,) = left_behind("suite-1")
    assert re.fullmatch(rf"{process.pid}, \d+ s old, of suite-1: sleep 1000000", line)
    assert wait(process) == -signal.SIGKILL
    checked = run([sys.executable, "-P", leftovers.__file__, "suite-1"])
    assert (checked.returncode, checked.stdout) == (0, "nothing is left running\n")


def test_whoever_waits_in_vain_says_for_what_and_what_there_was(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "PATIENCE", 0.0)
    with pytest.raises(AssertionError, match=r"^not within 0 s: a miracle; instead: nothing$"):
        wait_until(lambda: False, "a miracle", seen=lambda: "nothing")
    assert wait_until(lambda: 5, "a number") == 5


def test_a_child_that_does_not_end_is_killed_and_named() -> None:
    with pytest.raises(AssertionError, match=r"not within 0.1 s: the end of \['sleep', '1000000'\]"):
        run(["sleep", 1000000], timeout=0.1)


def test_an_ended_process_can_be_ended_again() -> None:
    process = start(["true"])
    assert wait(process) == 0
    end(process)


def test_no_test_starts_processes_or_sleeps_by_itself() -> None:
    """Measurements and recordings, which are no tests, may."""
    forbidden = re.compile(r"subprocess\.(run|Popen|check)\w*\(|\btime\.sleep\(")
    allowed = {"processes.py", "waiting.py", "leftovers.py", "held_loading.py", "held_worker.py", "test_processes.py",
               "dashboard_figures.py", "recorder_costs.py", "recording.py", "line_figures.py", "relay.py",
                   "slow_line.py", "leaving_terminal.py"}  # fmt: skip
    paths = [path for path in (ROOT / "tests").rglob("*.py") if path.name not in allowed and "zoo" not in path.parts]
    assert [path.name for path in paths if forbidden.search(path.read_text())] == []
