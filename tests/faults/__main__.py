"""Try every fault, or those named: `python -m tests.faults [NAME ...] [--count N | --full] [--first SEED]`.

Prints a table of what was tried and what held. Where something didn't hold, its folder is left, with `why.txt` in it,
and the exit code is 1; `--first` tries the same seed again.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.faults.families import FAMILIES
from tests.faults.family import Verdict, try_family, verdict_table
from tests.faults.ground import Ground
from tests.support.processes import guarded


def main() -> int:
    """Do what the command line asks."""
    asked = parse_options()
    ground = Ground(Path(tempfile.mkdtemp(prefix="tuimove-faults-")))
    verdicts: list[Verdict] = []
    with guarded("faults"):
        for name in asked.names or FAMILIES:
            family = FAMILIES[name]
            count = asked.count or (family.full if asked.full else family.quick)
            verdicts.append(try_family(family, ground, count, asked.first))
            print(f"{name}: {verdicts[-1].held} of {verdicts[-1].tried} held", file=sys.stderr, flush=True)
    print(verdict_table(verdicts))
    return tell_evidence(verdicts, ground)


def parse_options(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Return the command line's options."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.faults",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="\n".join(f"{name:<11} {family.fault}: {family.holds}" for name, family in FAMILIES.items()),
    )
    parser.add_argument("names", metavar="NAME", nargs="*", help="faults to try (default: all)")
    often = parser.add_mutually_exclusive_group()
    often.add_argument("--count", metavar="N", type=int, help="how often to try each")
    often.add_argument("--full", action="store_true", help="as often as each was promised to hold; takes hours")
    parser.add_argument("--first", metavar="SEED", type=int, default=0, help="the first attempt's seed (default: 0)")
    asked = parser.parse_args(arguments)
    if unknown := [name for name in asked.names if name not in FAMILIES]:
        parser.error(f"no such fault: {', '.join(unknown)}; known are {', '.join(FAMILIES)}")
    if asked.count is not None and asked.count < 1:
        parser.error("--count: must be 1 or more")
    return asked


def tell_evidence(verdicts: list[Verdict], ground: Ground) -> int:
    """Name what was left of attempts in which something didn't hold, or remove everything; return the exit code."""
    evidence = [folder for verdict in verdicts for folder in verdict.evidence]
    for folder in evidence:
        why = (folder / "why.txt").read_text(encoding="utf-8").rstrip().splitlines()[-1]
        print(f"did not hold: {folder}: {why[:200]}", file=sys.stderr)
    if not evidence:
        shutil.rmtree(ground.folder)
    return bool(evidence)


if __name__ == "__main__":
    sys.exit(main())
