"""Keys on every screen, several in one write, and resizes between them: no screen ends with an error."""

from __future__ import annotations

import asyncio
from pathlib import Path

from tests.faults.family import Family
from tests.faults.ground import Ground, require
from tests.support.key_bursts import SIZES, SPOTS, Pairs, nothing_trained, type_at_random, write_runs

KEYS = 200
SPOTS_AND_SIZES = [(spot, size) for spot in SPOTS for size in SIZES]


def type_pairs(_ground: Ground, folder: Path, seeds: range) -> str:
    """Type every ordered pair of a screen's keys, each in one write."""
    folder.mkdir(parents=True)
    write_runs(folder)
    spot, size = SPOTS_AND_SIZES[seeds.start % len(SPOTS_AND_SIZES)]
    with nothing_trained(folder):
        pairs = Pairs(spot, folder, size)
        tried = asyncio.run(pairs.type_all())
    require(tried > 0, "nothing was tried")
    return f"{tried} pairs on {spot.name}, {size[0]}x{size[1]}"


def type_randomly(_ground: Ground, folder: Path, seeds: range) -> str:
    """Type keys at random on a screen, and on those that they lead to."""
    folder.mkdir(parents=True)
    write_runs(folder)
    with nothing_trained(folder):
        for seed in seeds:
            asyncio.run(type_at_random(seed, folder, KEYS))
    return ""


PAIRS = Family(
    name="pairs",
    fault="every ordered pair of keys of a screen in one write",
    holds="no screen ends with an error",
    quick=len(SPOTS_AND_SIZES),
    full=len(SPOTS_AND_SIZES),
    attempt=type_pairs,
)
TYPING = Family(
    name="typing",
    fault=f"{KEYS} keys at random, with resizes between",
    holds="no screen ends with an error",
    quick=20,
    full=3000,
    attempt=type_randomly,
)
