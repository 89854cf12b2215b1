"""A terminal that is closed while a run trains in it: the run goes on, `tuimove attach` shows it, nothing is lost."""

from __future__ import annotations

import os
import random
import re
import shlex
import shutil
import signal
from pathlib import Path

from tests.conftest import parse_records
from tests.faults.family import Family
from tests.faults.ground import EVERY, Ground, require, whole_lines
from tests.support.processes import ROOT, TUIMOVE
from tests.support.tmux import Tmux
from tests.support.waiting import wait_until
from tuimove.recording.folder.run_lock import living_holder

EPOCH = re.compile(r"epoch +(\d+)/\d")
ENDLESS = 10**9


def hang_up(ground: Ground, folder: Path, seeds: range) -> str:
    """Close the terminal of a dashboard or a headless run at some moment, and look at the run from another one."""
    assert ground.data
    how = random.Random(f"hanging up {seeds.start}")
    folder.mkdir(parents=True)
    run, has_screen = folder / "run", seeds.start % 2 == 0
    tmux = Tmux(folder, ground.environment)
    try:
        _open(tmux, "first", ground.run_arguments(run, *([] if has_screen else ["--no-ui"]), epochs=ENDLESS))
        lines = how.choice((0, how.randint(1, 100)))  # 0: while data are loaded
        wait_until(lambda: (run / "records.jsonl").exists(), "the run has a folder", every=0.002)
        wait_until(lambda: whole_lines(run).count(b"\n") >= lines, "training begins")
        first = living_holder(run)
        tmux.call("kill-session", "-t", "first")
        _look_on(tmux, run)
        now = living_holder(run)
        require(has_screen != (first == now), f"trained by {first} before and by {now} after")
    finally:
        tmux.close()
        _end(run)
    _require_all_measured(run)
    return "a dashboard" if has_screen else "a headless run"


def _open(tmux: Tmux, name: str, arguments: list[str]) -> None:
    """Open a terminal with the program in it, and no shell around it."""
    tmux.open(name, f"PYTHONPATH={ROOT} exec {shlex.join([*TUIMOVE, *arguments])}")


def _look_on(tmux: Tmux, run: Path) -> None:
    """Attach to the run from another terminal, and see it go on."""
    wait_until(lambda: living_holder(run) is not None and (run / "control.sock").exists(), "somebody trains it")
    before = whole_lines(run).count(b"\n")
    wait_until(lambda: whole_lines(run).count(b"\n") > before + 10, "it is trained on")
    _open(tmux, "second", ["attach", str(run)])
    wait_until(lambda: "training" in tmux.screen("second") and _shown_epoch(tmux) > before * EVERY // 2, "it is shown")
    seen = _shown_epoch(tmux)
    wait_until(lambda: _shown_epoch(tmux) > seen, f"more than {seen} epochs are shown")


def _shown_epoch(tmux: Tmux) -> int:
    found = EPOCH.search(tmux.screen("second"))
    return int(found[1]) if found else -1


def _end(run: Path) -> None:
    """End whoever trains the run, and wait until it is gone."""
    if holder := living_holder(run):
        os.kill(holder.pid, signal.SIGTERM)
        wait_until(lambda: living_holder(run) is None, "the run ends")


def _require_all_measured(run: Path) -> None:
    """Raise a NotHeldError unless every epoch that was due is in the records, once, and the end behind them."""
    records = parse_records((run / "records.jsonl").read_text())
    epochs = [record["epoch"] for record in records if record["record"] == "measurement"]
    require(epochs == [EVERY * place for place in range(len(epochs))], f"measured at {epochs}")
    require(records[-1].get("status") == "interrupted", f"it ends with {records[-1]}")
    require(len(epochs) == 1 + records[-1]["epochs"] // EVERY, f"{len(epochs)} measurements; {records[-1]}")


HANGING_UP = Family(
    name="hanging-up",
    fault="terminal closed while training",
    holds="it goes on in the background, attach shows it, every due epoch is recorded once",
    quick=2,
    full=20,
    attempt=hang_up,
    missing=lambda: "" if shutil.which("tmux") else "tmux is missing",
)
