"""The footer at every width: steering first, whole entries, each action once."""

from __future__ import annotations

import re

import pytest

from tests.support.screen_reading import RUN, Watching, measurement, watch
from tuimove.screen.one_run.dashboard import Dashboard

SOME = [measurement(epoch) for epoch in range(0, 500, 10)]
FIRST = {
    (40, 12): "space pause  [ ] rate  ? help  q quit",
    (80, 24): "space pause  [ ] rate  d background  1-5 panels  ? help",
    (120, 40): "space pause  [ ] rate  d background    1-5 panels  ? help    v quantity  m matrix  x log x",
    (200, 60): "space pause  [ ] rate  d background    1-5 panels  ? help    v quantity  m matrix  x log x",
}


@pytest.mark.parametrize("size", FIRST)
def test_the_footer_begins_with_steering_and_fits(size: tuple[int, int]) -> None:
    async def body(watching: Watching) -> None:
        *_, last = (await watching.tell(RUN, *SOME)).splitlines()
        assert last.strip().startswith(FIRST[size])
        assert len(last) == size[0]

    watch(body, size)


@pytest.mark.parametrize("key", ["3", "4", "5", "2"])
@pytest.mark.parametrize("size", [(40, 12), (80, 24)])
def test_no_action_stands_there_twice(key: str, size: tuple[int, int]) -> None:
    async def body(watching: Watching) -> None:
        await watching.tell(RUN, *SOME)
        *_, last = (await watching.press(key)).splitlines()
        words = re.split(r" {2,}", last.strip())
        assert len(words) == len(set(words)), last
        assert "space pause" in words
        assert "? help" in words

    watch(body, size)


def test_a_click_on_an_entry_presses_its_key() -> None:
    async def body(watching: Watching) -> None:
        *_, last = (await watching.tell(RUN, *SOME)).splitlines()
        await watching.pilot.click("KeyLine", offset=(last.index("panels"), 0))
        await watching.pilot.click("KeyLine", offset=(last.index("help"), 0))
        assert "╭─ keys" in await watching.read()
        await watching.press("escape")
        assert isinstance(watching.app.screen, Dashboard)

    watch(body, (80, 24))
