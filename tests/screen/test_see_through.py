"""Dialogues: the screen under them stays to be seen, as it is."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from textual.app import App
from textual.strip import Strip

from tests.support.key_bursts import SPOTS, typing
from tests.support.waiting import until
from tuimove.screen.help import HelpScreen
from tuimove.screen.page_screens import PageList

TRAINING = next(spot for spot in SPOTS if spot.name == "a training run")


def _lines(app: App[None]) -> list[Strip]:
    return app.screen._compositor.render_strips()


@pytest.mark.parametrize("keys", [("question_mark",), ("question_mark", "enter")], ids=["one", "one above another"])
def test_what_is_beside_a_dialogue_looks_as_before(keys: tuple[str, ...], runs: Path) -> None:
    async def body() -> None:
        async with typing(TRAINING, runs, (160, 40)) as typed:
            before = _lines(typed.app)
            await typed.type(*keys)
            assert isinstance(typed.app.screen, HelpScreen | PageList)
            after = _lines(typed.app)
            assert [len(line.text) for line in after] == [160] * 40
            for old, new in zip(before, after, strict=True):
                for start in (0, 150):  # the columns left and right of it
                    old_end, new_end = old.crop(start, start + 10), new.crop(start, start + 10)
                    assert new_end.text == old_end.text
                    colors = [[(one.style and (one.style.color, one.style.bgcolor)) for one in end.simplify()]
                              for end in (old_end, new_end)]  # fmt: skip
                    assert colors[0] == colors[1]

    asyncio.run(body())


def test_a_dialogue_fills_a_window_that_the_screen_under_it_has_not_been_fitted_to(runs: Path) -> None:
    async def body() -> None:
        async with typing(TRAINING, runs, (80, 24)) as typed:
            await typed.type("question_mark")
            typed.resize(120, 40)
            await until(lambda: [line.cell_length for line in _lines(typed.app)] == [120] * 40, "whole lines")

    asyncio.run(body())
