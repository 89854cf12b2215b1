"""Holds the rules and their limits fixed before the report part is scored.

`FROZEN` has the sum over their sources, and those of the recordings that were kept then.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

from tests.zoo.bundles import FOLDER, sum_of

FROZEN = Path(__file__).parent / "FROZEN"

SOURCES = Path(__file__).parents[2] / "tuimove"

RULES = "rules"
"""What the line of the rules' sum is called."""


def rule_sources(root: Path = SOURCES) -> list[Path]:
    """Return the files that decide what is found: the limits, and the rules with what they stand on."""
    return [*sorted((root / "diagnosis").rglob("*.py")), root / "settings" / "limits.py"]


def rules_sum(root: Path = SOURCES) -> str:
    """Return the SHA-256 over the rules' sources and their names."""
    found = hashlib.sha256()
    for path in rule_sources(root):
        found.update(f"{path.relative_to(root).as_posix()}\n".encode() + path.read_bytes())
    return found.hexdigest()


def frozen_lines(bundles: Iterable[Path]) -> list[str]:
    """Return the sums as they are now, each with what it is of."""
    return [f"{rules_sum()}  {RULES}", *(f"{sum_of(path)}  {path.name}" for path in sorted(bundles))]


def freeze(path: Path = FROZEN) -> None:
    """Write the sums down."""
    path.write_text("\n".join(frozen_lines(FOLDER.glob("*.zip"))) + "\n", encoding="utf-8")


def read_frozen(path: Path = FROZEN) -> dict[str, str]:
    """Return the sums that were written down, by what they are of; none where nothing was frozen."""
    if not path.exists():
        return {}
    lines = (line.split(maxsplit=1) for line in path.read_text(encoding="utf-8").splitlines())
    return {name: found for found, name in lines}


def told_sums(bundles: Iterable[Path], path: Path = FROZEN) -> list[str]:
    """Return the sums as they are now, and which weren't so when the rules were frozen."""
    frozen = {f"{found}  {name}" for name, found in read_frozen(path).items()}
    return [line if line in frozen else f"{line}  (not when the rules were frozen)" for line in frozen_lines(bundles)]


def reason_to_refuse(path: Path = FROZEN) -> str | None:
    """Return why the report part mustn't be scored, if it mustn't."""
    frozen = read_frozen(path).get(RULES)
    if frozen is None:
        return "the rules aren't frozen yet: python -m tests.zoo --freeze"
    if frozen != rules_sum():
        return f"the rules have changed since they were frozen ({frozen[:12]}); the report part isn't scored with them"
    return None
