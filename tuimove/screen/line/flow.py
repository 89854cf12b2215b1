"""Decides when the next frame may be written: once the terminal has answered the query behind the last one.

A terminal answers a query when it has shown all that came before it, so never more than one frame is on its way.
One that has never answered gets frames as fast as it takes their bytes.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from typing import Literal

Step = Literal["draw", "ask", "wait"]

FIRST_SECONDS = 2.0
"""Seconds in which a terminal must answer the first query, before the program takes it for one that never answers."""
LOST_SECONDS = 5.0
"""Seconds after which an answer may be lost, and a terminal that has answered before is asked again."""
LONGEST_SECONDS = 60.0
"""Longest time between two such queries, and between two to a terminal that never answers."""
SLOW_SECONDS, QUICK_SECONDS = 0.4, 0.28
"""Mean time of the last answers from which on a line counts as slow, and below which it no longer does."""
AVERAGED = 4
"""Number of answers over which that mean is taken."""
LEAST_DELAY, LEAST_SHARE = 1.0, 2.0
"""Least seconds between two redraws on a slow line, and least number of answer times: keys need the line too."""


class LineFlow:
    """What is known of a line from the answers to queries; called by several threads, each call a single step."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self.answers: bool | None = None
        """Whether the terminal answers; None as long as that isn't known."""
        self._asked_at: float | None = None
        self._first_asked_at: float | None = None
        self._patience = LOST_SECONDS
        self.has_typed = False
        """Whether a key, or anything else but an answer, has come since the last query."""
        self._took: deque[float] = deque(maxlen=AVERAGED)
        self._was_slow = False

    def reset(self) -> None:
        """Forget the query on its way: another program has had the terminal."""
        self._asked_at = self._first_asked_at = None

    @property
    def is_due(self) -> bool:
        """Whether a query is to follow the next frame: always, but rarely where it never was answered."""
        asked_at = self._asked_at
        return self.answers is not False or asked_at is None or self._clock() - asked_at > LONGEST_SECONDS

    @property
    def is_awaited(self) -> bool:
        """Whether an answer is on its way."""
        return self._asked_at is not None and self.answers is not False

    def note_query(self, *, follows_frame: bool = True) -> None:
        """Take note of a query that is being written."""
        self._asked_at, self.has_typed = self._clock(), False
        if follows_frame or self._first_asked_at is None:
            self._first_asked_at = self._asked_at

    def note_answer(self) -> None:
        """Take note of an answer."""
        if self._first_asked_at is not None:
            self._took.append(self._clock() - self._first_asked_at)
            mean = sum(self._took) / len(self._took)
            self._was_slow = mean > (QUICK_SECONDS if self._was_slow else SLOW_SECONDS)
        self._asked_at = self._first_asked_at = None
        self.answers, self._patience = True, LOST_SECONDS

    def note_input(self) -> None:
        """Take note of anything else from the terminal, such as a key: whoever reads there isn't frozen."""
        self.has_typed = True

    def next_step(self, *, is_idle: bool) -> Step:
        """Return whether to draw, to ask again or to wait; `is_idle`: all bytes so far have been taken."""
        asked_at = self._asked_at
        if not is_idle:
            return "wait"
        if asked_at is None or self.answers is False:
            return "draw"
        waited = self._clock() - asked_at
        if waited < (FIRST_SECONDS if self.answers is None else self._patience):
            return "wait"
        return self._step_without_answer()

    def _step_without_answer(self) -> Step:
        """Return what to do about a query that wasn't answered."""
        if self.answers is None or (self.has_typed and self._patience > LOST_SECONDS):
            self.answers = False
            self._took.clear()
            self._was_slow = False
            return "draw"
        self._patience = min(2 * self._patience, LONGEST_SECONDS)
        return "ask"

    @property
    def answer_seconds(self) -> float:
        """Mean time of the last answers, that of the frames before them included; the time waited if that is longer."""
        mean = sum(self._took) / len(self._took) if self._took else 0.0
        began = self._first_asked_at
        return max(mean, self._clock() - began) if began is not None and self.answers else mean

    @property
    def is_slow(self) -> bool:
        """Whether answers take so long that the screen is drawn less often."""
        return self._was_slow or self.answer_seconds > SLOW_SECONDS

    @property
    def least_delay(self) -> float:
        """Seconds to wait between two redraws."""
        return max(LEAST_DELAY, LEAST_SHARE * min(self.answer_seconds, LOST_SECONDS)) if self.is_slow else 0.0
