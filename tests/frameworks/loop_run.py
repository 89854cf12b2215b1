"""What a recorded training loop has left in its folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.conftest import parse_records


def records(folder: Path) -> list[dict[str, Any]]:
    return parse_records((folder / "records.jsonl").read_text())


def looks(folder: Path) -> list[dict[str, Any]]:
    return [one for one in records(folder) if one["record"] == "measurement"]


def looked_at(folder: Path) -> list[int]:
    return [one["epoch"] for one in looks(folder)]


def loop(folder: Path) -> dict[str, Any]:
    """Return what the run record says of the framework, the optimizer and the starting laws."""
    found: dict[str, Any] = records(folder)[0]["loop"]
    return found


def shapes(folder: Path) -> dict[str, tuple[str, str, list[int]]]:
    """Return the kind, place and shape of each matrix, in their order."""
    return {one["name"]: (one["kind"], one["place"], one["shape"]) for one in records(folder)[0]["matrices"]}


def rules(folder: Path) -> set[tuple[str, str]]:
    """Return the rules that have spoken, and how severely."""
    return {(one["rule"], one["severity"]) for one in records(folder) if one["record"] == "finding"}
