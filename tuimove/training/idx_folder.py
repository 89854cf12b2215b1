"""Which four files of a folder are a data set: MNIST's names, and those that other programs and data sets give them.

Looks at names only, and imports nothing heavy.
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
"""A file's name: MNIST's own, or with a dot (`train-images.idx3-ubyte`), after the name of a set (`emnist-letters-`)
or not; QMNIST's labels are `idx2-int`."""

RAW = ("raw", "*/raw")
"""Where torchvision puts the files below the folder that it is given: `MNIST/raw`, `FashionMNIST/raw`."""

MOST_NAMES = 6
"""Of a folder's names in a message."""

Parts = Mapping[str, Path]
"""The file of each part; all four where the set is complete."""


class Spelled(NamedTuple):
    """What a file's name says of it, the usual spelling before others in order."""

    of_set: str
    """What stands before the usual name; empty for MNIST's own."""
    part: str
    is_unusual: bool
    """Whether it says `test` for `t10k`, or has a dot for a hyphen."""
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
    """Return what a file's name says of it; None where it isn't that of a part."""
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
    """Return the files in the only `raw` below a folder; None where there is none with all four."""
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
    """Say which files are looked for and what there is instead."""
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
    """Suggest a file for a part that is missing: never one that is another part, nor of the other half."""
    half, _, what = part.partition("_")
    taken = {path.name for path in found}
    fitting = [name for name in names if name not in taken and _may_be(name.lower(), half, what)]
    return nearest_of(FILES[part], fitting)


def _may_be(name: str, half: str, what: str) -> bool:
    """Return whether a file's name says neither the other half nor the other kind of content."""
    is_train, is_test = "train" in name, any(word in name for word in ("t10k", "test"))
    of_other_half = is_test if half == "train" else is_train
    return not of_other_half and ("label" if what == "images" else "image") not in name


def _listed(names: list[str]) -> str:
    """Return the first of a folder's names in words."""
    more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
    return harmless(", ".join(names[:MOST_NAMES])) + more if names else "nothing"
