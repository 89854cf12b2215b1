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

from tuimove.errors import ExitCode, TuimoveError, harmless
from tuimove.recording.folder.run_lock import RunLock
from tuimove.recording.folder.run_summary import RunSummary, read_summary
from tuimove.recording.folder.store import runs_folder, stored_folders
from tuimove.reports.text_table import table_lines
from tuimove.settings.files import refusal


def list_runs(*, as_json: bool) -> ExitCode:
    """Print the runs in the default place, the newest first: a table, or one JSON object a line."""
    summaries = sorted(map(read_summary, stored_folders()), key=lambda summary: -summary.changed)
    if as_json:
        for summary in summaries:
            print(json.dumps(asdict(summary)))
    else:
        for line in _table(summaries):
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


def _table(summaries: Sequence[RunSummary]) -> Iterable[str]:
    """Yield a heading and a line for each run; nothing for none."""
    if not summaries:
        return
    rows = [("id", "state", "epoch", "test acc", "finding", "changed")]
    rows += [(one.id, one.state, one.progress, one.accuracy, one.finding or "-", one.age) for one in summaries]
    yield from table_lines(rows, left=2)
