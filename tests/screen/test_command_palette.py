"""The palette: an entry for each deed, with all its keys."""

from __future__ import annotations

import asyncio
from collections import Counter

from tests.support.screen_reading import ALARM, RUN, WARNING, Watching, measurement, watch
from tuimove.screen.command_palette import deed_commands
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
