"""`python -m tests.zoo`: record what isn't recorded yet, judge it, run all rules over it, and write the report."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from platformdirs import user_cache_path

from tests.zoo.diagnosing import diagnose
from tests.zoo.images import FOLDER_VARIABLE
from tests.zoo.judging import judge_all
from tests.zoo.reading import read_recordings
from tests.zoo.recording import record_zoo
from tests.zoo.report import render_report
from tests.zoo.scoring import Scored, score
from tests.zoo.specimens import PARTS, zoo_specimens

REPORT = Path(__file__).parent / "REPORT.md"

WORKERS = 2
"""Processes of one thread each."""


def main() -> None:
    """Do what the command line asks."""
    options = _parse_options()
    if options.data:
        os.environ[FOLDER_VARIABLE] = str(options.data)
    for part in options.part:
        record_zoo(zoo_specimens(part), options.folder / part, options.workers, options.only)
    if not options.record:
        scored = {part: score_part(options.folder / part) for part in options.part}
        options.report.write_text(render_report(scored), encoding="utf-8")


def score_part(folder: Path) -> list[Scored]:
    """Return every specimen recorded in a folder with what the rules say about it."""
    recordings = read_recordings(folder)
    return score(recordings, judge_all(recordings), diagnose)


def _parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.zoo", description=__doc__)
    parser.add_argument("--part", choices=PARTS, nargs="+", default=PARTS, help="only these parts")
    parser.add_argument("--record", action="store_true", help="record only; no report")
    parser.add_argument("--only", default="", help="only passes with a specimen that has this in its name")
    parser.add_argument("--folder", type=Path, default=user_cache_path("tuimove") / "zoo", help="where runs are kept")
    parser.add_argument("--data", type=Path, help=f"where the folder `fashion` is; or ${FOLDER_VARIABLE}")
    parser.add_argument("--report", type=Path, default=REPORT, help="the file to write")
    parser.add_argument("--workers", type=int, default=WORKERS, help="processes of one thread each")
    return parser.parse_args()


if __name__ == "__main__":
    main()
