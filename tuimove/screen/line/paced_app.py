"""An application that writes a frame when the line is free, and then only what differs from the last one."""

from __future__ import annotations

import asyncio
import curses
import math
import os
import sys
import time
from collections.abc import Sequence
from typing import Any

from rich.color import ColorSystem
from rich.console import RenderableType
from textual._compositor import Compositor
from textual._context import visible_screen_stack
from textual.app import App
from textual.driver import Driver
from textual.geometry import Size
from textual.screen import Screen
from textual.strip import Strip
from textual.widget import AwaitMount

from tuimove.screen.line.compositor import ChangedRows, MarkingCompositor
from tuimove.screen.line.driver import PacedDriver
from tuimove.screen.line.flow import LineFlow
from tuimove.screen.line.painter import Painter

LOOK_SECONDS = 0.25
"""Seconds between two looks at whether a frame that waits may be written."""
GATHER_SECONDS, MOST_GATHER_SECONDS = 0.004, 0.04
"""Seconds over which changes are gathered into a frame: a new screen is arranged three times; and the most of them."""
SLOW_BYTES, SLOW_KEY_BYTES = 1500, 4000
"""Bytes of a frame on a slow line, about, and of one after a key: the next key mustn't wait long behind it."""
SYNC_START, SYNC_END = "\x1b[?2026h", "\x1b[?2026l"
"""Between these, a terminal shows nothing of a frame until it has all of it."""


class PacedApp(App[None]):
    """Base of the application: decides when the compositor's screen reaches the terminal, and in which bytes."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(driver_class=PacedDriver, **settings)
        colors = self.console._color_system or ColorSystem.TRUECOLOR
        self._painter = Painter(colors, erases_in_color=erases_in_color())
        self._next_look: asyncio.TimerHandle | None = None
        self._behind_since = 0.0

    @property
    def line(self) -> LineFlow | None:
        """What is known of the line; None without a terminal."""
        return self._driver.flow if isinstance(self._driver, PacedDriver) else None

    def exit_soon(self) -> None:
        """Close the application, from any thread."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self.exit)

    def _build_driver(self, headless: bool, inline: bool, mouse: bool, size: tuple[int, int] | None) -> Driver:
        """Return Textual's choice of a driver; ours tells when the line is free."""
        driver = super()._build_driver(headless, inline, mouse, size)
        if isinstance(driver, PacedDriver):
            driver.tell_free, driver.tell_unknown = self._paint, lambda: self._painter.forget(*self.size)
        return driver

    def _get_screen(self, screen: Screen[Any] | str) -> tuple[Screen[Any], AwaitMount]:
        """Return a screen that is to be shown; on a terminal, its updates are drawn when the line is free."""
        found, mounted = super()._get_screen(screen)
        if isinstance(self._driver, PacedDriver) and type(found._compositor) is Compositor:
            found._compositor = MarkingCompositor()
        return found, mounted

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        """Take note of what Textual would write, and have it painted when the line is free."""
        if not isinstance(self._driver, PacedDriver):
            super()._display(screen, renderable)
            return
        if renderable is not None and not self._batch_count:
            if not self._painter.is_behind:
                self._behind_since = time.monotonic()
            self._painter.fit(*screen._compositor.size)
            self._painter.mark(renderable.rows if isinstance(renderable, ChangedRows) else None)
            self._paint_soon(GATHER_SECONDS)
        self.post_display_hook()

    def _paint_soon(self, seconds: float) -> None:
        """Look after some seconds whether to paint, unless that happens before anyway."""
        loop = asyncio.get_running_loop()
        if self._next_look is not None and self._next_look.when() <= loop.time() + seconds:
            return
        if self._next_look is not None:
            self._next_look.cancel()
        self._next_look = loop.call_later(seconds, self._paint)

    def _paint(self) -> None:
        """Write a frame if anything has changed and the line is free; look again soon if not."""
        if self._next_look is not None:
            self._next_look.cancel()
            self._next_look = None
        driver = self._driver
        if self._running and isinstance(driver, PacedDriver) and self._painter.is_behind and self._screen_stack:
            try:
                self._take_step(driver)
            except Exception as error:
                self._handle_exception(error)

    def _take_step(self, driver: PacedDriver) -> None:
        if self._is_changing():
            self._paint_soon(GATHER_SECONDS)
            return
        step = driver.flow.next_step(is_idle=driver.is_idle)
        if step == "draw":
            self._write_frame(driver)
        elif step == "ask":
            driver.ask()
        if self._painter.is_behind:
            self._paint_soon(LOOK_SECONDS)

    def _is_changing(self) -> bool:
        """Whether the screen is about to be arranged anew, so that a frame now would be wrong soon."""
        if self._batch_count:
            return True
        screen = self.screen
        if screen._layout_required and not screen.message_queue_size:
            with screen._context():
                screen._on_timer_update()  # Textual would a sixtieth of a second later
        has_more = screen._layout_required or screen.message_queue_size > 0
        return has_more and time.monotonic() - self._behind_since < MOST_GATHER_SECONDS

    def _write_frame(self, driver: PacedDriver) -> None:
        """Write what differs from the last frame."""
        is_slow, is_after_key = driver.flow.is_slow, driver.flow.has_typed
        most = (SLOW_KEY_BYTES if is_after_key else SLOW_BYTES) if is_slow else math.inf
        with self._context():
            self._painter.fit(*self.screen._compositor.size)
            frame = self._painter.frame(self._lines, most, newest_first=is_after_key)
            row, column = self._cursor_place(self.screen.outer_size)
        if frame:
            frame = f"{frame}\x1b[{row};{column}H"  # where an input method opens its window
            driver.write_frame(f"{SYNC_START}{frame}{SYNC_END}" if self._sync_available else frame)

    def _cursor_place(self, size: Size) -> tuple[int, int]:
        x, y = size.clamp_offset(self.cursor_position)
        return y + 1, x + 1

    def _lines(self, rows: set[int]) -> Sequence[Strip]:
        """Return the lines of the screen on top; only the given rows are rendered."""
        visible_screen_stack.set(self._background_screens)
        compositor = self.screen._compositor
        chops = compositor._render_chops(compositor.size.region, rows.__contains__)
        return [Strip.join(list(chop.values())) if y in rows else Strip([]) for y, chop in enumerate(chops)]


def erases_in_color() -> bool:
    """Return whether the terminal fills what is erased with the background colour, as its description says."""
    try:
        curses.setupterm(os.environ.get("TERM", "dumb"), sys.__stderr__.fileno() if sys.__stderr__ else 2)
        return curses.tigetflag("bce") == 1
    except (curses.error, OSError, ValueError):
        return False
