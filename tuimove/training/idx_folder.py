"""Finds the four files of a data set in a folder: under MNIST's names, or those of other programs and data sets.

Uses names only, and imports nothing heavy.
"""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from tuimove.errors import DataError, harmless, nearest_of
from tuimove.settings.files import is_folder, names_in, shown_path

FILES = {
    "train_images": "train-images-idx3-ubyte",
    "train_labels": "train-labels-idx1-ubyte",
    "test_images": "t10k-images-idx3-ubyte",
    "test_labels": "t10k-labels-idx1-ubyte",
}
"""The usual name of each part; `.gz` may follow."""

SPELLING = re.compile(
    r"(?:(?P<set>.*?)[-_.])?(?P<half>train|t10k|test)[-_](?P<what>images|labels)(?P<dot>[-_.])idx\d"
    r"(?:[-_.](?:ubyte|int))?(?P<zipped>\.gz)?",
    re.IGNORECASE,
)
"""Pattern of a part's file name.

MNIST's own, or with a dot (`train-images.idx3-ubyte`), after the name of a set (`emnist-letters-`) or not; QMNIST's
labels are `idx2-int`.
"""

RAW = ("raw", "*/raw")
"""Folders in which torchvision puts the files: `MNIST/raw`, `FashionMNIST/raw`."""

MOST_NAMES = 6
"""Most names of a folder in a message."""

Parts = Mapping[str, Path]
"""The file of each part; four where the set is complete."""


class Spelled(NamedTuple):
    """The parts of a file's name; usual spellings sort first."""

    of_set: str
    """Prefix before the usual name; empty for MNIST's own."""
    part: str
    is_unusual: bool
    """Whether the name has `test` for `t10k`, or a dot for a hyphen."""
    is_zipped: bool


def find_parts(folder: Path) -> Parts:
    """Return the files of the one data set in a folder, or in torchvision's `raw` below it.

    Raises
    ------
    DataError
        When the folder can't be read, or holds no complete set, or several.
    """
    sets = _sets_in(folder)
    complete = {name: parts for name, parts in sets.items() if len(parts) == len(FILES)}
    if "" in complete:
        return complete[""]
    if len(complete) > 1:
        names = ", ".join(sorted(complete))
        raise DataError(
            f"{shown_path(folder)}: holds {len(complete)} data sets: {harmless(names)}; "
            "link the four files of one into a folder"
        )
    return next(iter(complete.values()), None) or _find_below(folder) or _refuse(folder, sets)


def spelled(name: str) -> Spelled | None:
    """Return the parts of a file's name; None where it is no data file's."""
    found = SPELLING.fullmatch(name)
    if found is None:
        return None
    half, dot = found["half"].lower(), found["dot"]
    part = f"{'train' if half == 'train' else 'test'}_{found['what'].lower()}"
    return Spelled(found["set"] or "", part, half == "test" or dot != "-", bool(found["zipped"]))


def _sets_in(folder: Path) -> dict[str, dict[str, Path]]:
    """Return the parts of each set in a folder by the set's name."""
    sets: dict[str, dict[str, Path]] = defaultdict(dict)
    known = [(named, name) for name in names_in(folder) if (named := spelled(name))]
    for named, name in sorted(known, reverse=True):  # the usual spelling, not zipped, comes last and stays
        path = folder / name
        if is_folder(path) and os.path.lexists(path / name):
            path = path / name  # some archives give every file a folder of its own
        if os.path.isfile(path) or named.part not in sets[named.of_set]:  # opening any other says what is wrong with it
            sets[named.of_set][named.part] = path
    return sets


def _find_below(folder: Path) -> Parts | None:
    """Return the files in the only `raw` below a folder; None where none has all four."""
    places = sorted(
        place for pattern in RAW for place in folder.glob(pattern) if os.path.isdir(place) and _sets_in(place)
    )
    if len(places) > 1:
        names = ", ".join(str(place.relative_to(folder)) for place in places)
        raise DataError(
            f"{shown_path(folder)}: holds {len(places)} data sets: {harmless(names)}; name the folder of one"
        )
    return find_parts(places[0]) if places else None


def _refuse(folder: Path, sets: Mapping[str, Parts]) -> Parts:
    """Raise a DataError with the files that are missing and the names that exist."""
    nearest = max(sets.values(), key=len, default={})
    missing = [part for part in FILES if part not in nearest]
    names = names_in(folder)
    hints = dict.fromkeys(hint for part in missing for hint in [_hint(part, names, nearest.values())] if hint)
    absent = f"no {' and no '.join(FILES[part] for part in missing)}" if nearest else "no data set"
    raise DataError(
        f"{shown_path(folder)}: {absent}{harmless(''.join(hints))}; looked for {', '.join(FILES.values())}, "
        f"plain or with .gz, here and in MNIST/raw; found {_listed(names)}"
    )


def _hint(part: str, names: Iterable[str], found: Iterable[Path]) -> str:
    """Suggest a file for a missing part, never one of another part or of the other half."""
    half, _, what = part.partition("_")
    taken = {path.name for path in found}
    fitting = [name for name in names if name not in taken and _may_be(name.lower(), half, what)]
    return nearest_of(FILES[part], fitting)


def _may_be(name: str, half: str, what: str) -> bool:
    """Return whether a file's name is free of words for the other half or the other kind of content."""
    is_train, is_test = "train" in name, any(word in name for word in ("t10k", "test"))
    of_other_half = is_test if half == "train" else is_train
    return not of_other_half and ("label" if what == "images" else "image") not in name


def _listed(names: list[str]) -> str:
    """Return the first names of a folder as text."""
    more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
    return harmless(", ".join(names[:MOST_NAMES])) + more if names else "nothing"
