"""The help: what can be done, in two columns of deeds, made from the bindings."""

from __future__ import annotations

import pytest

from tests.support.screen_reading import RUN, Watching, measurement, watch

SOME = [measurement(epoch) for epoch in range(0, 500, 10)]


def test_all_deeds_of_a_run_fit_on_a_screen_of_80_by_24() -> None:
    async def body(watching: Watching) -> None:
        await watching.tell(RUN, *SOME)
        text = await watching.press("question_mark")
        for words in ("Steer", "See", "Leave", "Chart", "Other panels", "Anywhere", "halve or double the rate",
                      "save the screen as SVG", "pick another preset", "quit, the run goes on",
                      "walk through the findings"):  # fmt: skip
            assert words in text
        assert await watching.press("j") == text, "nothing is left to scroll to"

    watch(body, (80, 24))


def test_in_a_narrow_window_the_deeds_stand_in_one_column_and_scroll() -> None:
    async def body(watching: Watching) -> None:
        await watching.tell(RUN, *SOME)
        seen = text = await watching.press("question_mark")
        for _ in range(80):
            text = await watching.press("j")
            seen += text
        assert "halve or double the rate" in seen
        assert "save the screen as SVG" in text
        assert all(len(line) <= 40 for line in text.splitlines())

    watch(body, (40, 12))


@pytest.mark.parametrize("size", [(80, 24), (40, 12), (120, 40), (200, 60)])
def test_the_help_follows_the_size_of_the_window(size: tuple[int, int]) -> None:
    async def body(watching: Watching) -> None:
        await watching.tell(RUN, *SOME)
        await watching.press("question_mark")
        text = await watching.resize(*size)
        steer = next(line for line in text.splitlines() if "Steer" in line)
        assert ("Chart" in steer) == (size[0] >= 80)

    watch(body, (100, 30))
