"""How the screen is drawn on a terminal, by what the environment says of it."""

from __future__ import annotations

import pytest

from tuimove.errors import TuimoveError
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


def test_a_screen_that_would_go_into_a_file_is_refused_with_where_it_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, is_terminal in (("stdin", True), ("stdout", True), ("stderr", False)):
        stream = type("Stream", (), {"isatty": lambda _, answer=is_terminal: answer})()
        monkeypatch.setattr(f"sys.{name}", stream)
    with pytest.raises(TuimoveError, match="the screen is drawn on standard error, which is redirected: add --no-ui"):
        terminal.require_terminal("add --no-ui")
