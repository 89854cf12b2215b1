"""Parses values as people type them on a command line or into a form, and suggests how to write numbers."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from typing import Any

NUMBER = re.compile(r"[+-]?(?:\d[\d_]*\.?\d*|\.\d+)(?:e[+-]?\d+)?", re.IGNORECASE)
"""Pattern of numbers, including `.5` and `5.`, which TOML rejects."""
LEADING_ZEROS = re.compile(r"[+-]?0\d+")
"""Pattern of whole numbers such as `020`, which TOML and Python reject."""
EXPONENT = re.compile(r"[+-]?\d+e\+?\d+", re.IGNORECASE)
"""Pattern of integers such as `1e4`, as long as a float holds them exactly."""
MOST_EXACT = 2**53
MOST_DIGITS = 400
"""More than any number has that a preset takes."""
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
    if LEADING_ZEROS.fullmatch(text) and len(text) <= MOST_DIGITS:
        return int(text)
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


def number_hint(value: Any, is_right: Callable[[Any], bool]) -> str:
    """Return how to write what seems to be a number, as in `; write 1000`; empty where it doesn't.

    `is_right` tells of a value whether it would do: nothing is advised that would be refused as well.
    """
    number, how = _meant_number(value.strip()) if isinstance(value, str) else (_whole(value), "")
    return f"; write {number}{how}" if number and is_right(parse_value(number)) else ""


def _meant_number(text: str) -> tuple[str, str]:
    """Return the number that a text stands for, empty where it is none, and how it is to be written."""
    if OTHER_BASE.fullmatch(text):
        return _decimal(text), ", in decimal digits"
    if GROUPED.fullmatch(text):
        return re.sub(r"[^\d.+-]", "", text), ", without anything between the digits"
    if DECIMAL_COMMA.fullmatch(text):
        return text.replace(",", "."), ", with a point"
    if share := PERCENT.fullmatch(text):
        return f"{float(share[1]) / 100:g}", ""
    return (text, " without quotes") if NUMBER.fullmatch(text) else ("", "")


def _decimal(text: str) -> str:
    try:
        return str(int(text, 0))
    except ValueError:
        return ""


def _whole(value: Any) -> str:
    """Return a number such as 2.0 without its point, empty where it isn't whole."""
    is_whole = isinstance(value, float) and abs(value) < MOST_EXACT and value.is_integer()
    return str(int(value)) if is_whole else ""


def typed_number(text: str) -> float | int | None:
    """Parse a number; None where the text isn't one."""
    value = parse_value(text)
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None
