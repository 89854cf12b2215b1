"""`python -m tests.zoo`: run all rules over both zoos as they are kept, and write the report.

With `--part`, the tables that limits are tuned by are printed, and nothing is written. The report part is scored only
with the rules that `--freeze` has frozen.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from platformdirs import user_cache_path

from tests.zoo.bundles import bundle_path, kept_files, read_rivals
from tests.zoo.diagnosing import LOSS, VALIDATION, WEIGHTS, Evidence
from tests.zoo.freezing import freeze, reason_to_refuse, told_sums
from tests.zoo.images import FOLDER_VARIABLE
from tests.zoo.keeping import keep, total_told
from tests.zoo.loops.feeding import missing_rivals
from tests.zoo.recording import record_zoo
from tests.zoo.report import Result, listed_findings, render_report, rivals, short_sections
from tests.zoo.specimens import PARTS, zoo_specimens
from tests.zoo.zoos import ZOOS, score_files

REPORT = Path(__file__).parent / "REPORT.md"

WORKERS = 2
"""Processes of one thread each."""

EVIDENCE: dict[str, Evidence] = {"weights": WEIGHTS, "loss": LOSS, "validation": VALIDATION}
"""By the word that asks for it."""

RECORDED = {"own": "zoo", "loops": "zoo-loops"}
"""Folders below the user's cache where runs are recorded, by zoo."""


def main() -> None:
    """Do what the command line asks."""
    options = _parse_options()
    if options.freeze:
        freeze()
    elif options.record:
        _record(options)
    elif options.keep:
        _keep(options)
    else:
        _score(options)


def _record(options: argparse.Namespace) -> None:
    """Train what isn't there yet of our own networks."""
    if options.data:
        os.environ[FOLDER_VARIABLE] = str(options.data)
    for part in options.part or PARTS:
        record_zoo(zoo_specimens(part), _recorded_at("own", options) / part, options.workers, options.only)


def _score(options: argparse.Namespace) -> None:
    """Write the report, or print the tables of the parts that are asked for."""
    refused = reason_to_refuse() if "report" in (options.part or PARTS) else None
    if refused:
        _refuse(refused)
    results = [*_scored_parts(options)]
    if options.part:
        print("\n\n".join(text for result in results for text in printed(result, findings=options.list)))
    else:
        bundles = [path for result in results if (path := bundle_path(result.zoo.name, result.part)).exists()]
        options.report.write_text(render_report(results, told_sums(bundles)), encoding="utf-8")


def _scored_parts(options: argparse.Namespace) -> Iterator[Result]:
    """Yield what is there of each zoo and part."""
    for part in options.part or PARTS:
        for name in options.zoo:
            files = kept_files(_kept_at(name, part, options))
            if files:
                scored, evidence = score_files(ZOOS[name], files, options.workers), EVIDENCE[options.evidence]
                shown = evidence if evidence in scored else LOSS
                yield Result(ZOOS[name], part, scored, read_rivals(files)["versions"], shown)


def printed(result: Result, *, findings: bool) -> list[str]:
    """Return what is printed of a part."""
    return [*short_sections(result), rivals(result), *(listed_findings(result) if findings else ())]


def _keep(options: argparse.Namespace) -> None:
    """Make bundles of what is recorded."""
    missing = missing_rivals() if "loops" in options.zoo else []
    if missing:
        _refuse(f"{', '.join(missing)}: not installed, so nothing says what they say; pip install '.[zoo]'")
    for name in options.zoo:
        for part in options.part or PARTS:
            print(keep(name, part, _recorded_at(name, options) / part))
    print(total_told())


def _recorded_at(zoo: str, options: argparse.Namespace) -> Path:
    """Return the folder that holds a zoo's parts as they are recorded."""
    return _folders(options).get(zoo, user_cache_path("tuimove") / RECORDED[zoo])


def _kept_at(zoo: str, part: str, options: argparse.Namespace) -> Path:
    """Return the folder that was asked for, or else the bundle."""
    folder = _folders(options).get(zoo)
    return folder / part if folder else bundle_path(zoo, part)


def _folders(options: argparse.Namespace) -> dict[str, Path]:
    return {zoo: Path(folder) for zoo, folder in options.folder}


def _refuse(reason: str) -> None:
    print(reason, file=sys.stderr)
    sys.exit(2)


def _parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.zoo", description=__doc__.partition("\n")[0])
    parser.add_argument("--part", choices=PARTS, nargs="+", help="print the tables of these parts; write nothing")
    parser.add_argument("--zoo", choices=[*ZOOS], nargs="+", default=[*ZOOS], help="only these zoos")
    parser.add_argument("--list", action="store_true", help="print each run that was mistaken, with its findings")
    parser.add_argument("--evidence", choices=[*EVIDENCE], default="loss", help="what the rules see in most tables")
    parser.add_argument("--freeze", action="store_true", help="freeze the rules and limits as they are now")
    parser.add_argument("--record", action="store_true", help="record our own networks; no report")
    parser.add_argument("--data", type=Path, help=f"where the folder `fashion` is; or ${FOLDER_VARIABLE}")
    parser.add_argument("--only", default="", help="record only passes with a specimen that has this in its name")
    parser.add_argument("--keep", action="store_true", help="make the bundles of what is recorded")
    parser.add_argument("--folder", nargs=2, action="append", default=[], metavar=("ZOO", "FOLDER"),
                        help="where the parts of a zoo are, instead of the bundles")  # fmt: skip
    parser.add_argument("--report", type=Path, default=REPORT, help="the file to write")
    parser.add_argument("--workers", type=int, default=WORKERS, help="processes of one thread each")
    return parser.parse_args()


if __name__ == "__main__":
    main()
