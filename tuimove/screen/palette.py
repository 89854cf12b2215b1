"""The colours of the screen: a theme for each kind of terminal, dark and light.

One accent, and four colours for lines that are told apart with any colour vision. Red and amber are for findings alone.
Those of 256 colours are chosen so that what a terminal without COLORTERM shows is what stands here: Rich gives a grey
above #949494 as the next darker one, any other of the colours below as itself.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from textual.app import App
from textual.theme import BUILTIN_THEMES, Theme


@dataclass(frozen=True)
class Shades:
    """The colours of a theme."""

    background: str
    surface: str
    """Of the header and the footer."""
    panel: str
    foreground: str
    lines: tuple[str, str, str, str]
    """Of charted lines; the first is the accent."""
    muted: str
    """Of axes and words that explain."""
    shared: str
    """Of what belongs to several lines."""
    underneath: str
    """Of lines without colours."""
    grid: str
    highlight: str
    """Background of the highlighted line of a list."""
    good: str
    warning: str
    alarm: str

    def theme(self, name: str, *, is_dark: bool) -> Theme:
        """Return the theme."""
        return Theme(
            name, primary=self.lines[0], secondary=self.lines[2], accent=self.lines[0], warning=self.warning,
            error=self.alarm, success=self.good, foreground=self.foreground, background=self.background,
            surface=self.surface, panel=self.panel, boost=self.surface, dark=is_dark, variables=self.variables,
        )  # fmt: skip

    @property
    def variables(self) -> dict[str, str]:
        """The theme's variables: those of charts and lists, and those that Textual would mix."""
        return {
            **{f"series-{number}": line for number, line in enumerate(self.lines)},
            "muted": self.muted, "shared": self.shared, "underneath": self.underneath, "grid": self.grid,
            "highlight": self.highlight,
            "block-cursor-background": self.lines[0], "block-cursor-foreground": self.background,
            "block-cursor-blurred-background": self.highlight, "block-hover-background": self.panel,
            "footer-background": self.surface, "footer-key-foreground": self.lines[0],
            "input-selection-background": self.highlight, "screen-selection-background": self.highlight,
            "border": self.lines[0], "border-blurred": self.grid, "scrollbar": self.grid,
            "scrollbar-background": self.surface,
        }  # fmt: skip


DARK_256 = Shades(
    background="#121212", surface="#1c1c1c", panel="#262626", foreground="#e4e4e4",
    lines=("#5fafff", "#5fffaf", "#af5fff", "#ffffff"), muted="#949494",
    shared="#808080", underneath="#585858", grid="#3a3a3a",
    highlight="#303030", good="#87d787", warning="#ffaf00", alarm="#ff5f5f",
)  # fmt: skip
LIGHT_256 = Shades(
    background="#ffffff", surface="#eeeeee", panel="#dadada", foreground="#1c1c1c",
    lines=("#005fff", "#008700", "#af00af", "#000000"), muted="#626262",
    shared="#808080", underneath="#bcbcbc", grid="#dadada",
    highlight="#d7d7ff", good="#005f00", warning="#af5f00", alarm="#d70000",
)  # fmt: skip
DARK = Shades(
    background="#0f1115", surface="#171a20", panel="#20242c", foreground="#dfe3ea",
    lines=("#62b2ff", "#66f5b0", "#af5fff", "#ffffff"), muted="#949aa5",
    shared="#838995", underneath="#565c67", grid="#2f353f",
    highlight="#2a3038", good="#8ddb8c", warning="#f5a623", alarm="#ff6b68",
)  # fmt: skip
LIGHT = Shades(
    background="#fcfcfd", surface="#f0f1f4", panel="#e2e4e9", foreground="#1f2328",
    lines=("#0a5be0", "#00802b", "#a626a4", "#000000"), muted="#60666f",
    shared="#7c828c", underneath="#b9bec7", grid="#dde0e5",
    highlight="#dbe7fb", good="#11632a", warning="#a85a00", alarm="#cf222e",
)  # fmt: skip

FEW_DARK = ("ansi_bright_blue", "ansi_bright_green", "ansi_bright_magenta", "ansi_bright_white")
FEW_LIGHT = ("ansi_blue", "ansi_green", "ansi_magenta", "ansi_black")
"""Lines in the terminal's own 16 colours."""

Kind = str
"""Beginning of a theme's name: that of the number of colours of a terminal."""
TRUECOLOR, COLORS_256, COLORS_16 = "tuimove", "tuimove-256", "tuimove-16"


def _few(name: str, lines: tuple[str, str, str, str], grey: str, *, is_dark: bool) -> Theme:
    """Return a theme of the terminal's own colours: how they look is the terminal's affair."""
    on_accent = "ansi_black" if is_dark else "ansi_bright_white"
    theme = Shades(
        background="ansi_default", surface="ansi_default", panel="ansi_default", foreground="ansi_default",
        lines=lines, muted="ansi_default", shared="ansi_white" if is_dark else grey, underneath=grey, grid=grey,
        highlight="ansi_default", good=lines[1], warning="ansi_yellow", alarm="ansi_red",
    ).theme(name, is_dark=is_dark)  # fmt: skip
    return replace(theme, ansi=True, variables={
        **BUILTIN_THEMES["ansi-dark" if is_dark else "ansi-light"].variables, **theme.variables,
        "block-cursor-foreground": on_accent,
        "input-selection-background": lines[0], "input-selection-foreground": on_accent,
        "screen-selection-background": lines[0], "screen-selection-foreground": on_accent,
    })  # fmt: skip


THEMES = (
    DARK.theme(f"{TRUECOLOR}-dark", is_dark=True),
    LIGHT.theme(f"{TRUECOLOR}-light", is_dark=False),
    DARK_256.theme(f"{COLORS_256}-dark", is_dark=True),
    LIGHT_256.theme(f"{COLORS_256}-light", is_dark=False),
    _few(f"{COLORS_16}-dark", FEW_DARK, "ansi_bright_black", is_dark=True),
    _few(f"{COLORS_16}-light", FEW_LIGHT, "ansi_bright_black", is_dark=False),
)


def kind_for(color_system: str | None, *, has_few_colors: bool) -> Kind:
    """Return the kind of theme for a terminal, by what Rich says of its colours."""
    if has_few_colors or color_system in (None, "standard", "windows"):
        return COLORS_16
    return TRUECOLOR if color_system == "truecolor" else COLORS_256


class ColoredApp(App[None]):
    """An application in these colours."""

    def __init__(self, *, has_few_colors: bool = False, **settings: Any) -> None:
        super().__init__(ansi_color=has_few_colors or None, **settings)
        self.kind = kind_for(self.console.color_system, has_few_colors=has_few_colors)
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = f"{self.kind}-dark"

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Return the colours of charts in a theme that is none of these."""
        return DARK_256.variables

    def action_toggle_theme(self) -> None:
        """Switch between light and dark."""
        self.theme = f"{self.kind}-light" if self.current_theme.dark else f"{self.kind}-dark"
