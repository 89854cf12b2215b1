"""Symbols and words of severities and states, so that colour is never the only sign."""

from __future__ import annotations

from tuimove.diagnosis.finding import SEVERITIES, Severity
from tuimove.screen.drawing.raster import Glyphs

SYMBOLS = {"notice": "•", "warning": "▲", "alarm": "✖"}
ASCII_SYMBOLS = {"notice": "i", "warning": "!", "alarm": "X"}
STATE_SYMBOLS = {
    "training": "●", "playing": "▶", "paused": "‖", "finished": "✔", "failed": "✖", "stopped": "■", "interrupted": "◧",
    "unfinished": "◌", "waiting": "○", "stopping": "◼", "loading": "…", "compiling": "…", "reading": "…", "gone": "∅",
    "silent": "◇",
}  # fmt: skip
ASCII_STATE_SYMBOLS = {
    "training": "*", "playing": ">", "paused": "=", "finished": "+", "failed": "X", "stopped": "#", "interrupted": "/",
    "unfinished": "~", "waiting": "o", "stopping": "#", "loading": ".", "compiling": ".", "reading": ".", "gone": "?",
    "silent": "-",
}  # fmt: skip


def severity_symbol(severity: Severity, glyphs: Glyphs) -> str:
    """Return the symbol of a severity, one character."""
    return (ASCII_SYMBOLS if glyphs == "ascii" else SYMBOLS)[severity]


def state_symbol(state: str, glyphs: Glyphs) -> str:
    """Return the symbol of a state, one character; a dot for other states."""
    return (ASCII_STATE_SYMBOLS if glyphs == "ascii" else STATE_SYMBOLS).get(state, ".")


def worst_severity(severities: set[Severity]) -> Severity | None:
    """Return the worst of some severities, None for none."""
    return max(severities, key=SEVERITIES.index, default=None)
