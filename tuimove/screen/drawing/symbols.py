"""How severities and states look: a symbol and a word each, so that colour is never the only sign."""

from __future__ import annotations

from tuimove.diagnosis.finding import SEVERITIES, Severity
from tuimove.screen.drawing.raster import Glyphs

SYMBOLS = {"notice": "•", "warning": "▲", "alarm": "✖"}
ASCII_SYMBOLS = {"notice": "i", "warning": "!", "alarm": "X"}
STATE_SYMBOLS = {"training": "●", "playing": "▶", "paused": "‖", "finished": "✔", "failed": "✖"}
ASCII_STATE_SYMBOLS = {"training": "*", "playing": ">", "paused": "=", "finished": "+", "failed": "X"}


def severity_symbol(severity: Severity, glyphs: Glyphs) -> str:
    """Return the one character that stands for a severity."""
    return (ASCII_SYMBOLS if glyphs == "ascii" else SYMBOLS)[severity]


def state_symbol(state: str, glyphs: Glyphs) -> str:
    """Return the one character that stands for what a run does, a dot for what has no other."""
    return (ASCII_STATE_SYMBOLS if glyphs == "ascii" else STATE_SYMBOLS).get(state, ".")


def worst_severity(severities: set[Severity]) -> Severity | None:
    """Return the worst of some severities, None of none."""
    return max(severities, key=SEVERITIES.index, default=None)
