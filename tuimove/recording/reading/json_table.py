"""Parses a line of JSON as an object."""

from __future__ import annotations

import json
from typing import Any


def json_table(content: bytes | str) -> dict[str, Any] | None:
    """Return the JSON object in a line or a whole file; None where it holds anything else."""
    try:
        table = json.loads(content)
    except (ValueError, RecursionError):
        return None
    return table if isinstance(table, dict) else None
