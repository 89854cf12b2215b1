"""The process that `fuzzing` starts: reads so many made-up presets and records in every way that tuimove has.

Bounded in memory as a whole and in time for each of them; only a TuimoveError may come out of the reading.
"""

from __future__ import annotations

import io
import json
import resource
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress
from pathlib import Path
from types import FrameType
from typing import Any

import psutil
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from tests.support.screen_reading import ALARM, END, RUN, measurement
from tests.support.waiting import PATIENCE
from tuimove.command_line.headless.narration import Narration
from tuimove.errors import TuimoveError
from tuimove.recording.folder.run_summary import read_summary
from tuimove.recording.reading.parsing import record_of
from tuimove.recording.reading.run_follower import RecordReader
from tuimove.recording.record import to_json
from tuimove.reports.check import check_run
from tuimove.reports.compare import compare_runs
from tuimove.runs.past import Past
from tuimove.runs.resumption import open_resumption, preset_of_run
from tuimove.screen.sources.recorded_run import RecordedRun
from tuimove.settings.preset_file import shipped_presets
from tuimove.settings.preset_reading import load_preset
from tuimove.settings.sweep import load_experiment

SPARE_BYTES = 1 << 30
"""That reading may take beyond what the process has once everything is imported."""

NUMBERS = st.integers(-(2**70), 2**70) | st.floats() | st.sampled_from([0, -1, 1, 10**12, 10**400, 1e308, 5e-324])
TEXTS = st.text(max_size=20) | st.sampled_from(["", "\x1b[2J", "mnist", "/dev/zero", "../..", "relu", "W1", "x" * 5000])
JSON = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=8,
)
SHIPPED = [*shipped_presets().values(), 'title = "x"\n[sweep]\n"training.seed" = [1, 2]\nmode = "zip"\n']
RUN_TABLE = {"preset": {"name": "x", **load_preset("same-network").as_dict()}}
RECORDS = [
    {**json.loads(to_json(RUN, histograms=True)), **RUN_TABLE},
    *(json.loads(to_json(record, histograms=True)) for record in (measurement(0), measurement(10), ALARM, END)),
    {"record": "control", "run": "r", "epoch": 5, "action": "learning_rate", "value": 0.25},
]


@st.composite
def preset_texts(draw: st.DrawFn) -> bytes:
    """Draw a shipped preset with a few lines changed, put elsewhere or left out, or with bytes changed."""
    lines = draw(st.sampled_from(SHIPPED)).splitlines()
    for _ in range(draw(st.integers(0, 4))):
        place = draw(st.integers(0, max(0, len(lines) - 1)))
        name = lines[place].partition("=")[0] if lines else "title "
        value = draw(st.builds(repr, NUMBERS) | st.builds(json.dumps, JSON) | TEXTS)
        change = draw(st.sampled_from(([f"{name}= {value}"], [value], [], [f"[{value}]"], [f"{name}= [{value}]"])))
        lines[place : place + 1] = change
    return _changed_bytes(draw, "\n".join(lines).encode(errors="surrogatepass"))


@st.composite
def record_files(draw: st.DrawFn) -> bytes:
    """Draw a run's records, some of their values anything at all, some lines twice or no records."""
    chosen = [*RECORDS[:3], *draw(st.lists(st.sampled_from(RECORDS), max_size=6))]
    chosen = chosen[draw(st.integers(0, 9)) == 9 :]
    tables = [_changed_table(draw, json.loads(json.dumps(table))) for table in chosen]
    lines = [json.dumps(table, separators=(",", ":")) for table in tables]
    return _changed_bytes(draw, "".join(f"{line}\n" for line in lines).encode(errors="surrogatepass"))


def _changed_table(draw: st.DrawFn, table: dict[str, Any]) -> dict[str, Any]:
    """Return a table with a few values, at any depth, changed or left out."""
    for _ in range(draw(st.integers(0, 1 if table["record"] == "run" else 3))):
        inside: Any = table
        while True:
            key = draw(st.sampled_from(sorted(inside)))
            if not isinstance(inside[key], dict) or not inside[key] or draw(st.integers(0, 3)) == 0:
                break
            inside = inside[key]
        if draw(st.booleans()) or len(inside) == 1:
            inside[key] = draw(JSON)
        else:
            del inside[key]
    return table


def _changed_bytes(draw: st.DrawFn, content: bytes) -> bytes:
    """Return most contents as they are, others cut short or with bytes put in."""
    if draw(st.integers(0, 3)):
        return content
    start, end = (draw(st.integers(0, len(content))) for _ in range(2))
    return content[:start] + draw(st.binary(max_size=20)) + content[end:]


@contextmanager
def soon() -> Iterator[None]:
    """Raise a TimeoutError from what takes too long."""

    def end(_number: int, _frame: FrameType | None) -> None:
        raise TimeoutError(f"not within {PATIENCE:g} s: the end of reading")

    signal.signal(signal.SIGALRM, end)
    signal.setitimer(signal.ITIMER_REAL, PATIENCE)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def read_preset(folder: Path, content: bytes) -> None:
    """Read a preset as `tuimove run` does."""
    path = folder / "preset.toml"
    path.write_bytes(content)
    load_experiment(str(path))


def ways_to_read(folder: Path) -> list[Callable[[], object]]:
    """Return every way in which a run's records are read, none of which trains."""
    run = str(folder)
    return [
        lambda: check_run(run, [], None),
        lambda: compare_runs([run], "W1.distance", "log-epoch"),
        lambda: read_summary(folder),
        lambda: preset_of_run(folder),
        lambda: _resume(folder),
        lambda: _replay(folder),
        lambda: list(RecordReader(folder / "records.jsonl").read_some()),
    ]


def _resume(folder: Path) -> None:
    """Do all that comes before training: read what is there and tell of it."""
    resumption = open_resumption(folder, 10.0, lambda _: None)
    try:
        narration = Narration(0)
        narration.go_on_from(Past(resumption, id), resumption.preset.training.epochs)
        for past in Past(resumption, id):
            if record := past.read():
                narration.write(record)
                record_of(json.loads(to_json(record, histograms=True)))
        narration.write(END)
    finally:
        resumption.run_folder.close()


def _replay(folder: Path) -> None:
    """Read all records as a replay's thread does, and look weights and a measurement up."""
    source = RecordedRun(folder)
    try:
        for _ in range(3):
            source.read_some()
            source.mailbox.take()
        source._look_up()
        source.show_epoch(10)
        source._look_up()
        assert "\x1b" not in source.phase + source.remark + source.trouble
    finally:
        source.close()


def read_records_of(folder: Path, content: bytes) -> None:
    """Read a run's records in every way."""
    (folder / "lock").unlink(missing_ok=True)
    for read in ways_to_read(folder):
        (folder / "records.jsonl").write_bytes(content)
        with suppress(TuimoveError):
            read()


def main(folder: Path, first: int, count: int) -> None:
    """Read a quarter as many presets as asked for, and records for the rest."""
    limit = psutil.Process().memory_info().vms + SPARE_BYTES
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    (folder / "run").mkdir()
    tell = settings(max_examples=1, deadline=None, database=None, suppress_health_check=list(HealthCheck))

    @seed(first)
    @settings(tell, max_examples=max(1, count // 4))
    @given(preset_texts())
    def try_presets(content: bytes) -> None:
        with soon(), suppress(TuimoveError):
            read_preset(folder, content)

    @seed(first)
    @settings(tell, max_examples=max(1, count - count // 4))
    @given(record_files())
    def try_records(content: bytes) -> None:
        with soon(), redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
            read_records_of(folder / "run", content)

    try_presets()
    try_records()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
