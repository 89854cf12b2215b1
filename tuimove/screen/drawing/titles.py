"""Titles of panels, with the key that opens each."""

from __future__ import annotations

from textual.markup import escape


def numbered_title(key: int, words: str, *, has_color: bool) -> str:
    """Return a panel's title as markup: the number looks like a key, lest it be taken for a count."""
    number = f"[bold $footer-key-foreground]{key}[/]" if has_color else f"[{key}]"
    return f"{number} {escape(words)}"
