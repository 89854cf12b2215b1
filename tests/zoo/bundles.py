"""The kept files of a zoo's part: a folder of them, or one file that holds them all as they are.

A bundle is a ZIP archive without compression, since its files are compressed: the same files give the same bytes.
"""

from __future__ import annotations

import hashlib
import json
import os
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.zoo.packing import SUFFIX

FOLDER = Path(__file__).parent / "recordings"
"""Where the bundles are kept, beside the program."""

RIVALS = "rivals.json"
"""What packages say that were fed with the recordings, and their versions, so that scoring needs none of them."""

MOST_BYTES = 30_000_000
"""Of all bundles together."""

DATE = (1980, 1, 1, 0, 0, 0)
"""Of every file in a bundle."""

Files = Mapping[str, bytes]
"""What is kept, by file name."""


def bundle_path(zoo: str, part: str) -> Path:
    """Return where the bundle of a zoo's part is kept."""
    return FOLDER / f"{zoo}-{part}.zip"


def kept_files(place: Path) -> dict[str, bytes]:
    """Return what a bundle or a folder holds, by name; nothing where it isn't there."""
    if place.is_dir():
        return {path.name: path.read_bytes() for path in sorted(place.iterdir()) if _is_kept(path.name)}
    if not place.exists():
        return {}
    with zipfile.ZipFile(place) as bundle:
        return {name: bundle.read(name) for name in sorted(bundle.namelist())}


def recorded_files(files: Files) -> dict[str, bytes]:
    """Return the recorded specimens among the files."""
    return {name: content for name, content in files.items() if name.endswith(SUFFIX)}


def read_rivals(files: Files) -> dict[str, Any]:
    """Return the `versions` and `verdicts` that were kept, empty ones where none were."""
    kept: dict[str, Any] = json.loads(files.get(RIVALS, b'{"versions": {}, "verdicts": {}}'))
    return kept


def write_bundle(path: Path, files: Files) -> None:
    """Write a bundle that is there as a whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(f".{os.getpid()}")
    with zipfile.ZipFile(unfinished, "w", zipfile.ZIP_STORED) as bundle:
        for name in sorted(files):
            bundle.writestr(_described(name), files[name])
    unfinished.replace(path)


def sum_of(path: Path) -> str:
    """Return the SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _is_kept(name: str) -> bool:
    return name == RIVALS or name.endswith(SUFFIX)


def _described(name: str) -> zipfile.ZipInfo:
    """Return what a bundle says of a file: the same on every system."""
    info = zipfile.ZipInfo(name, DATE)
    info.create_system, info.external_attr = 3, 0o644 << 16
    return info
