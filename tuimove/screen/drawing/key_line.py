"""The footer: the active keys on one line, steering first; what doesn't fit is left out, the least important first."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace

from textual import events
from textual.content import Content
from textual.widgets import Static

from tuimove.screen.deeds import FooterEntry, footer_entries, is_missing, plain_keys
from tuimove.screen.while_open import WhileOpen

GAP, WIDE_GAP = 2, 4
"""Columns between two entries, and between two groups of them."""
NARROW = 100
"""Width in columns below which groups are no further apart than entries."""


class KeyLine(WhileOpen, Static):
    """Shows keys in the order of the footer; a click on one presses it."""

    DEFAULT_CSS = """
    KeyLine { dock: bottom; height: 1; padding: 0 1; background: $footer-background; color: $footer-foreground; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._shown: list[tuple[int, FooterEntry]] = []

    def on_mount(self) -> None:
        """Redraw whenever the active keys change."""
        self.screen.bindings_updated_signal.subscribe(self, lambda _: self._note_keys())

    def _note_keys(self) -> None:
        """Draw again, but nothing while the same keys are shown."""
        if self._placed() != self._shown:
            self.refresh()

    def _placed(self) -> list[tuple[int, FooterEntry]]:
        missing = getattr(self.screen, "missing", ())
        active = [one.binding for one in self.screen.active_bindings.values() if one.enabled]
        entries = footer_entries(binding for binding in active if not is_missing(binding, missing))
        named = [replace(entry, keys=plain_keys(entry.keys, self.app)) for entry in entries]
        return place_entries(named, self.content_size.width)

    def render(self) -> Content:
        """Return the keys and what they do."""
        self._shown = self._placed()
        line = Content("")
        for start, entry in self._shown:
            gap = Content(" " * (start - line.cell_length))
            line += gap + Content.styled(entry.keys, "bold $footer-key-foreground") + f" {entry.word}"
        return line

    def on_click(self, event: events.Click) -> None:
        """Press the key of the entry that was clicked."""
        column = event.x - 1
        for start, entry in self._shown:
            if start <= column < start + _columns(entry):
                self.app.simulate_key(entry.pressed)


def place_entries(entries: Sequence[FooterEntry], width: int) -> list[tuple[int, FooterEntry]]:
    """Return the entries that fit into a width, each with its first column."""
    placed: list[tuple[int, FooterEntry]] = []
    kept: list[FooterEntry] = []
    for entry in sorted(entries, key=lambda one: one.rank):
        tried = [one for one in entries if one is entry or one in kept]
        columns = _columns_of(tried, width)
        if columns[-1] + _columns(tried[-1]) <= width:
            kept, placed = tried, list(zip(columns, tried, strict=True))
    return placed


def _columns_of(entries: Sequence[FooterEntry], width: int) -> list[int]:
    """Return the first column of each entry beside the others."""
    columns, place = [0], 0
    for before, entry in itertools.pairwise(entries):
        is_apart = before.group != entry.group and width >= NARROW
        place += _columns(before) + (WIDE_GAP if is_apart else GAP)
        columns.append(place)
    return columns


def _columns(entry: FooterEntry) -> int:
    return len(entry.keys) + 1 + len(entry.word)
