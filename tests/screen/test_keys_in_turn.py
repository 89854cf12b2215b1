"""Keys of one write: each acts on what the one before it has opened."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from textual import events
from textual.widgets import Input, OptionList

from tests.support.key_bursts import SPOTS, type_at_once, typing
from tests.support.screen_reading import screen_text
from tests.support.waiting import until
from tuimove.screen import keys_in_turn
from tuimove.screen.form import PresetForm
from tuimove.screen.one_run.dashboard import Dashboard
from tuimove.screen.picker import Picker

SPOT = {spot.name: spot for spot in SPOTS}


@pytest.mark.parametrize(
    ("where", "keys"),
    [
        ("a training loop", ("slash", "dist")),
        ("a training run", ("colon", "quit")),
        ("an experiment", ("slash", "pdq")),
        ("the picker", ("e", "50")),
        ("the help", ("slash", "dist")),
    ],
)
def test_letters_in_the_write_that_opens_a_field_are_typed_into_it(
    where: str, keys: tuple[str, str], runs: Path
) -> None:
    async def body() -> None:
        async with typing(SPOT[where], runs, (120, 40)) as app:
            await app.type(keys[0], *keys[1])
            field = app.app.focused
            assert isinstance(field, Input), screen_text(app.app)
            assert field.value == keys[1]

    asyncio.run(body())


def test_a_second_return_in_the_same_write_begins_no_second_run(runs: Path) -> None:
    async def body() -> None:
        async with typing(SPOT["the picker"], runs, (120, 40)) as app:
            await app.type("enter", "enter")
            assert len(app.app.begun) == 1
            assert isinstance(app.app.screen, Dashboard)

    asyncio.run(body())


def test_a_paste_comes_into_the_field_that_a_key_before_it_has_opened(runs: Path) -> None:
    async def body() -> None:
        async with typing(SPOT["the picker"], runs, (120, 40)) as app:
            type_at_once(app.app, "e")
            app.app.post_message(events.Paste("75"))
            await app.rest()
            assert isinstance(app.app.screen, PresetForm)
            assert isinstance(app.app.focused, Input)
            assert app.app.focused.value == "75"

    asyncio.run(body())


def test_a_key_whose_effect_never_ends_holds_up_the_others_for_a_moment_only(
    runs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keys_in_turn, "MOST_SECONDS", 0.02)

    async def body() -> None:
        async with typing(SPOT["the picker"], runs, (120, 40)) as app:
            presets = app.app.focused
            assert isinstance(presets, OptionList)
            first = presets.highlighted or 0
            with monkeypatch.context() as patch:
                patch.setattr(type(app.app), "_has_settled", lambda _: False)
                type_at_once(app.app, "down", "down", "down")
                await until(lambda: presets.highlighted == first + 3, "three lines further down")

    asyncio.run(body())


def test_keys_typed_while_a_screen_is_opening_wait_for_it(runs: Path) -> None:
    async def body() -> None:
        async with typing(SPOT["the picker"], runs, (120, 40)) as app:
            await app.type("down", "down")
            there = app.app.screen.query_one(OptionList).highlighted
            app.app._show_alone(Picker())
            await app.type("down", "down")
            assert app.app.screen.query_one(OptionList).highlighted == there

    asyncio.run(body())


def test_an_interrupt_takes_the_place_of_keys_that_wait(runs: Path) -> None:
    async def body() -> None:
        async with typing(SPOT["the picker"], runs, (120, 40)) as app:
            type_at_once(app.app, "down", "e", "5", "ctrl+c")
            await until(lambda: app.app._exit, "the end")
            assert isinstance(app.app.screen, Picker)

    asyncio.run(body())
