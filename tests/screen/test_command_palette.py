"""The palette: an entry for each deed, with all its keys."""

from __future__ import annotations

import asyncio
from collections import Counter

from tests.support.key_bursts import type_at_once
from tests.support.screen_reading import ALARM, RUN, WARNING, Watching, measurement, screen_text, watch
from tests.support.waiting import until
from tuimove.screen.command_palette import Commands, deed_commands
from tuimove.screen.drawing.chart import Chart
from tuimove.screen.help import HelpScreen
from tuimove.screen.one_run.findings import FindingList


def test_every_deed_stands_once_with_all_its_keys_and_does_what_they_do() -> None:
    async def body(watching: Watching) -> None:
        await watching.tell(RUN, measurement(0), measurement(10), ALARM, WARNING)
        commands = {command.title: command for command in deed_commands(watching.app, watching.app.screen)}
        deeds = Counter(title.partition("  ")[0] for title in commands)
        assert set(deeds.values()) == {1}
        assert "Quit  q ^c" in commands
        entries = watching.dashboard.query_one(FindingList)
        before = entries.highlighted
        await commands["Findings: walk through the findings  j k"].callback()
        await asyncio.sleep(0)
        assert entries.highlighted != before

    watch(body)


def test_enter_right_behind_a_text_does_what_the_whole_text_matches_or_nothing() -> None:
    async def body(watching: Watching) -> None:
        app = watching.app
        await watching.tell(RUN, measurement(0), measurement(10))
        shown = watching.dashboard.query_one(Chart).border_title
        for text in ("quxx", "zzz", "pausezz"):
            type_at_once(app, "colon", *text, "enter")
            await until(lambda: "No matches found" in screen_text(app), "no match")
            assert isinstance(app.screen, Commands)
            assert not watching.worker.controls.is_paused
            await watching.press("escape")
        assert watching.dashboard.query_one(Chart).border_title == shown
        type_at_once(app, "colon", *"pause", "enter", "question_mark")
        await until(lambda: isinstance(app.screen, HelpScreen), "the key after it acts on the screen")
        assert watching.worker.controls.is_paused

    watch(body)


def test_a_quantity_is_charted_by_its_name() -> None:
    async def body(watching: Watching) -> None:
        await watching.tell(RUN, measurement(0), measurement(10))
        type_at_once(watching.app, "colon", *"training", "space", *"loss", "enter")
        await until(lambda: "Training loss [nats]" in screen_text(watching.app), "the loss on the chart")

    watch(body)
