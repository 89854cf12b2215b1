"""The list of findings as a person reads and filters it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from textual.widgets import Input

from tests.support.screen_reading import ALARM, END, NOTICE, RUN, WARNING, Watching, measurement, watch
from tuimove.diagnosis.finding import NOTHING_TO_DO
from tuimove.screen.filter_line import FilterField

SOME = [measurement(epoch) for epoch in range(0, 501, 100)]
QUIET = [replace(NOTICE, epoch=epoch, message=f"Seen at {epoch}.", advice=NOTHING_TO_DO) for epoch in (100, 200, 300)]


def flat(text: str) -> str:
    return " ".join(text.split())


def test_the_sentence_comes_first_then_the_advice_and_the_numbers_last() -> None:
    async def body(watching: Watching) -> None:
        text = flat(await watching.tell(RUN, *SOME, ALARM))
        entry = "✖ alarm The distance fell by 3.25. Lower the learning rate. "
        assert entry + "(epoch 500, W1: distance_falling 3.2500, limit 2.0000)" in text

    watch(body, (200, 60))


def test_notices_that_need_nothing_are_one_line_until_they_are_asked_for() -> None:
    """Below what needs something; a filter finds them, and choosing one moves the chart's cursor."""

    async def body(watching: Watching) -> None:
        text = await watching.tell(RUN, *SOME, *QUIET, NOTICE, ALARM)
        assert text.index("✖ alarm") < text.index("The norm grew") < text.index("3 notices that need nothing")
        assert "Seen at" not in text
        text = await watching.press("5", "end", "enter")
        assert all(f"Seen at {epoch}" in text for epoch in (100, 200, 300))
        await watching.press("end")
        assert "epoch 100  W2" in await watching.press("1")
        await watching.press("5", "home", "down", "down", "enter")
        assert "Seen at" not in await watching.read()
        assert "Seen at 200" in await watching.press("slash", *"at 200")

    watch(body, (120, 60))


@pytest.mark.parametrize(("size", "is_whole"), [((120, 40), True), ((80, 24), True), ((40, 12), False)])
def test_what_the_end_remarks_is_one_line_above_the_findings(size: tuple[int, int], is_whole: bool) -> None:
    """It tells what they lack, as the text that it is."""
    remark = "12 of 20 looks [bold red]left out[/]: they are slow"

    async def body(watching: Watching) -> None:
        assert "remark" not in await watching.tell(RUN, *SOME, ALARM)
        text = await watching.tell(replace(END, remark=remark))
        text = await watching.press("5")
        line = next(line for line in text.splitlines() if "remark" in line)
        assert remark in line if is_whole else line.rstrip().endswith("…")
        assert "12 of 20 looks [bold" in line
        assert text.index("remark") < text.index("✖ alarm")
        await watching.press("home", "enter")
        assert size[0] < 120 or "epoch 500  W1" in await watching.press("1")
        assert "remark" not in await watching.tell(measurement(1010))

    watch(body, size)


def test_the_worst_is_counted_in_the_header_in_its_colour() -> None:
    async def body(watching: Watching) -> None:
        assert "alarm" not in (await watching.tell(RUN, *SOME, *QUIET)).splitlines()[0]
        assert "▲ 1 warning" in (await watching.tell(WARNING)).splitlines()[0]
        first = (await watching.tell(ALARM, replace(ALARM, epoch=510))).splitlines()[0]
        assert "✖ 2 alarms" in first
        segments = [
            segment for segment in watching.app.screen._compositor.render_strips()[0] if "alarm" in segment.text
        ]
        color = segments[0].style.color if segments[0].style else None
        assert color is not None
        red, green, blue = color.get_truecolor()
        assert red > max(green, blue)

    watch(body)


@pytest.mark.parametrize("size", [(40, 12), (80, 24), (110, 32), (120, 40), (200, 60)])
def test_the_filter_shows_its_text_its_placeholder_its_cursor_and_its_keys(size: tuple[int, int]) -> None:
    async def body(watching: Watching) -> None:
        await watching.tell(RUN, *SOME, ALARM)
        text = await watching.press("slash")
        assert "rule, matrix, severity" in text
        last = text.splitlines()[-1]
        assert "enter go to the list" in last
        assert "esc no filter" in last
        text = await watching.press(*"fell")
        field = watching.dashboard.query_one("FindingsPane FilterField", FilterField)
        row = text.splitlines()[field.content_region.y]
        assert row[field.content_region.x :].startswith("fell")
        assert row[: field.content_region.x].strip() == "filter:", "the label stays"
        assert isinstance(field, Input)
        assert field.content_size.height == 1
        assert field.cursor_screen_offset.y == field.content_region.y, "the cursor is in the row of the text"
        assert field.content_region.contains(*field.cursor_screen_offset)
        assert "fell" in await watching.press("enter"), "the filter stays"
        assert "The distance fell" in await watching.press("escape")
        text = flat(await watching.press("slash", *"xyz"))
        assert "no finding matches 'xyz': esc clears the filter" in text

    watch(body, size)


def test_a_sentence_that_doesnt_fit_goes_on_below_itself() -> None:
    async def body(watching: Watching) -> None:
        long = replace(ALARM, message=f"The distance {'fell and ' * 12}fell.")
        await watching.tell(RUN, *SOME, long)
        text = await watching.press("5")
        lines = [line for line in text.splitlines() if "fell" in line]
        assert len(lines) > 1
        assert all(line.startswith(" " * 11 + "fell") or "alarm" in line for line in lines)
        assert "✖ alarm  The" in await watching.resize(40, 12)

    watch(body, (80, 24))
