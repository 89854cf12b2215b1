"""Screens and panels that do nothing once they are gone, whatever was still on its way to them.

Several keys may arrive in one write: the first closes a screen, and the rest, its timers, its messages and what it put
off until the next frame come after its panels have been removed.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from textual.message_pump import MessagePump
from textual.screen import Screen
from textual.timer import Timer
from textual.widget import Widget

ALWAYS = "on_unmount"
"""The handler that closes what was opened, called when the panels have gone."""
AT_FIRST = "on_mount"
"""The handler that is called before a screen counts as open; its panels are there unless it was closed before."""


class WhileOpen(MessagePump):
    """The first base of every screen and panel: its handlers, actions and deferred calls do nothing unless it is open.

    It wraps each `on_...` and `action_...` method of its subclasses, so that none can be forgotten.
    """

    def __init_subclass__(cls, **settings: Any) -> None:
        super().__init_subclass__(**settings)
        for name, method in [*vars(cls).items()]:
            if name.startswith(("on_", "action_")) and name != ALWAYS and callable(method):
                setattr(cls, name, _only_while("is_wanted" if name == AT_FIRST else "is_open", method))

    @property
    def is_wanted(self) -> bool:
        """Whether it is part of a screen that is shown or covered by another."""
        if not (isinstance(self, Widget) and self.is_attached):
            return False
        return next((one for one in self.ancestors_with_self if isinstance(one, Screen)), None) in self.app.screen_stack

    @property
    def is_open(self) -> bool:
        """Whether it is complete, too."""
        return isinstance(self, Widget) and self.is_mounted and self.is_wanted

    def call_after_refresh(self, callback: Callable[..., Any], *args: Any, **named: Any) -> bool:
        """Call after the next frame, where this is open then."""
        return super().call_after_refresh(self._guarded(callback), *args, **named)

    def call_later(self, callback: Callable[..., Any], *args: Any, **named: Any) -> bool:
        """Call after the messages that wait, where this is open then."""
        return super().call_later(self._guarded(callback), *args, **named)

    def set_timer(self, delay: float, callback: Callable[..., Any] | None = None, **named: Any) -> Timer:
        """Call after some seconds, where this is open then."""
        return super().set_timer(delay, callback and self._guarded(callback), **named)

    def set_interval(self, interval: float, callback: Callable[..., Any] | None = None, **named: Any) -> Timer:
        """Call every so many seconds while this is open."""
        return super().set_interval(interval, callback and self._guarded(callback), **named)

    def _guarded(self, callback: Callable[..., Any]) -> Callable[..., Any]:
        """Return a callback that does nothing unless this is open; Textual's own are left as they are."""
        if getattr(callback, "__module__", "").startswith("textual."):
            return callback

        @wraps(callback)
        def call(*args: Any, **named: Any) -> Any:
            return callback(*args, **named) if self.is_open else None

        return call


def _only_while(condition: str, method: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(method)
    def call(self: WhileOpen, *args: Any, **named: Any) -> Any:
        return method(self, *args, **named) if getattr(self, condition) else None

    return call
