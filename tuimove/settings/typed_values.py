"""Parses values as people type them on a command line or into a form, and suggests how to write numbers."""

from __future__ import annotations

import re
import tomllib
from typing import Any

NUMBER = re.compile(r"[+-]?(?:\d[\d_]*\.?\d*|\.\d+)(?:e[+-]?\d+)?", re.IGNORECASE)
"""Pattern of numbers, including `.5` and `5.`, which TOML rejects."""
EXPONENT = re.compile(r"[+-]?\d+e\+?\d+", re.IGNORECASE)
"""Pattern of integers such as `1e4`, as long as a float holds them exactly."""
MOST_EXACT = 2**53
OTHER_BASE = re.compile(r"[+-]?0[xob][\da-f_]+", re.IGNORECASE)
GROUPED = re.compile(r"[+-]?\d{1,3}(?:[,' \u2019\u00a0\u202f]\d{3})+(?:\.\d+)?")
DECIMAL_COMMA = re.compile(r"[+-]?\d*,\d+")
PERCENT = re.compile(r"(\d+\.?\d*|\.\d+) ?%")


def parse_value(text: str) -> Any:
    """Parse a TOML value, a number as people write it, or a list of them; any other text is a bare word."""
    if OTHER_BASE.fullmatch(text):
        return text  # for `number_hint` to say
    if EXPONENT.fullmatch(text) and abs(float(text)) < MOST_EXACT:
        return int(float(text))
    value = _toml_value(text)
    if value is not None:
        return value
    if NUMBER.fullmatch(text):
        return float(text)
    if text.startswith("[") and text.endswith("]") and "[" not in text[1:] and '"' not in text:
        return [parse_value(part.strip()) for part in text[1:-1].split(",") if part.strip()]
    return text


def _toml_value(text: str) -> Any:
    """Parse a text as TOML; None where it isn't a value, or of a type that presets don't use."""
    try:
        parsed = tomllib.loads(f"value = {text}")
    except (ValueError, RecursionError):
        return None
    value = parsed["value"] if set(parsed) == {"value"} else None
    return value if isinstance(value, int | float | str | list | dict) else None


def number_hint(text: str) -> str:
    """Return how to write what seems to be a number, as in `; write 1000`; else an empty string."""
    text = text.strip()
    if OTHER_BASE.fullmatch(text):
        try:
            return f"; write {int(text, 0)}, in decimal digits"
        except ValueError:
            return ""
    if GROUPED.fullmatch(text):
        digits = re.sub(r"[^\d.+-]", "", text)
        return f"; write {digits}, without anything between the digits"
    if DECIMAL_COMMA.fullmatch(text):
        return f"; write {text.replace(',', '.')}, with a point"
    if share := PERCENT.fullmatch(text):
        return f"; write {float(share[1]) / 100:g}"
    return f"; write {text} without quotes" if NUMBER.fullmatch(text) else ""


def typed_number(text: str) -> float | int | None:
    """Parse a number; None where the text isn't one."""
    value = parse_value(text)
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None
