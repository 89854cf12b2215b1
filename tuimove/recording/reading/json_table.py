"""A line of JSON as the table that it is."""

from __future__ import annotations

import json
from typing import Any


def json_table(content: bytes | str) -> dict[str, Any] | None:
    """Return the JSON object that a line, or a whole file, consists of; None where it is anything else."""
    try:
        table = json.loads(content)
    except (ValueError, RecursionError):
        return None
    return table if isinstance(table, dict) else None
