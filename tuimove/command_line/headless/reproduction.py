"""`tuimove reproduce`: trains the presets of the source document's figures and tables, and reports on them."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from tuimove.command_line.headless.many_runs import run_experiment
from tuimove.errors import DataError, ExitCode, TuimoveError
from tuimove.experiments.experiment import ExperimentOptions
from tuimove.reports.report import report_runs
from tuimove.reports.source_document.printed import PRESETS
from tuimove.settings.files import is_folder, names_in, require_place, shown_path
from tuimove.settings.sweep import load_experiment, over_seeds

REPORT = "report"
"""Name of the report's folder beside the presets'."""


def reproduce_document(out: Path, seeds: int, threads: int | None) -> ExitCode:
    """Train the document's presets with `seeds` seeds where the folder lacks their runs, and write a report there.

    Raises
    ------
    TuimoveError
        When the folder holds something else, or the same with another number of seeds.
    """
    _require_own(out)
    worst = ExitCode.FINISHED
    for name in PRESETS:
        experiment = over_seeds(load_experiment(name), seeds)
        print(f"{name}: {len(experiment.members)} runs", file=sys.stderr, flush=True)
        code = run_experiment(experiment, ExperimentOptions(threads, out / name), None, tells_all=False)
        if code == ExitCode.INTERRUPTED:
            return code
        worst = max(worst, code)
    report_runs([str(out / name) for name in PRESETS], out / REPORT, is_ours=True)
    return worst


def _require_own(out: Path) -> None:
    """Raise a TuimoveError when a folder holds anything but this command's output."""
    try:
        names = names_in(out) if os.path.lexists(out) or is_folder(out) else []
        if not os.path.lexists(out):
            require_place(out)
    except DataError as error:
        raise TuimoveError(f"--out {error}") from None
    if foreign := set(names) - {*PRESETS, REPORT}:
        raise TuimoveError(f"--out {shown_path(out)!r}: already there, and holds something else: {min(foreign)!r}")
