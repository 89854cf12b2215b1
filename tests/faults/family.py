"""A kind of fault, how it is tried again and again, and what is told of it in the end."""

from __future__ import annotations

import shutil
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from tests.faults.ground import Ground
from tests.support.processes import ending_with

Try = Callable[[Ground, Path, range], str]
"""Tries a fault with these seeds in a folder of its own, which isn't there yet; raises whatever shows that something
doesn't hold. Returns a remark to be counted, or nothing."""


@dataclass(frozen=True)
class Family:
    """A kind of fault."""

    name: str
    fault: str
    """What happens, in words."""
    holds: str
    """What must hold whatever happens."""
    quick: int
    """How often it is tried unless asked for otherwise."""
    full: int
    """How often it has been promised to hold."""
    attempt: Try
    batch: int = 1
    """Seeds that are tried at once."""
    missing: Callable[[], str] = lambda: ""
    """Returns what it can't be tried without here; nothing where it can."""


@dataclass
class Verdict:
    """How often a fault was tried, and what came of it."""

    family: Family
    tried: int = 0
    held: int = 0
    seconds: float = 0.0
    remarks: Counter[str] = field(default_factory=Counter)
    evidence: list[Path] = field(default_factory=list)
    """Folders of the attempts in which something didn't hold, with `why.txt` in each."""

    @property
    def row(self) -> tuple[str, str, str, str]:
        """The cells of the table."""
        if missing := self.family.missing():
            return self.family.fault, "0", missing, ""
        return self.family.fault, f"{self.tried:,}", f"{self.held:,}", f"{self.seconds:.0f}"


def try_family(family: Family, ground: Ground, count: int, first: int = 0) -> Verdict:
    """Try a fault so many times, from one seed on, with progress on standard error."""
    verdict = Verdict(family)
    if family.missing():
        return verdict
    began = time.monotonic()
    with Progress(console=Console(stderr=True), disable=not sys.stderr.isatty()) as progress:
        task = progress.add_task(family.name, total=count)
        for start in range(first, first + count, family.batch):
            seeds = range(start, min(start + family.batch, first + count))
            _try_seeds(verdict, ground, seeds)
            progress.advance(task, len(seeds))
    verdict.seconds = time.monotonic() - began
    return verdict


def _try_seeds(verdict: Verdict, ground: Ground, seeds: range) -> None:
    """Try some seeds; the folder is left with the reason in it when something doesn't hold."""
    folder = ground.folder / verdict.family.name / f"{seeds.start:05}"
    verdict.tried += len(seeds)
    try:
        with ending_with(verdict.family.name):
            remark = verdict.family.attempt(ground, folder, seeds)
    except Exception as error:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "why.txt").write_text("".join(traceback.format_exception(error)), encoding="utf-8")
        verdict.evidence.append(folder)
        verdict.held += len(seeds) - 1
        return
    verdict.held += len(seeds)
    verdict.remarks.update([remark] if remark else [])
    shutil.rmtree(folder, ignore_errors=True)


def verdict_table(verdicts: Sequence[Verdict]) -> str:
    """Return the table of all that was tried, and what remarks there were."""
    rows = [("fault", "tried", "held", "seconds"), *(verdict.row for verdict in verdicts)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [
        "  ".join(
            [f"{fault:<{widths[0]}}", *(f"{cell:>{width}}" for cell, width in zip(cells, widths[1:], strict=True))]
        )
        for fault, *cells in rows
    ]
    told = [
        f"{verdict.family.name}: {count} times {remark}"
        for verdict in verdicts
        for remark, count in verdict.remarks.most_common()
    ]
    return "\n".join([*lines, *told])
