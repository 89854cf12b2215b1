"""Textual's driver for a terminal at the end of a line: asks it after every frame whether it has shown it."""

from __future__ import annotations

import os
import selectors
import time
from codecs import getincrementaldecoder
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from textual import constants
from textual._xterm_parser import XTermParser
from textual.drivers.linux_driver import LinuxDriver

from tuimove.screen.line.answers import QUERY, AnswerFilter
from tuimove.screen.line.flow import LineFlow
from tuimove.screen.line.writer import TerminalWriter

LEAVING_SECONDS = 1.0
"""Seconds for which leaving waits for an answer on its way, a key to the shell; and for the last bytes."""
READ_SECONDS = 0.1
"""Longest time between two looks at whether input is to end; the rest of an answer is waited for thrice as long."""
ESCAPE = "\x1b"
ESCAPE_SECONDS, ESCAPE_LOOK_SECONDS = 0.05, 0.01
"""Time after which an escape is a key, not the beginning of another key's sequence, and between two looks at that.

A terminal sends a sequence in one write, and ssh in one packet. ESCDELAY sets another time, in milliseconds.
"""


class PacedDriver(LinuxDriver):
    """Writes without ever waiting, and keeps the terminal's answers to itself."""

    def __init__(self, *arguments: Any, **settings: Any) -> None:
        super().__init__(*arguments, **settings)
        self.flow = LineFlow()
        self.tell_free: Callable[[], None] = lambda: None
        """Called in the application's loop when the next frame may be written."""
        self.tell_unknown: Callable[[], None] = lambda: None
        """Called when the terminal's contents aren't known."""
        self._writer: TerminalWriter | None = None

    # Output.

    def start_application_mode(self) -> None:
        """Take the terminal, and find out whether it answers."""
        assert self._file is not None
        self._writer = TerminalWriter(self._file.fileno(), self._call_free)
        self._writer.start()
        self.flow.reset()
        self.tell_unknown()
        super().start_application_mode()  # type: ignore[no-untyped-call]
        self.ask()

    def write(self, data: str) -> None:
        """Have a text written after all that came before; nothing waits for it."""
        if self._writer is not None and self._file is not None:
            self._writer.write(data.encode(self._file.encoding or "utf-8", "replace"))

    def write_frame(self, frame: str) -> None:
        """Have a frame written, and the query behind it."""
        is_due = self.flow.is_due
        if is_due:
            self.flow.note_query()
        self.write(frame + QUERY if is_due else frame)

    def ask(self) -> None:
        """Ask the terminal without a frame."""
        self.flow.note_query(follows_frame=False)
        self.write(QUERY)

    @property
    def is_idle(self) -> bool:
        """Whether all bytes so far have been taken."""
        return self._writer is not None and self._writer.is_idle

    def _call_free(self) -> None:
        with suppress(RuntimeError):  # the loop is closed
            self._loop.call_soon_threadsafe(self.tell_free)

    # Input.

    def run_input_thread(self) -> None:
        """Read until input is to end or the terminal is gone."""
        if "ESCDELAY" not in os.environ:
            constants.ESCAPE_DELAY = ESCAPE_SECONDS  # type: ignore[misc]  # Textual's parser reads it for each escape
        parser, answers = XTermParser(self._debug), AnswerFilter()
        decode = getincrementaldecoder("utf-8")("replace").decode
        with selectors.SelectSelector() as selector:
            selector.register(self.fileno, selectors.EVENT_READ)
            is_open = False
            while not self.exit_event.is_set():
                text = ""
                if selector.select(self._longest_wait(answers, is_escape_open=is_open)):
                    if not (data := self._read()):
                        return
                    text = answers.feed(decode(data), is_awaited=self.flow.is_awaited)
                elif answers.is_holding:
                    text = answers.release()
                self._note_answers(answers, text)
                is_told = self._pass_on(parser, text)
                is_open = text.endswith(ESCAPE) or (is_open and not is_told)

    def _longest_wait(self, answers: AnswerFilter, *, is_escape_open: bool) -> float:
        """Return for how many seconds to wait for input."""
        if answers.is_holding:
            return 3 * READ_SECONDS
        return ESCAPE_LOOK_SECONDS if is_escape_open else READ_SECONDS

    def _read(self) -> bytes:
        """Return what has come; nothing when the terminal is gone."""
        with suppress(OSError):
            return os.read(self.fileno, 4096)
        return b""

    def _note_answers(self, answers: AnswerFilter, text: str) -> None:
        if answers.count:
            answers.count = 0
            self.flow.note_answer()
            self._call_free()
        if text:
            self.flow.note_input()

    def _pass_on(self, parser: XTermParser, text: str) -> bool:
        """Make events of what isn't an answer, and return whether there were any."""
        events = [*(parser.feed(text) if text else ()), *parser.tick()]
        for event in events:
            self.process_message(event)
        return bool(events)

    # Leaving.

    def disable_input(self) -> None:
        """Stop reading, once an answer on its way has come or a moment has passed."""
        deadline = time.monotonic() + LEAVING_SECONDS
        while self._is_reading and self.flow.answers and self.flow.is_awaited and time.monotonic() < deadline:
            time.sleep(0.01)
        super().disable_input()

    @property
    def _is_reading(self) -> bool:
        return self._key_thread is not None and self._key_thread.is_alive()

    def close(self) -> None:
        """Write what is left, if the terminal takes it within a moment."""
        if self._writer is not None:
            self._writer.stop(LEAVING_SECONDS)
            self._writer = None
        super().close()
