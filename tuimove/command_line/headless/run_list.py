"""`tuimove runs`: lists stored runs with their states, and removes old ones."""

from __future__ import annotations

import errno
import json
import os
import shutil
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path

from rich.cells import cell_len, set_cell_size

from tuimove.errors import ExitCode, TuimoveError, harmless
from tuimove.recording.folder.run_lock import RunLock
from tuimove.recording.folder.run_summary import RunSummary, read_summary
from tuimove.recording.folder.store import runs_folder, stored_folders
from tuimove.reports.paper import Paper, paper_of
from tuimove.reports.text_table import GAP, table_lines
from tuimove.settings.files import refusal

HEADING = ("id", "state", "epoch", "test acc", "finding", "changed")
LEFT_OUT = ("test acc", "finding")
"""Columns that are left out where ids need their room, the first first."""
LEAST_ID = 8
"""Least columns of an id, however narrow the terminal."""


def list_runs(*, as_json: bool) -> ExitCode:
    """Print the runs in the default place, the newest first: a table, or one JSON object a line.

    The table fits into a terminal; in a file or a pipe ids are whole.
    """
    summaries = sorted(map(read_summary, stored_folders()), key=lambda summary: -summary.changed)
    if as_json:
        for summary in summaries:
            print(json.dumps(asdict(summary)))
    else:
        for line in _table(summaries, paper_of(sys.stdout) if sys.stdout.isatty() else None):
            print(line)
        if not summaries:
            print(f"no runs in {runs_folder()} yet", file=sys.stderr)
    return ExitCode.FINISHED


def prune_runs(days: float, *, dry_run: bool) -> ExitCode:
    """Print which runs are older than `days` and not being trained; remove them unless `dry_run`.

    Raises
    ------
    TuimoveError
        When a folder can't be removed.
    """
    before = time.time() - days * 86_400
    old = [folder for folder in stored_folders() if _may_go(folder, before)]
    freed = 0
    for folder in old:
        size = folder_size(folder)
        if dry_run or _remove(folder):
            freed += size
            print(f"{'would remove' if dry_run else 'removed'} {harmless(folder.name)} ({size / 1e6:.1f} MB)")
    advice = "" if not (dry_run and old) else "; add --yes to remove them"
    print(f"{len(old)} runs unchanged for {days:g} days, {freed / 1e6:.1f} MB{advice}", file=sys.stderr)
    return ExitCode.FINISHED


def _may_go(folder: Path, before: float) -> bool:
    summary = read_summary(folder)
    return summary.state != "training" and summary.changed < before


def _remove(folder: Path) -> bool:
    """Remove a folder while holding its lock, so that no process starts to write there; False where one holds it."""
    try:
        _lock_if_room(folder)
        shutil.rmtree(folder)
    except TuimoveError:
        return False
    except OSError as error:
        raise TuimoveError(refusal(folder, error)) from None
    return True


def _lock_if_room(folder: Path) -> None:
    """Lock a folder; go on without a lock on a full disk, where no other process could create one either."""
    try:
        RunLock(folder)
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise


def folder_size(folder: Path) -> int:
    """Return the bytes of all files in a folder, without following links."""
    files = (Path(root) / name for root, _, names in os.walk(folder) for name in names)
    return sum(file.lstat().st_size for file in files)


def _table(summaries: Sequence[RunSummary], paper: Paper | None) -> Iterable[str]:
    """Yield a heading and a line for each run; nothing for none."""
    if not summaries:
        return
    rows = [HEADING, *map(_cells, summaries)]
    yield from table_lines(rows if paper is None else _fitted(rows, paper), left=2)


def _cells(one: RunSummary) -> tuple[str, ...]:
    return one.id, one.state, one.progress, one.accuracy, one.finding or "-", one.age


def _fitted(rows: Sequence[Sequence[str]], paper: Paper) -> Sequence[Sequence[str]]:
    """Return a table that fits: its ids are cut no shorter than tells them apart, rather are columns left out."""
    needed = _telling([row[0] for row in rows[1:]])
    for count in range(len(LEFT_OUT) + 1):
        kept = [place for place, name in enumerate(HEADING) if name not in LEFT_OUT[:count]]
        fitted = [[row[place] for place in kept] for row in rows]
        others = sum(max(map(cell_len, column)) + len(GAP) for column in [*zip(*fitted, strict=True)][1:])
        if paper.columns - others >= needed:
            break
    room, sign = max(paper.columns - others, LEAST_ID), "…" if paper.is_unicode else "~"
    return [[_cut(row[0], room, sign), *row[1:]] for row in fitted]


def _telling(ids: Sequence[str]) -> int:
    """Return how many columns tell each id from all others, the mark for what was cut included."""
    longest = max(map(len, ids))
    lengths = (length for length in range(1, longest) if len({one[:length] for one in ids}) == len(ids))
    return min(next(lengths, longest) + 1, longest)


def _cut(name: str, room: int, sign: str) -> str:
    return name if cell_len(name) <= room else set_cell_size(name, room - 1) + sign
