"""Keys that arrive together act one after another, each on what the one before it has opened.

Textual sends a key to what has the focus when the key arrives. Of `/dist` in one write, as a slow line and a paste
deliver it, all letters would come to the chart, before `/` has opened the field that they are typed into.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterator

from textual import events
from textual.app import App
from textual.message_pump import MessagePump
from textual.widget import Widget

MOST_SECONDS = 1.0
"""Longest wait for a key's effect; then the next one acts, whatever the first still does."""
INTERRUPT = "ctrl+c"
"""Key that takes the place of all keys that wait, as at a shell."""
LOOK_SECONDS = 0.005
"""Time between two looks at whether there is nothing left to be done."""


class KeysInTurnApp(App[None]):
    """Base of the application: passes a key or a paste on when nothing of the one before is left to be done."""

    def __init__(self, **settings: object) -> None:
        super().__init__(**settings)  # type: ignore[arg-type]
        self._typed: deque[events.Key | events.Paste] = deque()
        self._turn = 0
        """Counts the keys passed on; a key whose turn is over has no say about the next."""
        self.is_acting = False
        """Whether a key's effect is being waited for."""

    async def on_event(self, event: events.Event) -> None:
        """Put what is typed into the queue; pass everything else on at once."""
        if isinstance(event, events.Key | events.Paste) and not event.is_forwarded:
            if isinstance(event, events.Key) and event.key == INTERRUPT:
                self._typed.clear()
            self._typed.append(event)
            await self._begin()
        else:
            await super().on_event(event)

    def simulate_key(self, key: str) -> None:
        """Have a key act next, before what was typed behind the one that acts now."""
        self._typed.appendleft(events.Key(key, None))
        self.post_message(events.Callback(self._begin))

    async def _begin(self) -> None:
        if not self.is_acting:
            await self._act()

    async def _act(self) -> None:
        """Pass on what was typed first, and wait for the end of its effect."""
        self._turn += 1
        self.is_acting = bool(self._typed)
        if self.is_acting:
            loop, turn = asyncio.get_running_loop(), self._turn
            await super().on_event(self._typed.popleft())
            loop.call_later(MOST_SECONDS, self._end_turn, turn)
            self._follow(turn)

    def _follow(self, turn: int) -> None:
        """Go the key's way: through what has the focus, all that it lies in, and the application."""
        if turn == self._turn and self.screen_stack:
            self._pass_by(turn, iter([*(self.focused or self.screen).ancestors_with_self]))

    def _pass_by(self, turn: int, way: Iterator[MessagePump]) -> None:
        """Come to each on the way behind the key; at its end, look whether anything else waits on the screen."""
        for pump in way:
            if pump.post_message(events.Callback(lambda: self._pass_by(turn, way))):
                return
        if self._has_settled():
            self._end_turn(turn)
        else:
            loop = asyncio.get_running_loop()
            loop.call_later(LOOK_SECONDS, self._follow, turn)

    def _has_settled(self) -> bool:
        """Whether the screen on top is complete, has done what was entered, and no panel has a message to handle."""
        if not self.screen_stack:
            return True
        if getattr(self.screen, "is_entered", False):
            return False
        nodes = self.screen.walk_children(Widget, with_self=True)
        return all(one.is_mounted and not one.message_queue_size for one in nodes)

    def _end_turn(self, turn: int) -> None:
        """Give the next key its turn, unless that has happened."""
        if turn == self._turn:
            self.post_message(events.Callback(self._act))
