"""Keys that arrive in one write, one of which closes the screen: what is still on its way to it does nothing.

`python -m tests.faults pairs typing` tries every pair of keys of every screen, and random ones as long as one likes.
"""

from __future__ import annotations

import ast
import asyncio
import importlib
import inspect
from itertools import pairwise
from pathlib import Path

import pytest
from textual.app import App
from textual.dom import DOMNode
from textual.widget import Widget

from tests.support.key_bursts import SIZES, SPOTS, Spot, type_at_random, typing, walk
from tuimove.screen.keys_in_turn import KeysInTurnApp
from tuimove.screen.leave_question import LeaveQuestion
from tuimove.screen.while_open import WhileOpen

ROOT = Path(__file__).parents[2]
MODULES = sorted((ROOT / "tuimove" / "screen").rglob("*.py"))
DEFERRING = {
    "call_next",
    "call_from_thread",
    "call_later",
    "call_after_refresh",
    "set_timer",
    "set_interval",
    "run_worker",
}
LEADING = {"a training run": (("1", "p"), ("3", "r"), ("tab", "p"), ("2", "q"), ("question_mark", "escape")),
           "a recorded run": (("1", "p"), ("slash", "p")), "a run out of many": (("2", "escape"), ("enter", "p")),
           "an experiment": (("2", "p"), ("slash", "escape"), ("1", "question_mark")),
           "the picker": (("enter", "enter"), ("j", "e"), ("e", "escape")),
           "the help": (("enter", "escape"), ("escape", "escape"), ("ctrl+p", "escape")),
           "the question before leaving": (("q", "q"), ("S", "q"), ("escape", "p"), ("z", "z"), ("b", "question_mark")),
           "the form": (("enter", "escape"), ("escape", "enter"))}  # fmt: skip
"""Keys of which the first puts something off, or the last closes the screen."""


@pytest.mark.parametrize("in_turn", [True, False], ids=["in turn", "before the one before is done"])
@pytest.mark.parametrize("spot", [spot for spot in SPOTS if spot.name in LEADING], ids=lambda spot: spot.name)
def test_what_was_put_off_does_nothing_on_a_screen_that_was_closed(
    spot: Spot, in_turn: bool, runs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not in_turn:  # as keys come when one takes longer than others wait for it
        monkeypatch.setattr(KeysInTurnApp, "on_event", App.on_event)

    async def body() -> None:
        for place, keys in enumerate(LEADING[spot.name]):
            async with typing(spot, runs, SIZES[place % 2]) as app:
                await app.type(*keys)

    asyncio.run(body())


def test_the_question_before_leaving_is_among_the_screens(runs: Path) -> None:
    async def body() -> None:
        async with typing(next(spot for spot in SPOTS if spot.is_old), runs, SIZES[0]) as app:
            assert isinstance(app.app.screen, LeaveQuestion)
            assert {"q", "b", "S", "ctrl+c"} <= {*app.keys}

    asyncio.run(body())


@pytest.mark.parametrize("seed", range(2))
def test_keys_at_random_with_resizes_between_end_no_screen(seed: int, runs: Path) -> None:
    asyncio.run(type_at_random(seed, runs, 50))


def test_a_walk_has_every_pair_of_keys_once() -> None:
    path = walk("abcd")
    pairs = list(pairwise(path))
    assert len(pairs) == len({*pairs}) == 16


def _classes(path: Path) -> list[type]:
    name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
    found = inspect.getmembers(importlib.import_module(name), inspect.isclass)
    return [one for _, one in found if one.__module__ == name]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_every_screen_and_panel_does_nothing_once_it_has_gone(path: Path) -> None:
    nodes = [one for one in _classes(path) if issubclass(one, Widget) and one.__module__ != WhileOpen.__module__]
    own = [one for one in nodes if any(name.startswith(("on_", "action_")) for name in vars(one))]
    assert [one.__name__ for one in own if one.__mro__.index(WhileOpen) > one.__mro__.index(DOMNode)] == []


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_only_screens_and_panels_put_anything_off(path: Path) -> None:
    """Each through itself, so that the call is dropped when it has gone; a thread reaches a screen by no call."""
    calls = [node.func for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]
    found = [call for call in calls if isinstance(call, ast.Attribute) and call.attr in DEFERRING]
    bare = [ast.unparse(call) for call in found if ast.unparse(call.value) not in ("self", "super()")]
    # the application closes by the first; a dashboard's own, twice; the loop's, for the next frame
    known = ("app.call_later", "new.call_after_refresh", "screen.call_after_refresh", "loop.call_later")
    assert [call for call in bare if call not in known] == []
