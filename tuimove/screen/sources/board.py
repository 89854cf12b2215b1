"""What all runs of a screen have come to: told by any thread, read by the screen's, bounded whatever is told.

An experiment that trains and recorded runs that are read fill the same board.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from tuimove.errors import Input, TuimoveError, nearest_of
from tuimove.recording.history import matrix_of
from tuimove.recording.reading.outline import NewOutline, Outline, RunOutline, points_for
from tuimove.screen.one_run.state import CARDS, QUANTITIES
from tuimove.settings.matrix_role import MOST_MATRICES, OWN_NAMES, Roles, foremost, main_name, names_of

if TYPE_CHECKING:
    from tuimove.experiments.experiment import Outcome
    from tuimove.recording.reading.written_record import WrittenRecord
    from tuimove.settings.sweep import Experiment

CHARTED = QUANTITIES[:CARDS]
"""What can be charted of many runs: what has a card in the dashboard of one."""
MOST_CHARTED = 64
"""Matrices of a run that numbers are kept of; the dashboard of one run has them all."""
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
        self.matrices: dict[str, None] = {}
        """Names of the matrices that any run has, in order."""
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
            self._note_matrices(run)
            self._has_changed = True

    def take(self, outcome: Outcome, record: WrittenRecord) -> None:
        """Take a record of an experiment's run."""
        self.tell(outcome.place, record.table)

    def tell(self, place: int, record: Mapping[str, Any]) -> None:
        """Take a record of the run at a place."""
        with self._changing(place) as run:
            run.take(record)
            if record.get("record") == "run":
                self._note_matrices(run)

    def _note_matrices(self, run: RunOutline) -> None:
        room = MOST_MATRICES - len(self.matrices)
        new = [name for name in names_of(foremost(run.roles, MOST_CHARTED)) if name not in self.matrices]
        self.matrices |= dict.fromkeys(new[:room])

    @property
    def main(self) -> str:
        """The matrix that is charted first: the first weights of the first run; empty while there is none."""
        return main_name(self.runs[0].roles) if self.runs else ""

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
    new_outline = outlines_for(len(members))
    runs = [RunOutline(name, new_outline, epochs=member.preset.training.epochs)
            for name, member in zip(named, members, strict=True)]  # fmt: skip
    return Board(experiment.base.title, runs)


def short_label(name: str) -> str:
    """Return what tells an experiment's run from the others, without the sections of its keys; other names as are."""
    pairs = [part.partition("=") for part in name.split(",")]
    if not all(equals for _, equals, _ in pairs) or " " in name:
        return name
    return " ".join(f"{key.rpartition('.')[2]}={value}" for key, _, value in pairs)


def outlines_for(runs: int) -> NewOutline:
    """Return what makes the outlines of so many runs."""

    def new_outline(roles: Roles) -> Outline:
        columns = ("epoch", "seconds", *charted_columns(names_of(foremost(roles, MOST_CHARTED))))
        return Outline(columns, points_for(runs, len(columns)))

    return new_outline


@lru_cache(maxsize=64)
def charted_columns(matrices: tuple[str, ...]) -> tuple[str, ...]:
    """Return the columns that can be charted of runs with these matrices."""
    return tuple(dict.fromkeys(quantity.history_column(matrix) for quantity in CHARTED for matrix in matrices))


def require_quantity(column: str) -> None:
    """Raise a TuimoveError when a column is of a quantity that can't be charted of many runs, whatever they are."""
    matrix, _, _ = column.rpartition(".")
    known = charted_columns((*OWN_NAMES, *([matrix] if matrix else ())))
    if column not in known:
        kept = ", ".join(quantity.column for quantity in CHARTED)
        words = f"not charted on the screen, which has {kept}{nearest_of(column, known)}"
        raise TuimoveError(f"{column!r}: {words}", about=Input.QUANTITY)


def require_charted(column: str, board: Board) -> None:
    """Raise a TuimoveError when a column is of a matrix that no run on a board has."""
    if (matrix := matrix_of(column)) and matrix not in board.matrices:
        nearest = nearest_of(column, charted_columns(tuple(board.matrices)))
        raise TuimoveError(f"{column!r}: no run has a matrix {matrix}{nearest}", about=Input.QUANTITY)
