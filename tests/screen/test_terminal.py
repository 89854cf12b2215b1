"""How the screen is drawn on a terminal, by what the environment says of it."""

from __future__ import annotations

import pytest

from tuimove.screen import terminal


@pytest.mark.parametrize(
    ("name", "glyphs"),
    [("xterm-256color", "braille"), ("tmux-256color", "braille"), ("linux", "ascii"), ("vt100", "ascii"),
     ("vt220", "ascii")],
)  # fmt: skip
def test_terminals_whose_fonts_lack_braille_get_ascii(monkeypatch: pytest.MonkeyPatch, name: str, glyphs: str) -> None:
    class Utf8:
        encoding = "utf-8"

    monkeypatch.setattr("sys.__stderr__", Utf8())
    monkeypatch.setattr(terminal, "asks_for_utf8", lambda: True)
    monkeypatch.setenv("TERM", name)
    assert terminal.detect_options(ascii_only=False, fps=None).glyphs == glyphs
    assert terminal.detect_options(ascii_only=True, fps=None).glyphs == "ascii"
