"""What all runs of a screen have come to: told by any thread, read by the screen's, bounded whatever is told.

An experiment that trains and recorded runs that are read fill the same board.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from tuimove.errors import Input, TuimoveError, nearest_of
from tuimove.recording.reading.outline import Outline, RunOutline, points_for
from tuimove.screen.one_run.state import CARDS, QUANTITIES
from tuimove.settings.matrix_role import OWN_NAMES

if TYPE_CHECKING:
    from tuimove.experiments.experiment import Outcome
    from tuimove.recording.reading.written_record import WrittenRecord
    from tuimove.settings.sweep import Experiment

CHARTED = QUANTITIES[:CARDS]
"""What can be charted of many runs: what has a card in the dashboard of one."""
COLUMNS = ("epoch", "seconds", *dict.fromkeys(
    quantity.history_column(matrix) for quantity in CHARTED for matrix in OWN_NAMES
))  # fmt: skip
"""Kept of every run."""
UNENDED = ("waiting", "training", "unfinished")
"""States of a run without an end."""
LONGEST_NAME = 28
"""Beyond it a run is called by its values alone."""


class Board:
    """Runs with their outlines; a watcher of an experiment."""

    def __init__(self, title: str, runs: Iterable[RunOutline] = ()) -> None:
        self.title = title
        self.lock = threading.RLock()
        """Held while a run is written, and by the screen while it draws."""
        self.runs: list[RunOutline] = []
        self.states: Counter[str] = Counter()
        """How many runs there are of each state."""
        self.epochs_done = self.epochs_left = 0
        """Over all runs, as far as measurements have told; what an ended run has left isn't counted."""
        self._has_changed = True
        for run in runs:
            self.add(run)

    def add(self, run: RunOutline) -> None:
        """Add a run, one that has been read or one that will be told of."""
        with self.lock:
            self.runs.append(run)
            self._count(run, 1)
            self._has_changed = True

    def take(self, outcome: Outcome, record: WrittenRecord) -> None:
        """Take a record of an experiment's run."""
        self.tell(outcome.place, record.table)

    def tell(self, place: int, record: Mapping[str, Any]) -> None:
        """Take a record of the run at a place."""
        with self._changing(place) as run:
            run.take(record)

    def set_open_state(self, word: str) -> None:
        """Set the state that is shown of runs without an end record."""
        with self.lock:
            for place in range(len(self.runs)):
                with self._changing(place) as run:
                    run.open_state = word

    def note_failure(self, outcome: Outcome) -> None:
        """Take note that a run has failed without an end record of its own."""
        with self._changing(outcome.place) as run:
            run.status, run.reason = outcome.status, outcome.reason

    @contextmanager
    def _changing(self, place: int) -> Iterator[RunOutline]:
        with self.lock:
            run = self.runs[place]
            self._count(run, -1)
            yield run
            self._count(run, 1)
            self._has_changed = True

    def _count(self, run: RunOutline, sign: int) -> None:
        self.states[run.state] += sign
        self.epochs_done += sign * run.epoch
        self.epochs_left += sign * max(0, run.epochs - run.epoch) * (run.state in UNENDED)

    def take_change(self) -> bool:
        """Return whether anything has changed since the last call."""
        with self.lock:
            has_changed, self._has_changed = self._has_changed, False
        return has_changed

    @property
    def ended(self) -> int:
        """Runs that have an end."""
        return len(self.runs) - sum(self.states[state] for state in UNENDED)


def experiment_board(experiment: Experiment) -> Board:
    """Return the board of an experiment that hasn't begun."""
    members = experiment.members
    named = [short_label(member.preset.name) for member in members]
    if max(map(len, named)) > LONGEST_NAME:
        named = [" ".join(part.rpartition("=")[2] for part in name.split(" ")) for name in named]
    points = points_for(len(members), len(COLUMNS))
    runs = [RunOutline(name, Outline(COLUMNS, points), epochs=member.preset.training.epochs)
            for name, member in zip(named, members, strict=True)]  # fmt: skip
    return Board(experiment.base.title, runs)


def short_label(name: str) -> str:
    """Return what tells an experiment's run from the others, without the sections of its keys; other names as are."""
    pairs = [part.partition("=") for part in name.split(",")]
    if not all(equals for _, equals, _ in pairs) or " " in name:
        return name
    return " ".join(f"{key.rpartition('.')[2]}={value}" for key, _, value in pairs)


def require_charted(column: str) -> None:
    """Raise a TuimoveError when a column isn't kept of many runs."""
    if column not in COLUMNS[2:]:
        kept = ", ".join(quantity.column for quantity in CHARTED)
        words = f"not charted on the screen, which has {kept}{nearest_of(column, COLUMNS[2:])}"
        raise TuimoveError(f"{column!r}: {words}", about=Input.QUANTITY)
