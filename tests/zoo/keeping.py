"""Makes a part's bundle of its recordings, with what the packages say that read curves."""

from __future__ import annotations

import json
from pathlib import Path

from tests.zoo.bundles import FOLDER, MOST_BYTES, RIVALS, bundle_path, kept_files, recorded_files, write_bundle


def keep(zoo: str, part: str, place: Path) -> str:
    """Write the bundle of a zoo's part, and return how large it is."""
    files = recorded_files(kept_files(place))
    if not files:
        return f"{zoo} {part}: nothing is recorded at {place}"
    path = bundle_path(zoo, part)
    write_bundle(path, files | _said_of_loops(files) if zoo == "loops" else files)
    return f"{path.name}: {len(files)} runs, {path.stat().st_size / 1e6:.1f} MB"


def _said_of_loops(recorded: dict[str, bytes]) -> dict[str, bytes]:
    from tests.zoo.loops.feeding import fed_verdicts

    return {RIVALS: json.dumps(fed_verdicts(recorded), separators=(",", ":"), sort_keys=True).encode()}


def total_told() -> str:
    """Return how large all bundles are."""
    total = sum(path.stat().st_size for path in FOLDER.glob("*.zip"))
    return f"all bundles: {total / 1e6:.1f} MB of at most {MOST_BYTES / 1e6:.0f} MB"
