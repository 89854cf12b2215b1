"""The list of runs: the highlighted line is plain from end to end."""

from __future__ import annotations

import asyncio

import pytest
from rich.segment import Segment
from textual.app import ComposeResult

from tests.support.screen_reading import settle
from tuimove.recording.reading.outline import RunOutline
from tuimove.screen.many_runs.run_list import Listing, RunList
from tuimove.screen.palette import ColoredApp
from tuimove.screen.sources.board import outlines_for


class ListApp(ColoredApp):
    """Holds nothing but a list."""

    def compose(self) -> ComposeResult:
        yield RunList("braille")


def rows_of(*, has_few_colors: bool = False) -> list[list[Segment]]:
    """Return the segments of the heading and of three runs, the first of them highlighted."""
    runs = [RunOutline(f"seed={seed}", outlines_for(3), epochs=100) for seed in range(3)]

    async def run() -> list[list[Segment]]:
        app = ListApp(has_few_colors=has_few_colors)
        async with app.run_test(size=(100, 10)) as pilot:
            runs_list = app.query_one(RunList)
            runs_list.focus()
            runs_list.show(Listing(runs, range(3), {0: 0, 1: 1}))
            await settle(pilot)
            runs_list.redraw()
            return [list(strip) for strip in runs_list._strips]

    return asyncio.run(run())


def look_of(segment: Segment) -> tuple[object, bool]:
    """Return what makes a line stand out: its background, or that it is underlined."""
    assert segment.style
    return segment.style.bgcolor, bool(segment.style.underline)


@pytest.mark.parametrize("no_color", [False, True])
def test_the_highlighted_run_has_one_background_and_nothing_reversed_in_part(
    monkeypatch: pytest.MonkeyPatch, no_color: bool
) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setattr("textual.constants.COLOR_SYSTEM", "256")
    if no_color:
        monkeypatch.setenv("NO_COLOR", "1")
    _, highlighted, other, *_ = rows_of(has_few_colors=no_color)
    looks = {look_of(segment) for segment in highlighted if segment.style}
    assert len(looks) == 1, "from end to end"
    assert sum(len(segment.text) for segment in highlighted) == 100
    assert looks != {look_of(segment) for segment in other if segment.style}
    assert not any(segment.style.reverse for segment in (*highlighted, *other) if segment.style)
