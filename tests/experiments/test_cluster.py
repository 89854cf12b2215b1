"""Experiments on a Dask cluster: a real scheduler and real workers on loopback, of which some are killed."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from distributed import Client

from tests.conftest import parse_records
from tests.experiments.test_experiment import ends, write
from tests.support import held_worker
from tests.support.processes import end, ending_with, start, wait
from tests.support.waiting import PATIENCE, wait_until
from tuimove.command_line.main import main
from tuimove.errors import TuimoveError
from tuimove.experiments.dask import connection
from tuimove.experiments.dask.attempt import Attempt
from tuimove.experiments.dask.connection import connected_client, scheduler_address
from tuimove.experiments.dask.run_copies import RunCopies
from tuimove.experiments.dask.workforce import Workforce
from tuimove.experiments.experiment import Job
from tuimove.recording.reading.written_record import WrittenRecord
from tuimove.recording.record import line_of
from tuimove.settings.preset import Preset

Process = subprocess.Popen[str]
ENDLESS = '"network.hidden" = [5, 6, 7]\n"training.epochs" = [1000000000]'
PATIENT = f"""
import sys
from tuimove.experiments.dask import connection
from tuimove.command_line.main import main
connection.ANSWER_SECONDS = {PATIENCE}
sys.exit(main(sys.argv[1:]))
"""
"""tuimove that gives a scheduler on a busy machine as long as it takes to answer."""


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give a scheduler as long as it takes to answer, in this process too."""
    monkeypatch.setattr(connection, "ANSWER_SECONDS", PATIENCE)


class Cluster:
    """A scheduler and its workers, each a process with a log."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._processes = folder, list[Process]()
        scheduler = self._start("scheduler", "scheduler", "--host", "127.0.0.1", "--port", "0")
        self.address = self._wait(scheduler, "scheduler", "Scheduler at:")

    def start_worker(self, name: str, **settings: str) -> Process:
        """Start a worker of one thread, and wait until it is at work."""
        options = ("--no-nanny", "--nthreads", "1", "--local-directory", self._folder)
        preload = ("--preload", held_worker.__file__)
        process = self._start(name, "worker", self.address, *options, *preload, **settings)
        self._wait(process, name, "Registered to:")
        return process

    def hold_at(self, epoch: int) -> None:
        """Have every job stand still at an epoch until it is stopped or let go."""
        (self._folder / "hold.part").write_text(str(epoch))
        (self._folder / "hold.part").rename(self._folder / "hold")

    def release(self) -> None:
        """Have jobs go on."""
        (self._folder / "hold").unlink()

    def log(self, name: str) -> str:
        return (self._folder / f"{name}.log").read_text()

    def close(self) -> None:
        for process in reversed(self._processes):
            end(process)

    def _start(self, name: str, *arguments: object, **settings: str) -> Process:
        command = [sys.executable, "-m", "dask", *arguments, "--dashboard-address", "127.0.0.1:0"]
        environment = {**os.environ, held_worker.HOLD: str(self._folder / "hold"), **settings}
        with (self._folder / f"{name}.log").open("w") as log:
            process = start(command, cwd=self._folder, stdout=log, stderr=log, text=True, env=environment)
        self._processes.append(process)
        return process

    def _wait(self, process: Process, name: str, words: str) -> str:
        """Wait until a process has written some words, and return the one after them."""

        def has_come() -> bool:
            assert process.poll() is None, self.log(name)
            return words in self.log(name)

        wait_until(has_come, f"{words!r} of the {name}", seen=lambda: self.log(name))
        return self.log(name).partition(words)[2].split()[0]


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Start a scheduler and two workers that no test kills."""
    with ending_with("cluster"):
        running = Cluster(tmp_path_factory.mktemp("cluster"))
        running.start_worker("one")
        running.start_worker("two")
        yield running


@pytest.fixture
def own_cluster(tmp_path: Path) -> Cluster:
    """Start a scheduler for one test alone."""
    (tmp_path / "own").mkdir()
    return Cluster(tmp_path / "own")


@pytest.fixture
def preset(tmp_path: Path) -> Path:
    return tmp_path / "mine.toml"


class Begun:
    """An experiment in a process of its own, whose records and words go to files: a pipe's buffer could keep some."""

    def __init__(self, folder: Path, *arguments: Any) -> None:
        self._records, self._words = folder / "begun.records", folder / "begun.words"
        command = [sys.executable, "-c", PATIENT, "run", *arguments, "--no-ui"]
        with self._records.open("x") as records, self._words.open("x") as words:
            self.process = start(command, cwd=folder, stdout=records, stderr=words)

    @property
    def records(self) -> str:
        return self._records.read_text()

    @property
    def words(self) -> str:
        return self._words.read_text()

    def wait_for(self, word: str, count: int = 1) -> None:
        """Wait until a word is in so many records."""
        wait_until(
            lambda: self.records.count(word) >= count or self.process.poll() is not None,
            f"{word!r} {count} times",
            seen=lambda: self.words,
        )
        assert self.records.count(word) >= count, self.words

    def end(self, code: int) -> None:
        """Wait for the end, which is to have an exit code."""
        assert wait(self.process) == code, self.words


Begin = Callable[..., Begun]


@pytest.fixture
def begin(workplace: Path) -> Begin:
    """Begin an experiment that the test will end one way or another."""
    return lambda *arguments: Begun(workplace, *arguments)


Told = tuple[int, str, str]
Train = Callable[..., Told]


@pytest.fixture
def train(capfd: pytest.CaptureFixture[str], workplace: Path, monkeypatch: pytest.MonkeyPatch) -> Train:
    """Run an experiment in this process, which has everything imported."""
    monkeypatch.chdir(workplace)

    def run(*arguments: object) -> Told:
        capfd.readouterr()
        code = main(["run", *map(str, arguments), "--no-ui"])
        return code, *capfd.readouterr()

    return run


def measured(text: str) -> dict[tuple[str, int], dict[str, Any]]:
    """Return every number measured, of a run begun anew only the last, by the preset's name and epoch."""
    records = parse_records(text)
    names = {record["run"]: record["preset"]["name"] for record in records if record["record"] == "run"}
    last = {name: run for run, name in names.items()}
    kept = [record for record in records if record["record"] == "measurement"]
    kept = [record for record in kept if last[names[record["run"]]] == record["run"]]
    return {
        (names[record["run"]], record["epoch"]): {
            key: value for key, value in record.items() if key not in ("run", "seconds")
        }
        for record in kept
    }


def table(errors: str) -> list[str]:
    """Return the lines of the table that an experiment ends with."""
    lines = errors.splitlines()
    return lines[next(place for place, line in enumerate(lines) if " epochs " in line) :]


def test_a_cluster_s_numbers_are_those_of_local_processes_to_the_bit_failed_runs_included(
    train: Train, cluster: Cluster, preset: Path, idx_folder: Path, tmp_path: Path
) -> None:
    common = (write(preset, '"training.learning_rate" = [0.3, 1e38]\n"network.hidden" = [5, 6]'), "--data", idx_folder)
    code, here, here_said = train(*common, "--out", tmp_path / "here")
    assert code == 1
    code, there, there_said = train(*common, "--out", tmp_path / "there", "--dask", cluster.address)
    assert code == 1
    assert "connected to 2 workers with 2 threads" in there_said
    assert sorted(ends(there).values()) == ["failed", "failed", "finished", "finished"]
    assert measured(there) == measured(here)
    assert table(there_said) == table(here_said)
    for place in range(4):
        ours, theirs = (tmp_path / name / f"{place:05}" for name in ("here", "there"))
        assert measured((theirs / "records.jsonl").read_text()) == measured((ours / "records.jsonl").read_text())
        assert (theirs / "preset.toml").read_text() == (ours / "preset.toml").read_text()
        assert (theirs / "first.npz").exists()
        with np.load(ours / "last.npz") as kept, np.load(theirs / "last.npz") as sent:
            assert kept.files == sent.files
            assert all(np.array_equal(kept[name], sent[name], equal_nan=True) for name in kept.files)


def test_data_that_can_t_be_read_cost_only_the_runs_that_want_them(
    train: Train, cluster: Cluster, preset: Path, idx_folder: Path
) -> None:
    sweep = write(preset, f'"data.name" = ["{idx_folder}", "nowhere"]')
    code, records, said = train(sweep, "--data", idx_folder, "--dask", cluster.address)
    assert (code, list(ends(records).values())) == (1, ["finished"])
    assert "data.name = 'nowhere': neither 'mnist' nor a folder" in said


def test_data_of_one_s_own_travel_to_each_worker_once(
    train: Train, cluster: Cluster, preset: Path, idx_folder: Path, workplace: Path
) -> None:
    """By a path that means nothing to them."""
    idx_folder.rename(workplace / "digits")
    before = [cluster.log(name).count("keep_data") for name in ("one", "two")]
    sweep = '"network.hidden" = [5, 6, 7, 8, 9, 10]\n"data.train" = [100, 200]'
    _, records, _ = train(write(preset, sweep), "--data", "digits", "--dask", cluster.address)
    assert set(ends(records).values()) == {"finished"}
    assert [cluster.log(name).count("keep_data") for name in ("one", "two")] == [count + 1 for count in before]


def test_with_one_worker_killed_midway_the_table_is_the_same_to_the_bit(
    begin: Begin,
    train: Train,
    own_cluster: Cluster,
    preset: Path,
    idx_folder: Path,
    tmp_path: Path,
) -> None:
    workers = [own_cluster.start_worker(name) for name in ("one", "two")]
    own_cluster.hold_at(250)
    long = ("--set", "training.epochs=1500", "--set", "measure.every=250", "--data", idx_folder)
    command = (write(preset, '"training.seed" = [1, 2]\n"network.hidden" = [5, 6]'), *long)
    there = begin(*command, "--out", tmp_path / "x", "--dask", own_cluster.address)
    there.wait_for('"epoch":250,', count=4)
    end(workers[0])
    own_cluster.release()
    there.end(0)
    assert "was lost; 2 runs begun again" in there.words
    _, here, here_said = train(*command)
    assert table(there.words) == table(here_said)
    assert measured(there.records) == measured(here)
    assert all((tmp_path / "x" / f"{place:05}" / "last.npz").exists() for place in range(4))


def test_a_worker_that_has_lost_the_data_is_sent_them_again(
    begin: Begin, cluster: Cluster, preset: Path, idx_folder: Path
) -> None:
    cluster.hold_at(0)
    sweep = write(preset, '"network.hidden" = [5, 6, 7]')
    begun = begin(sweep, "--data", idx_folder, "--dask", cluster.address)
    begun.wait_for('"measurement"', count=2)
    with Client(cluster.address, set_as_default=False) as client:
        client.run(lambda: sys.modules["tuimove.experiments.dask.task"]._data.clear())
    cluster.release()
    begun.end(0)
    assert "no longer has the data; 1 run begun again" in begun.words
    assert set(ends(begun.records).values()) == {"finished"}


def test_when_the_scheduler_goes_what_was_done_is_told(
    begin: Begin, own_cluster: Cluster, preset: Path, idx_folder: Path
) -> None:
    own_cluster.start_worker("one")
    begun = begin(write(preset, ENDLESS), "--data", idx_folder, "--dask", own_cluster.address)
    begun.wait_for('"measurement"')
    own_cluster.close()
    begun.end(1)
    assert "has gone; 2 runs not begun" in begun.words
    assert not any(word in begun.words for word in ("Traceback", "ERROR", "WARNING", "CommClosedError")), begun.words
    assert [line.split()[-1] for line in table(begun.words)[1:4]] == ["failed", "waiting", "waiting"]


def test_a_worker_that_comes_later_has_its_share(
    begin: Begin, own_cluster: Cluster, preset: Path, idx_folder: Path
) -> None:
    own_cluster.start_worker("one")
    begun = begin(write(preset, ENDLESS), "--data", idx_folder, "--dask", own_cluster.address)
    begun.wait_for('"measurement"')
    own_cluster.start_worker("two")
    begun.wait_for('"record":"run"', count=2)
    begun.process.send_signal(signal.SIGINT)
    begun.end(130)
    assert "joined with 1 thread" in begun.words
    assert sorted(ends(begun.records).values()) == ["interrupted", "interrupted"]


def test_an_interrupted_experiment_goes_on_where_it_was(
    begin: Begin, train: Train, cluster: Cluster, preset: Path, idx_folder: Path, tmp_path: Path
) -> None:
    sweep = 'mode = "zip"\n"network.hidden" = [5, 6]\n"training.epochs" = [20, 3000]'
    command = (write(preset, sweep), "--data", idx_folder, "--out", tmp_path / "x", "--dask", cluster.address)
    cluster.hold_at(25)
    begun = begin(*command)
    first, second = (tmp_path / "x" / place / "records.jsonl" for place in ("00000", "00001"))
    begun.wait_for('"finished"')
    begun.wait_for('"epoch":25,')
    begun.process.send_signal(signal.SIGINT)
    begun.end(130)
    cluster.release()
    assert '"status":"interrupted"' in second.read_text()
    kept = first.read_text()
    code, again, said = train(*command)
    assert code == 0, said
    assert first.read_text() == kept
    assert set(ends(again).values()) == {"finished"}


def test_workers_are_free_again_when_an_experiment_is_killed(
    begin: Begin, train: Train, cluster: Cluster, preset: Path, idx_folder: Path
) -> None:
    begun = begin(write(preset, ENDLESS), "--data", idx_folder, "--dask", cluster.address)
    begun.wait_for('"measurement"')
    end(begun.process)
    sweep = write(preset, '"training.seed" = [1, 2]')
    code, _, said = train(sweep, "--dask", cluster.address, "--data", idx_folder)
    assert code == 0, said


def test_without_workers_it_says_so(
    own_cluster: Cluster, preset: Path, idx_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    complaint = refusal(preset, idx_folder, capsys, own_cluster.address)
    assert f"no workers; start some with `dask worker {own_cluster.address}`" in complaint


def test_a_worker_with_another_tuimove_is_named(
    own_cluster: Cluster, preset: Path, idx_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for package, version in (("tuimove", "0.0.9"), ("numpy", "2.0.99")):
        metadata = tmp_path / "older" / f"{package}-{version}.dist-info" / "METADATA"
        metadata.parent.mkdir(parents=True)
        metadata.write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: {version}\n")
    own_cluster.start_worker("older", PYTHONPATH=str(tmp_path / "older"))
    complaint = refusal(preset, idx_folder, capsys, own_cluster.address)
    assert "worker tcp://127.0.0.1:" in complaint
    assert "tuimove 0.0.9, not 0.2.0 as here" in complaint


def refusal(preset: Path, idx_folder: Path, capsys: pytest.CaptureFixture[str], address: str) -> str:
    """Return the one line that an experiment is refused with."""
    sweep = write(preset, '"training.seed" = [1, 2]')
    code = main(["run", str(sweep), "--no-ui", "--data", str(idx_folder), "--dask", address])
    output, errors = capsys.readouterr()
    assert (code, output, errors.count("\n")) == (2, "", 1), errors
    return errors


class FakeClient:
    """Says of workers what a test wants to hear."""

    def __init__(self) -> None:
        self.workers = {"a": {"nthreads": 2, "status": "running"}}
        self.packages = {"a": {"tuimove": "1", "numpy": "2"}}

    def scheduler_info(self, n_workers: int) -> dict[str, Any]:  # noqa: ARG002
        return {"workers": self.workers}

    def get_versions(self, packages: list[str]) -> dict[str, Any]:  # noqa: ARG002
        workers = {name: {"packages": versions} for name, versions in self.packages.items()}
        return {"client": {"packages": {"tuimove": "1", "numpy": "2"}}, "workers": workers}


def test_of_workers_that_come_later_only_fitting_ones_are_used_and_pausing_ones_kept() -> None:
    client, said = FakeClient(), list[str]()
    workforce = Workforce(client, "", said.append)  # type: ignore[arg-type]
    client.workers |= {name: {"nthreads": 1, "status": "running"} for name in "bcd"}
    client.packages |= {"b": {"tuimove": "0", "numpy": "2"}, "c": {"tuimove": "1", "numpy": "3"}, "d": {}}
    client.workers["a"]["status"] = "paused"
    workforce.refresh()
    workforce.refresh()
    assert (workforce.threads, workforce.present) == ({"c": 1}, set("abcd"))
    assert sorted(said) == [
        "connected to 1 worker with 2 threads",
        "worker b isn't used: tuimove 0, not 1 as here",
        "worker c has numpy 3, not 2 as here: last digits may differ",
        "worker c joined with 1 thread",
        "worker d isn't used: no tuimove, not 1 as here",
    ]


@pytest.mark.parametrize("address", ["", "cluster", "127.0.0.1", "tcp://127.0.0.1:0", "http://127.0.0.1:80", "a:b:c"])
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(TuimoveError, match="not an address"):
        scheduler_address(address)


def test_an_address_that_nobody_answers_is_refused(
    preset: Path, idx_folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "ANSWER_SECONDS", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"tcp://127.0.0.1:{silent.getsockname()[1]}"
        assert "no Dask scheduler answers there" in refusal(preset, idx_folder, capsys, address)


def test_a_worker_is_no_scheduler(
    cluster: Cluster, preset: Path, idx_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    worker = cluster.log("one").partition("Listening to:")[2].split()[0]
    assert "a Dask worker answers there" in refusal(preset, idx_folder, capsys, worker)


def test_where_dask_isn_t_installed_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(TuimoveError, match=r"pip install 'tuimove\[dask\]'"), connected_client("127.0.0.1:8786"):
        pass


def test_a_cluster_is_for_experiments_and_has_its_own_threads(preset: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "quick-look", "--no-ui", "--dask", "127.0.0.1:8786"]) == 2
    assert "quick-look has no [sweep]" in capsys.readouterr().err
    sweep = write(preset, '"training.seed" = [1, 2]')
    assert main(["run", str(sweep), "--no-ui", "--dask", "127.0.0.1:8786", "--threads", "2"]) == 2
    assert "every worker uses the threads" in capsys.readouterr().err


def test_after_a_record_that_was_lost_none_is_taken_until_the_job_begins_anew() -> None:
    job = Job((0,), {"runs": [], "histograms": True})
    attempt = Attempt(job, 1, "a worker", None, RunCopies([]))  # type: ignore[arg-type]
    taken = WrittenRecord("{}", {})
    assert [attempt.take(number, "{}") for number in (0, 2, 3)] == [taken, None, None]
    assert attempt.lines == 1
    assert [attempt.take(number, "{}") for number in (0, 1)] == [taken, taken]
    assert attempt.lines == 2


def written(**table: Any) -> WrittenRecord:
    return WrittenRecord(line_of(table), table)


def test_a_folder_written_from_afar_has_its_end_only_with_its_weights(tmp_path: Path) -> None:
    run = {"name": "mine", "preset": Preset("mine").as_dict(), "folder": str(tmp_path / "x")}
    copies = RunCopies([run])
    for begun in ("a", "b"):  # the second time it is begun anew
        copies.take(written(record="run", run=begun, preset={"name": "mine"}))
    copies.take(written(record="end", run="b", status="finished"))
    records = tmp_path / "x" / "records.jsonl"
    assert '"run":"b"' in records.read_text()
    assert '"end"' not in records.read_text()
    copies.complete({"b": {"last.npz": b"weights"}})
    copies.close()
    assert records.read_text().endswith('"status":"finished"}\n')
    assert (tmp_path / "x" / "last.npz").read_bytes() == b"weights"
