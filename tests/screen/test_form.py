"""The form of a preset: walked with the arrows, its choices by left and right, its mistakes told while one types."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable

import pytest
from textual.pilot import Pilot

from tests.support.screen_reading import opened, screen_text, settle
from tuimove.runs.run_options import RunOptions
from tuimove.screen.app import ScreenOptions, TuimoveApp
from tuimove.screen.drawing.raster import Glyphs
from tuimove.screen.form import PresetForm, check_fields, check_memory
from tuimove.screen.one_run.dashboard import Dashboard
from tuimove.screen.preset_words import KEY_WORDS
from tuimove.screen.sources.trained_run import TrainingThread
from tuimove.settings.preset_reading import load_preset

Press = Callable[..., Awaitable[str]]


def fill_in(
    body: Callable[[TuimoveApp, Press], Awaitable[None]], size: tuple[int, int] = (80, 24), glyphs: Glyphs = "braille"
) -> None:
    async def run() -> None:
        app = TuimoveApp(None, RunOptions(), ScreenOptions(glyphs=glyphs))
        async with opened(app, size) as pilot:
            await body(app, pressing(app, pilot))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TrainingThread, "start", lambda _: None)
        asyncio.run(run())


def pressing(app: TuimoveApp, pilot: Pilot[None]) -> Press:
    async def press(*keys: str) -> str:
        await pilot.press(*keys)
        await settle(pilot)
        return screen_text(app)

    return press


@pytest.mark.parametrize("size", [(40, 12), (80, 24), (120, 40)])
def test_every_field_has_a_name_in_plain_words(size: tuple[int, int]) -> None:
    async def body(_app: TuimoveApp, press: Press) -> None:
        text = await press("e")
        names = ("neurons", "activation", "start", "learning rate", "epochs", "seed", "measure every")
        assert all(name in text for name in names)
        assert "↑ ↓ walk" in text
        assert ("network.hidden" in text) == (size[0] >= 80)
        assert "a whole number from 1" in text
        assert not re.search(r"from 1 {1,3}network", text), "hint and key stand apart"
        assert ("│ ← → choose " in await press("down")) == (size[0] < 80)
        assert "enter train" in text.splitlines()[-1]

    fill_in(body, size)


def test_arrows_are_words_where_only_ascii_is_shown() -> None:
    """`^ v` would be Ctrl and a letter."""

    async def body(_app: TuimoveApp, press: Press) -> None:
        assert "uniform start +-0.5" in await press("j")
        text = await press("e")
        assert "up down walk, left right choose" in text
        assert "left right choose" in text
        assert "up down walk" in text.splitlines()[-1]
        help_lines = await press("f1")
        assert text.isascii()
        assert help_lines.isascii()
        assert re.search(r" left +take the previous", help_lines)
        assert not re.search(r"[~<>]|\^(?![a-z])", text + help_lines)

    fill_in(body, glyphs="ascii")


def test_choices_are_walked_by_left_and_right() -> None:
    async def body(app: TuimoveApp, press: Press) -> None:
        assert "← relu →" in await press("e", "down")
        assert "← leaky_relu →" in await press("right")
        assert "← sigmoid →" in await press("left", "left")
        assert "← tanh →" in await press("t")
        assert "← normal →" in await press("down", "right")
        await press("up", "up", "backspace", "backspace", "7", "enter")
        assert isinstance(app.screen, Dashboard)
        network = app.screen.state.preset.network
        assert (network.hidden, network.activation, network.init) == (7, "tanh", "normal")

    fill_in(body)


def test_a_mistake_names_its_field_in_plain_words_and_nothing_is_trained() -> None:
    async def body(app: TuimoveApp, press: Press) -> None:
        text = await press("e", "backspace", "backspace", *"abc")
        assert "neurons: a whole number from 1, not 'abc'" in text, "before enter"
        assert "network.hidden = " not in text
        await press("down", "enter")
        assert isinstance(app.screen, PresetForm)
        assert "neurons: " not in await press("backspace", "backspace", "backspace", "5"), "the field has the focus"
        await press("enter")
        assert isinstance(app.screen, Dashboard)

    fill_in(body)


def test_a_network_too_large_for_memory_is_told_in_the_form_once_it_is_sent() -> None:
    async def body(app: TuimoveApp, press: Press) -> None:
        assert "GiB" not in await press("e", *["9"] * 12)
        text = await press("down", "enter")
        assert isinstance(app.screen, PresetForm)
        assert re.search(r"neurons: needs over 1,000,000 GiB of memory, and [\d.]+ GiB are free", text)
        assert "GiB" not in await press(*["backspace"] * 14, "7"), "the field has the focus"
        await press("enter")
        assert isinstance(app.screen, Dashboard)

    fill_in(body)


def test_a_mistake_keeps_the_advice_of_the_check() -> None:
    typed = {"network.hidden": "", "training.epochs": "1,000", "training.learning_rate": "-1"}
    typed |= {"training.seed": "1.5", "measure.every": "0"}
    mistakes = check_fields(load_preset("quick-look"), typed).mistakes
    assert mistakes["network.hidden"] == "neurons: a whole number from 1, and nothing is typed there"
    assert mistakes["training.epochs"].startswith("epochs: a whole number from 1, not '1,000'; write 1000")
    assert mistakes["training.learning_rate"] == "learning rate: a number above 0, not '-1'"
    assert mistakes["training.seed"] == "seed: a whole number from 0, not '1.5'"
    assert mistakes["measure.every"] == "measure every: epochs, 1 or more, not '0'"


@pytest.mark.parametrize("key", ["network.hidden", "training.epochs", "training.seed", "measure.every"])
@pytest.mark.parametrize("digits", [400, 5000])
def test_a_number_without_end_is_no_more_than_a_mistake(key: str, digits: int) -> None:
    checked = check_fields(load_preset("quick-look"), {key: "9" * digits})
    mistakes = check_memory(checked.preset) if checked.preset else checked.mistakes
    assert bool(mistakes) == (digits == 5000 or key in ("network.hidden", "training.epochs"))
    assert all(word.startswith(KEY_WORDS[key]) and len(word) < 160 for word in mistakes.values())


def test_the_help_of_the_form_lists_its_keys() -> None:
    async def body(app: TuimoveApp, press: Press) -> None:
        text = await press("e", "f1")
        assert "train with these settings" in text
        assert "take the previous or next choice" in text
        assert "go to the next or previous field" in text
        await press("escape")
        assert isinstance(app.screen, PresetForm)

    fill_in(body, (120, 40))
