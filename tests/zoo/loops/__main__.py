"""`python -m tests.zoo.loops`: record what isn't recorded yet of the second zoo, and tell what it turned out to be."""

from __future__ import annotations

import argparse
import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from platformdirs import user_cache_path

from tests.zoo.images import FOLDER_VARIABLE
from tests.zoo.loops.configurations import PARTS
from tests.zoo.loops.judging import judge_loops
from tests.zoo.loops.reading import read_loop_recordings
from tests.zoo.loops.recording import record_loops, say_to_stderr
from tests.zoo.loops.specimens import LoopSpecimen, loop_specimens
from tests.zoo.specimens import HEALTHY

WORKERS = 2
"""Processes of one thread each."""


def main() -> None:
    """Do what the command line asks."""
    options = _parse_options()
    if options.data:
        os.environ[FOLDER_VARIABLE] = str(options.data)
    for part in options.part:
        if options.record:
            chosen = [one for one in loop_specimens(part) if not options.only or options.only in one.name]
            record_loops(sample(chosen, options.sample), options.folder / part, options.workers, say_to_stderr)
        print("\n".join(told_part(options.folder / part, part)))


def sample(specimens: list[LoopSpecimen], count: int | None) -> list[LoopSpecimen]:
    """Return so many specimens, evenly spread, or all."""
    return specimens if count is None else specimens[:: max(1, len(specimens) // count)][:count]


def told_part(folder: Path, part: str) -> Iterator[str]:
    """Yield how many of each kind turned out to be what they were meant to be."""
    recordings = read_loop_recordings(folder)
    verdicts = judge_loops(recordings)
    kinds = Counter(one.kind for one in recordings)
    counting = Counter(one.kind for one in recordings if verdicts[one.name].is_what_it_was_meant(one.kind))
    yield f"{part}: {kinds[HEALTHY]} meant to be healthy, {len(recordings) - kinds[HEALTHY]} faulty; of these count:"
    yield from (f"  {kind}: {counting[kind]} of {count}" for kind, count in kinds.items())


def _parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.zoo.loops", description=__doc__)
    parser.add_argument("--record", action="store_true", help="record; otherwise only tell what is there")
    parser.add_argument("--part", choices=PARTS, nargs="+", default=PARTS, help="only these parts")
    parser.add_argument("--only", help="only specimens with this in their names")
    parser.add_argument("--sample", type=int, help="only so many specimens of each part, evenly spread")
    folder = user_cache_path("tuimove") / "zoo-loops"
    parser.add_argument("--folder", type=Path, default=folder, help="where recordings are kept")
    parser.add_argument("--data", type=Path, help=f"where the folder `fashion` is; or ${FOLDER_VARIABLE}")
    parser.add_argument("--workers", type=int, default=WORKERS, help="processes of one thread each")
    return parser.parse_args()


if __name__ == "__main__":
    main()
