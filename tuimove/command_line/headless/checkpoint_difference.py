"""`tuimove diff`: two checkpoints as a table, or as one JSON object."""

from __future__ import annotations

import json
import math
import re
import sys
import textwrap
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from tuimove.errors import ExitCode, harmless
from tuimove.reports.paper import paper_of
from tuimove.reports.text_table import table_lines
from tuimove.runs.checkpoints.difference import Difference, MatrixDifference, difference_of
from tuimove.runs.loops.sample import MOST_MEASURED
from tuimove.runs.weight_files.opening import open_weights
from tuimove.runs.weight_files.weight_file import StoredArray
from tuimove.settings.wording import counted

HEADS = ("distance", "left", "before", "after", "cosine", "max", "KS")
"""Columns after the matrix, which a terminal of 80 columns has room for."""
WIDE_HEADS = (*HEADS, "relative", "unmoved")
WIDE = 110
"""Columns of a terminal that has room for all."""
LEAST_NAME = 12
"""Least characters of a name that are shown."""
ROOM = 8
"""Characters of a number's column, with the gap before it."""
SHORT = 6
"""Most characters of a number, but for a sign before it and large exponents."""
WORDS = re.compile(r"([./])")
"""What is between the words of a name."""
MOST_NAMES = 8
"""Most names in a line about several arrays."""


def print_difference(before: Path, after: Path, only: Sequence[str], *, as_json: bool, fail_on_unmoved: bool) -> int:
    """Print the difference, and return the exit code.

    Raises
    ------
    DataError
        When a checkpoint can't be read, or both have no array in common.
    """
    with open_weights(before) as first, open_weights(after) as second:
        found = difference_of(first, second, only)
    if as_json:
        print(json.dumps(_table(found, before, after)))
    else:
        for line in _lines(found, paper_of(sys.stdout).columns):
            print(line)
    return ExitCode.FOUND if fail_on_unmoved and found.unmoved else ExitCode.FINISHED


def _lines(found: Difference, columns: int) -> Iterator[str]:
    """Yield the table, a line for whatever the table can't say, and the summary."""
    if found.matrices:
        heads = WIDE_HEADS if columns >= WIDE else HEADS
        room = max(columns - ROOM * len(heads) - 2, LEAST_NAME)
        rows = [["matrix", *heads], *(_row(one, heads, room) for one in found.matrices)]
        yield from table_lines(rows, left=1)
    for remark in (*_remarks(found), _summary(found)):
        yield from textwrap.wrap(harmless(remark), columns, subsequent_indent="  ", break_on_hyphens=False)


def _row(one: MatrixDifference, heads: Sequence[str], room: int) -> list[str]:
    cells = {
        "distance": one.distance, "left": one.start_left, "before": one.norm_before, "after": one.norm_after,
        "cosine": one.cosine, "max": one.largest_change, "KS": one.ks, "relative": one.relative_distance,
        "unmoved": one.unmoved,
    }  # fmt: skip
    return [shortened(one.name, room), *(short_number(cells[head]) for head in heads)]


def shortened(name: str, room: int) -> str:
    """Return a name of at most so many characters: its first words become letters, and if need be its middle is cut."""
    words = WORDS.split(name)
    for place, word in enumerate(words[:-1]):
        if len("".join(words)) <= room:
            break
        words[place] = word if word.isdecimal() else word[:1]
    name = "".join(words)
    if len(name) <= room:
        return name
    end = (room - 2) * 2 // 3
    return f"{name[: room - 2 - end]}..{name[len(name) - end :]}"


def short_number(value: float) -> str:
    """Return a number in about six characters, a dash where there is none."""
    if not math.isfinite(value):
        return "-"
    candidates = (f"{value:.5g}" if abs(value) >= 1e4 else f"{value:.4g}", f"{value:.3g}", f"{value:.0e}")
    return next((text for text in candidates if len(text) <= SHORT), candidates[-1])


def _remarks(found: Difference) -> Iterator[str]:
    if found.unmoved:
        yield f"never moved: {_listed(found.unmoved)}"
    yield from (f"not finite: {one.name}: {one.not_finite[0]:,} entries before, {one.not_finite[1]:,} after"
                for one in found.matrices if any(one.not_finite))  # fmt: skip
    if found.added:
        yield f"added: {_listed([one.name for one in found.added])}"
    if found.removed:
        yield f"removed: {_listed([one.name for one in found.removed])}"
    yield from (f"other shape: {one.name}: {one.before}, then {one.after}" for one in found.reshaped)
    for types in dict.fromkeys(one.dtypes for one in found.matrices if one.dtypes[0] != one.dtypes[1]):
        yield f"{types[0]}, then {types[1]}: {_listed([one.name for one in found.matrices if one.dtypes == types])}"
    if any(one.entries > MOST_MEASURED for one in found.matrices):
        yield f"KS of matrices of more than {MOST_MEASURED:,} entries is from a fixed sample of so many"


def _listed(names: Sequence[str]) -> str:
    more = len(names) - MOST_NAMES
    return ", ".join(names[:MOST_NAMES]) + (f" and {more:,} more" if more > 0 else "")


def _summary(found: Difference) -> str:
    total, still = len(found.matrices), len(found.unmoved)
    parts = [f"{total - still} of {counted(total, 'array')} moved"]
    parts += [f"{still} never moved"] if still else []
    others = (found.added, "added"), (found.removed, "removed"), (found.reshaped, "of another shape")
    parts += [f"{len(many)} {what}" for many, what in others if many]
    before, after = found.left_out
    for kind in sorted(kind for kind, count in (before + after).items() if count):
        parts.append(f"left out: {max(before[kind], after[kind])} {kind}")
    return "; ".join(parts)


def _table(found: Difference, before: Path, after: Path) -> dict[str, Any]:
    """Return all of it as a table for JSON; what isn't a finite number is null."""
    return {
        "before": str(before),
        "after": str(after),
        "moved": len(found.matrices) - len(found.unmoved),
        "never_moved": found.unmoved,
        "matrices": [_finite(vars(one)) for one in found.matrices],
        "added": list(map(_described, found.added)),
        "removed": list(map(_described, found.removed)),
        "reshaped": [vars(one) for one in found.reshaped],
        "left_out": {"before": found.left_out[0], "after": found.left_out[1]},
    }


def _described(array: StoredArray) -> dict[str, Any]:
    return {"name": array.name, "shape": array.shape, "dtype": array.dtype}


def _finite(table: dict[str, Any]) -> dict[str, Any]:
    return {name: None if isinstance(value, float) and not math.isfinite(value) else value
            for name, value in table.items()}  # fmt: skip
