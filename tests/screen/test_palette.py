"""The colours: as chosen on the terminals that they are chosen for, and told apart with any colour vision."""

from __future__ import annotations

import asyncio
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from rich.color import Color, ColorSystem
from textual.theme import Theme

from tests.support.key_bursts import SPOTS, Spot, typing
from tuimove.screen.palette import COLORS_16, COLORS_256, THEMES, TRUECOLOR, kind_for

VISIONS = {
    "usual": np.eye(3),
    "without red": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "without green": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]],
    "without blue": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.3039]],
}
"""Matrices that act on linear RGB, of Machado, Oliveira and Fernandes (2009), severity 1."""
TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.072175], [0.0193339, 0.119192, 0.9503041]]
)
LEAST_APART = 18.0
"""Least distance of two lines' colours in CIELAB; 2.3 is just noticeable side by side."""
COLORED = [theme for theme in THEMES if not theme.ansi]


def linear(color: str) -> np.ndarray:
    channels = np.array([int(color[start : start + 2], 16) for start in (1, 3, 5)]) / 255
    return np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)


def lab(color: str, vision: str = "usual") -> np.ndarray:
    seen = np.clip(np.array(VISIONS[vision]) @ linear(color), 0, 1)
    ratios = np.cbrt(TO_XYZ @ seen / TO_XYZ.sum(axis=1))
    return np.array([116 * ratios[1] - 16, 500 * (ratios[0] - ratios[1]), 200 * (ratios[1] - ratios[2])])


def lines_of(theme: Theme) -> list[str]:
    return [theme.variables[f"series-{number}"] for number in range(4)]


def contrast(color: str, background: str) -> float:
    lower, upper = sorted(float(TO_XYZ[1] @ linear(one)) for one in (color, background))
    return (upper + 0.05) / (lower + 0.05)


@pytest.mark.parametrize("vision", VISIONS)
@pytest.mark.parametrize("theme", COLORED, ids=lambda theme: theme.name)
def test_lines_are_told_apart_with_any_colour_vision(theme: Theme, vision: str) -> None:
    for one, other in combinations(lines_of(theme), 2):
        assert np.linalg.norm(lab(one, vision) - lab(other, vision)) >= LEAST_APART, (one, other)


@pytest.mark.parametrize("theme", COLORED, ids=lambda theme: theme.name)
def test_lines_and_findings_stand_out_and_no_line_looks_like_a_finding(theme: Theme) -> None:
    findings = [str(theme.warning), str(theme.error)]
    for color in (*lines_of(theme), *findings):
        assert contrast(color, str(theme.background)) >= 4.5, color
    for line in lines_of(theme):
        assert all(np.linalg.norm(lab(line) - lab(finding)) >= 40 for finding in findings), line


@pytest.mark.parametrize("theme", [theme for theme in THEMES if COLORS_256 in theme.name], ids=lambda theme: theme.name)
def test_a_terminal_of_256_colours_shows_the_colours_that_were_chosen(theme: Theme) -> None:
    """All but light greys, which Rich gives a step darker."""
    chosen = {theme.background, theme.warning, theme.error, theme.success, *lines_of(theme),
              *(theme.variables[name] for name in ("muted", "shared", "underneath", "grid", "highlight"))}  # fmt: skip
    for color in chosen:
        red, green, blue = Color.parse(str(color)).get_truecolor()
        shown = Color.parse(str(color)).downgrade(ColorSystem.EIGHT_BIT).get_truecolor()
        is_light_grey = red == green == blue and 0x94 < red < 0xFF
        assert tuple(shown) == (red, green, blue) or (is_light_grey and len(set(shown)) == 1), color


def test_a_terminal_gets_the_colours_that_it_has() -> None:
    assert kind_for("truecolor", has_few_colors=False) == TRUECOLOR
    assert kind_for("256", has_few_colors=False) == COLORS_256
    assert kind_for("standard", has_few_colors=False) == COLORS_16
    assert kind_for("truecolor", has_few_colors=True) == COLORS_16
    names = {theme.name for theme in THEMES}
    assert {f"{kind}-{shade}" for kind in (TRUECOLOR, COLORS_256, COLORS_16) for shade in ("dark", "light")} == names


@pytest.mark.parametrize("spot", [spot for spot in SPOTS if not spot.way], ids=lambda spot: spot.name)
def test_another_theme_leaves_nothing_in_the_colours_of_the_one_before(spot: Spot, runs: Path) -> None:
    dark, light = (next(one for one in THEMES if one.name == f"{COLORS_256}-{shade}") for shade in ("dark", "light"))
    gone = {str(dark.foreground), str(dark.background), *lines_of(dark)} - {str(light.background), *lines_of(light)}

    async def body() -> None:
        async with typing(spot, runs, (120, 40)) as typed:
            for theme in (dark, light):
                typed.app.theme = theme.name
                await typed.rest()
            strips = typed.app.screen._compositor.render_strips()
            styles = {segment.style for strip in strips for segment in strip if segment.style and segment.text.strip()}
            colors = {one.name for style in styles for one in (style.color, style.bgcolor) if one}
            assert not colors & gone

    asyncio.run(body())
