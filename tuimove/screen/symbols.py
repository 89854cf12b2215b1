"""How severities and states look: a symbol and a word each, so that colour is never the only sign."""

from __future__ import annotations

from tuimove.record import SEVERITIES, Severity
from tuimove.screen.raster import Glyphs

SYMBOLS = {"notice": "•", "warning": "▲", "alarm": "✖"}
ASCII_SYMBOLS = {"notice": "i", "warning": "!", "alarm": "X"}


def severity_symbol(severity: Severity, glyphs: Glyphs) -> str:
    """Return the one character that stands for a severity."""
    return (ASCII_SYMBOLS if glyphs == "ascii" else SYMBOLS)[severity]


def worst_severity(severities: set[Severity]) -> Severity | None:
    """Return the worst of some severities, None of none."""
    return max(severities, key=SEVERITIES.index, default=None)
