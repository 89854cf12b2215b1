"""The state of all runs on a screen of many: filled from any thread, read by the screen's, bounded in memory.

An experiment that trains and recorded runs that are read fill the same board.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from tuimove.diagnosis.finding import Clock
from tuimove.errors import Input, TuimoveError, nearest_of
from tuimove.recording.history import matrix_of
from tuimove.recording.reading.outline import NewOutline, Outline, RunOutline, points_for
from tuimove.screen.one_run.quantities import CARDS, QUANTITIES
from tuimove.settings.matrix_role import MOST_MATRICES, OWN_NAMES, Roles, foremost, main_name, names_of

if TYPE_CHECKING:
    from tuimove.experiments.experiment import Outcome
    from tuimove.recording.reading.written_record import WrittenRecord
    from tuimove.settings.sweep import Experiment

CHARTED = QUANTITIES[:CARDS]
"""Quantities that can be charted of many runs: those with a card in the dashboard."""
MOST_CHARTED = 64
"""Most matrices of a run whose numbers are stored; the dashboard of one run has all of them."""
UNENDED = ("reading", "waiting", "training", "unfinished")
"""States of a run without an end record."""
LONGEST_NAME = 28
"""Longest name of a run, in characters; a longer one is shown by its values alone."""


class Board:
    """Runs with their outlines; a watcher of an experiment."""

    def __init__(self, title: str, runs: Iterable[RunOutline] = ()) -> None:
        self.title = title
        self.lock = threading.RLock()
        """Held while a run is updated, and by the screen while it draws."""
        self.runs: list[RunOutline] = []
        self.states: Counter[str] = Counter()
        """Number of runs in each state."""
        self.matrices: dict[str, None] = {}
        """Names of all runs' matrices, in order."""
        self._loops = 0
        """Number of runs that count steps."""
        self.epochs_done = self.epochs_left = self.epochs_planned = 0
        """Epochs done, left and planned of all runs, by their measurements; ended runs have none left."""
        self._has_changed = True
        for run in runs:
            self.add(run)

    def add(self, run: RunOutline) -> None:
        """Add a run, recorded or still to be trained."""
        with self.lock:
            self.runs.append(run)
            self._count(run, 1)
            self._note_matrices(run)
            self._has_changed = True

    def receive(self, outcome: Outcome, record: WrittenRecord) -> None:
        """Add a record of an experiment's run."""
        self.add_record(outcome.place, record.table)

    def add_record(self, place: int, record: Mapping[str, Any]) -> None:
        """Add a record of the run at an index."""
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
        """The matrix that is charted first: the first weights of the first run; empty while unknown."""
        return main_name(self.runs[0].roles) if self.runs else ""

    @property
    def clock(self) -> Clock:
        """What all runs' records count; epochs where they differ."""
        return "step" if self._loops and self._loops == len(self.runs) else "epoch"

    @property
    def has_accuracy(self) -> bool:
        """Whether any run may have a test accuracy: training loops often tell none."""
        return self._loops < len(self.runs) or any(run.outline.latest("test_accuracy") >= 0 for run in self.runs)

    def set_open_state(self, word: str) -> None:
        """Set the state that is shown of runs without an end record."""
        with self.lock:
            for place in range(len(self.runs)):
                with self._changing(place) as run:
                    run.open_state = word

    def expect_reading(self) -> None:
        """Say of every run that its past is still to be read."""
        with self.lock:
            for place in range(len(self.runs)):
                with self._changing(place) as run:
                    run.status = run.open_state = "reading"

    def note_read(self, place: int, open_state: str) -> None:
        """Note that a run's past has been read."""
        with self._changing(place) as run:
            run.status = "waiting" if run.status == "reading" else run.status
            run.open_state = open_state

    def note_failure(self, outcome: Outcome) -> None:
        """Note that a run has failed without an end record of its own."""
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
        self._loops += sign * (run.clock == "step")
        self.states[run.state] += sign
        self.epochs_done += sign * run.epoch
        self.epochs_left += sign * max(0, run.epochs - run.epoch) * (run.state in UNENDED)
        self.epochs_planned += sign * (run.epoch if run.state == "finished" else max(run.epochs, run.epoch))

    def take_change(self) -> bool:
        """Return whether anything has changed since the last call."""
        with self.lock:
            has_changed, self._has_changed = self._has_changed, False
        return has_changed

    @property
    def share_done(self) -> float:
        """Share of the planned epochs that are done; 1 only where every run has finished."""
        return self.epochs_done / self.epochs_planned if self.epochs_planned else 0.0


def experiment_board(experiment: Experiment) -> Board:
    """Return the board of an experiment before its start."""
    members = experiment.members
    named = [short_label(member.preset.name) for member in members]
    if max(map(len, named)) > LONGEST_NAME:
        named = [" ".join(part.rpartition("=")[2] for part in name.split(" ")) for name in named]
    new_outline = outlines_for(len(members))
    runs = [RunOutline(name, new_outline, epochs=member.preset.training.epochs)
            for name, member in zip(named, members, strict=True)]  # fmt: skip
    return Board(experiment.base.title, runs)


def short_label(name: str) -> str:
    """Return a run's name without the sections of its keys; other names unchanged."""
    pairs = [part.partition("=") for part in name.split(",")]
    if not all(equals for _, equals, _ in pairs) or " " in name:
        return name
    return " ".join(f"{key.rpartition('.')[2]}={value}" for key, _, value in pairs)


def outlines_for(runs: int) -> NewOutline:
    """Return a function that makes the outlines of `runs` runs."""

    def new_outline(roles: Roles) -> Outline:
        columns = ("epoch", "seconds", *charted_columns(names_of(foremost(roles, MOST_CHARTED))))
        return Outline(columns, points_for(runs, len(columns)))

    return new_outline


@lru_cache(maxsize=64)
def charted_columns(matrices: tuple[str, ...]) -> tuple[str, ...]:
    """Return the columns that can be charted of runs with these matrices."""
    return tuple(dict.fromkeys(quantity.history_column(matrix) for quantity in CHARTED for matrix in matrices))


def require_quantity(column: str) -> None:
    """Raise a TuimoveError when a column's quantity can't be charted of many runs."""
    matrix, _, _ = column.rpartition(".")
    known = charted_columns((*OWN_NAMES, *([matrix] if matrix else ())))
    if column not in known:
        kept = ", ".join(quantity.column for quantity in CHARTED)
        words = f"not charted on the screen, which has {kept}{nearest_of(column, known)}"
        raise TuimoveError(f"{column!r}: {words}", about=Input.QUANTITY)


def require_charted(column: str, board: Board) -> None:
    """Raise a TuimoveError when no run on a board has a column's matrix."""
    if (matrix := matrix_of(column)) and matrix not in board.matrices:
        nearest = nearest_of(column, charted_columns(tuple(board.matrices)))
        raise TuimoveError(f"{column!r}: no run has a matrix {matrix}{nearest}", about=Input.QUANTITY)
