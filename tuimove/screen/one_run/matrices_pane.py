"""The panel of a run's matrices: filtered, sorted and marked; the highlighted one is shown on all other panels."""

from __future__ import annotations

from typing import ClassVar

from textual.actions import SkipAction
from textual.binding import Binding, BindingType
from textual.message import Message

from tuimove.recording.history import History
from tuimove.screen.drawing.line_list import LineList
from tuimove.screen.drawing.marks import MOST_CHARTED, spread_places, toggle_mark
from tuimove.screen.drawing.raster import Glyphs
from tuimove.screen.drawing.titles import numbered_title
from tuimove.screen.filter_line import no_match
from tuimove.screen.one_run.filtered_pane import FilteredPane
from tuimove.screen.one_run.matrix_list import MatrixList, MatrixListing
from tuimove.screen.one_run.matrix_rows import ORDER_WORDS, MatrixRow, Order, listed_places, matrix_rows
from tuimove.screen.one_run.state import RunState

MOST_OTHERS = 60
"""Most matrices drawn underneath the coloured ones; each costs a fraction of a millisecond."""


class MatricesPane(FilteredPane):
    """The matrices with a filter; walking to one posts it."""

    DEFAULT_CSS = "MatricesPane MatrixList { height: 1fr; }"
    PLACEHOLDER = "name, place, kind, severity"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("c", "mark", "compare this matrix, or no longer"),
        Binding("enter", "mark", "compare this matrix, or no longer", show=False),
        Binding("s", "next_order", "sort in another order"),
        Binding("escape", "clear", "clear filter and marks", show=False),
    ]

    class Changed(Message):
        """Posted when another matrix has been walked to, or others are marked."""

    def __init__(self, glyphs: Glyphs, *, id: str | None = None) -> None:  # noqa: A002
        self._list = MatrixList(glyphs)
        super().__init__(self._list, id=id)
        self._titled = ""
        self._order: Order = "finding"
        self._marked: list[int] = []
        self._chosen: int | None = None
        """Index of the matrix that is shown on all panels; the filter may leave it out of the list."""
        self._rows: list[MatrixRow] = []
        self._places: list[int] = []
        self._shown_of: tuple[object, ...] = ()
        self._history: History | None = None

    @property
    def matrix(self) -> str:
        """The matrix to show; empty where there is none."""
        return self._rows[self._chosen].role.name if self._chosen is not None else ""

    @property
    def charted(self) -> list[str]:
        """The matrices in colour: the marked ones, and the shown one where there is room."""
        return [self._rows[place].role.name for place in self._letters()]

    def others(self) -> list[str]:
        """Return listed matrices that aren't in colour, evenly spread where there are many."""
        colored = self._letters()
        rest = [place for place in self._places if place not in colored]
        return [self._rows[place].role.name for place in spread_places(rest, MOST_OTHERS)]

    def _letters(self) -> dict[int, int]:
        places = dict.fromkeys([*self._marked, *([] if self._chosen is None else [self._chosen])])
        known = [place for place in places if place < len(self._rows)]
        return {place: number for number, place in enumerate(known[:MOST_CHARTED])}

    def show(self, state: RunState, matrix: str) -> None:
        """List a run's matrices, one of which is shown; reads them again only when there are new numbers."""
        run, latest = state.run, state.history.latest("epoch") if len(state.history) else -1.0
        shown_of = id(run), len(state.history), latest, len(state.findings), state.history.matrices
        self._history = state.history
        if shown_of != self._shown_of:
            self._shown_of = shown_of
            self._rows = matrix_rows(state)
        self._chosen = next((place for place, row in enumerate(self._rows) if row.role.name == matrix), None)
        self._list.highlighted = self._chosen
        self._show_list()

    def rebuild(self) -> None:
        """List the matrices that pass the filter, in the chosen order; one of them is shown."""
        before = self._list.highlighted
        self._show_list()
        if self._list.highlighted not in (None, before):
            self._choose()

    def _choose(self) -> None:
        self._chosen = self._list.highlighted
        self.post_message(self.Changed())

    def _show_list(self) -> None:
        self._places = listed_places(self._rows, self.filter, self._order)
        of = f", {len(self._places)} with {self.filter!r}" if self.filter else ""
        title = f"matrices, {ORDER_WORDS[self._order]}{of}"
        if self._titled != title:
            self._titled = title
            self.border_title = numbered_title(3, title, has_color=not self.app.no_color)
        listing = MatrixListing(self._rows, self._places, self._letters(), frozenset(self._marked), self._history)
        self._list.nothing = no_match("matrix", self.filter) if self.filter else ""
        self._list.show(listing)

    def walk(self, lines: int) -> None:
        """Highlight the next matrix, the first one after the last."""
        if self._list.highlighted in self._places and self._list.highlighted == self._places[-1]:
            lines = -len(self._places)
        self._list.action_move(lines)

    def on_line_list_highlighted(self, event: LineList.Highlighted) -> None:
        """Post that another matrix is to be shown."""
        event.stop()
        self._choose()

    def action_mark(self) -> None:
        """Mark the highlighted matrix, which keeps it on the chart, or unmark it."""
        if self._list.highlighted is not None:
            self._marked = toggle_mark(self._marked, self._list.highlighted)
            self._choose()

    def action_clear(self) -> None:
        """Clear all marks; without one, pass the key on."""
        if not self._marked:
            raise SkipAction
        self._marked = []
        self.post_message(self.Changed())

    def action_next_order(self) -> None:
        """List the matrices in another order."""
        orders = list(ORDER_WORDS)
        self._order = orders[(orders.index(self._order) + 1) % len(orders)]
        self.rebuild()
