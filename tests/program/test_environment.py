"""Variables of the environment that belong to libraries, and their files: a wrong one has no effect, or is one line.

| report | what it is about | tests |
|---|---|---|
| F6 | tqdm's variables end a run | those of all variables at once, `test_progress_bar.py` |
| "seen on the way", 6 | Textual's, Numba's, a broken YAML in Dask's configuration | all variables at once, Dask |
| beyond | Numba's file in the working folder | those of `.numba_config.yaml` |
| beyond | NumPy's, the terminal's, places of the user's files | the rest |
"""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import textwrap
import warnings
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Tuimove, parse_records
from tests.experiments.test_experiment import write
from tests.support import processes
from tests.support.in_process import InProcess
from tests.support.processes import TUIMOVE
from tests.support.terminal import Terminal
from tuimove import kernels
from tuimove.errors import TuimoveError
from tuimove.experiments.dask.connection import LOGGERS, MOST_FILE, _quiet_dask, connected_client
from tuimove.runs.child_process import start_module
from tuimove.settings.environment import forget_ignored, is_ignored

WRONG = {
    "ARROW_DEFAULT_MEMORY_POOL": "nonsense",
    "ARROW_IO_THREADS": "abc",
    "MATPLOTLIBDATA": "/nonexistent",
    "MPLBACKEND": "nonsense",
    "NPY_PROMOTION_STATE": "legacy",
    "NUMBA_CACHE_LOCATOR_CLASSES": "nonsense",
    "NUMBA_DEBUG": "1",
    "NUMBA_DISABLE_JIT": "abc",
    "NUMBA_NUM_THREADS": "0",
    "NUMBA_OPT": "x",
    "NUMPY_MADVISE_HUGEPAGE": "x",
    "SCIPY_ARRAY_API": "nonsense",
    "SOURCE_DATE_EPOCH": "abc",
    "TEXTUAL_ANIMATIONS": "foo",
    "TEXTUAL_COLOR_SYSTEM": "foo",
    "TEXTUAL_DRIVER": "nonsense:Driver",
    "TEXTUAL_FPS": "abc",
    "TEXTUAL_PRESS": "q",
    "TEXTUAL_SCREENSHOT": "0",
    "TQDM_ASCII": "1",
    "TQDM_MININTERVAL": "abc",
}
"""Variables that have no effect, with values that their libraries refuse or that would change what is done."""
TERMINAL = {
    "COLORTERM": "nonsense",
    "COLUMNS": "abc",
    "FORCE_COLOR": "x",
    "LINES": "-1",
    "TTY_COMPATIBLE": "x",
    "UNICODE_VERSION": "x",
}
SHORT = ("--set", "data.train=200", "--set", "training.epochs=20")


def plain(records: str) -> list[dict[str, Any]]:
    """Return records without what differs from run to run."""
    changing = ("run", "seconds", "started")
    return [
        {name: value for name, value in record.items() if name not in changing} for record in parse_records(records)
    ]


def test_all_variables_at_once_change_neither_a_run_nor_its_words(tuimove: Tuimove, idx_folder: Path) -> None:
    arguments = ("run", "quick-look", *SHORT, "--no-ui", "--no-store", "--threads", 1, "--data", idx_folder)
    usual, done = tuimove(*arguments), tuimove(*arguments, env={**os.environ, **WRONG, **TERMINAL})
    words = [line for line in usual.stderr.splitlines() if not line.startswith("compil")]
    assert (done.returncode, len(done.stderr.splitlines())) == (0, len(words)), done.stderr
    assert plain(done.stdout) == plain(usual.stdout)


def test_all_variables_at_once_change_no_experiment(tuimove: Tuimove, idx_folder: Path) -> None:
    arguments = ("run", "repeatability", "--set", "sweep.training.seed=[1,2]", *SHORT, "--no-ui", "--no-store")
    done = tuimove(*arguments, "--data", idx_folder, env={**os.environ, **WRONG, **TERMINAL})
    assert done.returncode == 0, done.stderr
    assert [record["status"] for record in parse_records(done.stdout) if record["record"] == "end"] == ["finished"] * 2


@pytest.mark.parametrize("arguments", [(), ("--no-ui",)], ids=["dashboard", "bar"])
def test_all_variables_at_once_change_nothing_on_a_terminal(
    idx_folder: Path, workplace: Path, arguments: tuple[str, ...]
) -> None:
    command = [*TUIMOVE, "run", "quick-look", *SHORT, "--no-store", "--data", str(idx_folder), *arguments]
    terminal = Terminal(command, workplace, 120, 40, **WRONG, **TERMINAL)
    try:
        terminal.read_words("finished")
        if not arguments:
            terminal.press("q")
        assert terminal.wait() == 0
        assert not list(workplace.iterdir())
    finally:
        terminal.close()


def test_caches_stay_where_the_user_wants_them(monkeypatch: pytest.MonkeyPatch) -> None:
    assert [name for name in WRONG if not is_ignored(name)] == ["TQDM_ASCII", "TQDM_MININTERVAL"]
    kept = (
        "MPLCONFIGDIR",
        "NUMBA_CACHE_DIR",
        "NUMBA_CPU_NAME",
        "NUMBA_CPU_FEATURES",
        "DASK_CONFIG",
        "OMP_NUM_THREADS",
        "XDG_CACHE_HOME",
        "TERM",
        "NO_COLOR",
    )
    for name in (*kept, *WRONG):
        monkeypatch.setenv(name, "x")
    forget_ignored()
    assert [name for name in (*kept, *WRONG) if name in os.environ] == [*kept, "TQDM_ASCII", "TQDM_MININTERVAL"]


def test_a_child_of_a_process_that_has_them_has_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("MPLBACKEND", "MPLCONFIGDIR"):
        monkeypatch.setenv(name, "x")
    (tmp_path / "own_module.py").write_text("import os; print([name for name in os.environ if 'MPL' in name])")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with start_module("own_module", stdout=subprocess.PIPE) as child:
        assert child.communicate()[0] == b"['MPLCONFIGDIR']\n"


# Files and folders that variables name.


@pytest.fixture
def record_file(in_process: InProcess, idx_folder: Path, tmp_path: Path) -> Path:
    done = in_process("run", "quick-look", *SHORT, "--no-ui", "--no-store", "--data", idx_folder)
    (tmp_path / "r.jsonl").write_text(done.stdout)
    return tmp_path / "r.jsonl"


@pytest.mark.parametrize("variable", ["XDG_DATA_HOME", "XDG_CONFIG_HOME", "HOME"])
def test_places_of_the_users_files_that_are_none_end_nothing(tuimove: Tuimove, variable: str) -> None:
    for place in ("relative", "/nonexistent/x", "/dev/null", ""):
        listed = tuimove("runs", env={**os.environ, variable: place})
        assert (listed.returncode, listed.stderr.count("\n") <= 1) == (0, True), listed.stderr


def test_a_place_for_runs_that_can_not_be_made_is_said_and_done_without(tuimove: Tuimove, idx_folder: Path) -> None:
    done = tuimove("run", "quick-look", *SHORT, "--no-ui", "--data", idx_folder,
                   env={**os.environ, "XDG_DATA_HOME": "/dev/null"})  # fmt: skip
    assert (done.returncode, "this run is not kept: " in done.stderr) == (0, True)


@pytest.mark.parametrize("width", ["0", "1", "-5", "abc", "1000000000", "9" * 30])
def test_a_window_of_any_width_is_written_to(in_process: InProcess, record_file: Path, width: str) -> None:
    for arguments in (("run", "--help"), ("compare", record_file)):
        with pytest.MonkeyPatch.context() as patch:  # pytest itself, afterwards, has the usual width
            for name in ("COLUMNS", "LINES", "TERM"):
                patch.setenv(name, width)
            done = in_process(*arguments)
        assert (done.returncode, done.stderr, 0 < len(done.stdout) < 100_000) == (0, "", True)


def test_a_numba_config_in_the_working_folder_has_no_effect(
    tuimove: Tuimove, idx_folder: Path, workplace: Path
) -> None:
    (workplace / ".numba_config.yaml").write_text("opt: [")
    done = tuimove("run", "quick-look", *SHORT, "--no-ui", "--no-store", "--data", idx_folder)
    assert (done.returncode, "umba" in done.stderr) == (0, False), done.stderr


def test_numba_looks_for_no_settings_later_either_and_yaml_is_there_as_before(tmp_path: Path) -> None:
    """It does whenever it compiles."""
    script = """
        import sys
        yaml = sys.modules["yaml"] = object()
        import tuimove.kernels, numba.core.config
        assert sys.modules["yaml"] is yaml
        numba.core.config.reload_config()
        assert numba.config.OPT == 3, numba.config.OPT
    """
    (tmp_path / ".numba_config.yaml").write_text("opt: 1")
    done = processes.run([sys.executable, "-W", "error", "-c", textwrap.dedent(script)], cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("name", ["json", "not_imported_yet"])
def test_a_module_that_is_hidden_is_back_afterwards(name: str) -> None:
    before = sys.modules.get(name)
    with pytest.raises(ModuleNotFoundError), kernels._not_found(name):
        import_module(name)
    assert (name in sys.modules, sys.modules.get(name)) == (before is not None, before)


# Dask's configuration, which has its effect.


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("DASK_CONFIG", "broken"),
        ("DASK_CONFIG", "binary"),
        ("DASK_CONFIG", "list"),
        ("DASK_CONFIG", "/dev/full"),
        ("DASK_CONFIG", "pipes"),
        ("DASK_ROOT_CONFIG", "large/x.yaml"),
        ("DASK_INTERNAL_INHERIT_CONFIG", "garbage"),
        ("DASK_LOGGING__DISTRIBUTED", "nonsense"),
        ("DASK_DISTRIBUTED__ADMIN__TICK__LIMIT", "abc"),
        ("DASK_DISTRIBUTED__COMM__DEFAULT_SCHEME", "nonsense"),
    ],
)
def test_a_dask_configuration_that_will_not_do_is_one_line(
    tuimove: Tuimove, idx_folder: Path, workplace: Path, variable: str, value: str
) -> None:
    for name, content in (("broken", b"distributed:\n  comm: [\n"), ("binary", b"\xff\xfe"), ("list", b"- 1\n")):
        (workplace / name).mkdir()
        (workplace / name / "x.yaml").write_bytes(content)
    (workplace / "pipes").mkdir()
    os.mkfifo(workplace / "pipes" / "x.yaml")
    (workplace / "large").mkdir()
    (workplace / "large" / "x.yaml").touch()
    os.truncate(workplace / "large" / "x.yaml", MOST_FILE + 1)
    sweep = write(workplace / "mine.toml", '"training.seed" = [1, 2]')
    environment = {**os.environ, variable: value}
    done = tuimove("run", sweep, "--no-ui", "--data", idx_folder, "--dask", "127.0.0.1:1", env=environment)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1), done.stderr
    assert done.stderr.startswith("tuimove: error: Dask can't be used as it is configured: ")
    assert variable in done.stderr


@pytest.mark.parametrize("value", ["abc", None, [1], -1, "5 parsecs"])
def test_a_time_of_dasks_configuration_that_is_none_is_named(value: Any) -> None:
    pytest.importorskip("distributed")  # whose defaults are set when it is imported
    dask = pytest.importorskip("dask")
    for key in ("distributed.comm.timeouts.connect", "distributed.comm.timeouts.tcp"):
        with dask.config.set({key: value}), pytest.raises(TuimoveError) as refused, connected_client("127.0.0.1:1"):
            pass
        assert f"as it is configured: {key} = {value!r} isn't a time, such as 30s; see " in str(refused.value)


def test_the_empty_device_and_what_can_not_be_read_are_no_configuration(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("distributed")
    (tmp_path / "x.yaml").mkdir()
    (tmp_path / "y.yaml").symlink_to("nowhere")
    for place in (os.devnull, "/nonexistent", str(tmp_path)):
        monkeypatch.setenv("DASK_CONFIG", place)
        with pytest.raises(TuimoveError, match="no Dask scheduler answers there"), connected_client("127.0.0.1:1"):
            pass


def test_a_connection_leaves_dasks_logging_and_the_warnings_as_they_were() -> None:
    pytest.importorskip("distributed")
    loggers = [logging.getLogger(name) for name in LOGGERS]
    before = [logger.level for logger in loggers], [*warnings.filters]
    with pytest.raises(TuimoveError), connected_client("127.0.0.1:1"):
        pass
    assert ([logger.level for logger in loggers], [*warnings.filters]) == before
    with _quiet_dask():
        assert not any(logger.isEnabledFor(logging.ERROR) for logger in loggers)


def test_without_a_cluster_its_configuration_is_not_read(tuimove: Tuimove, record_file: Path, workplace: Path) -> None:
    (workplace / "x.yaml").write_text("distributed: [\n")
    assert tuimove("check", record_file, env={**os.environ, "DASK_CONFIG": "."}).returncode == 0
