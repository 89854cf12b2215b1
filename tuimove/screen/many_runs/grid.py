"""The screen of many runs, those of an experiment or recorded ones: a line each, some of them charted together.

It polls its feed's board and handles keys; the feed trains or reads the runs.
"""

from __future__ import annotations

from typing import ClassVar, Literal

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Input

from tuimove.recording.reading.course import XAxis
from tuimove.recording.reading.outline import axis_points
from tuimove.screen.drawing.chart import Chart
from tuimove.screen.drawing.key_line import KeyLine
from tuimove.screen.drawing.line_list import LETTERS
from tuimove.screen.drawing.marks import spread_places, toggle_mark
from tuimove.screen.drawing.pace import Pace
from tuimove.screen.drawing.raster import Glyphs
from tuimove.screen.drawing.series import Quantified, Series, ends_differ
from tuimove.screen.drawing.titles import numbered_title
from tuimove.screen.filter_line import FilterLine, no_match
from tuimove.screen.many_runs.header import GridHeader
from tuimove.screen.many_runs.listing import ORDER_WORDS, Order, chosen_places, kept_numbers, list_places
from tuimove.screen.many_runs.run_list import Listing, RunList
from tuimove.screen.messages import RecordedRunChosen, StopAsked
from tuimove.screen.polled_screen import PolledScreen
from tuimove.screen.sources.board import CHARTED, UNENDED
from tuimove.screen.sources.runs_source import RunsFeed

GridPanel = Literal["runs", "chart"]

OVER = ("finished", "interrupted", "failed", "stopping")
"""Phases in which no run can be stopped, or go on elsewhere."""
AXES: tuple[XAxis, ...] = ("epoch", "log-epoch", "seconds")
LIST_SHARE = 0.45
"""Largest share of the window's height that the list takes beside the chart."""
MOST_OTHERS = 60
"""Most runs drawn underneath the coloured ones; each costs a fraction of a millisecond."""
PACE_SECONDS = 10.0
"""Seconds over which speed is averaged: long, since runs report epochs only when measured."""


class OverlayChart(Chart, inherit_bindings=False):
    """A chart whose x axis belongs to the screen."""

    BINDINGS: ClassVar[list[BindingType]] = [one for one in Chart.BINDINGS if getattr(one, "key", "") != "x"]


class RunGrid(PolledScreen):
    """A list and a chart of many runs."""

    CSS = """
    RunGrid {
        .panel { padding: 0 1; border-top: solid $foreground 20%; border-title-color: $foreground 60%; }
        .panel:focus { border-top: solid $primary; }
        #chart { height: 1fr; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open_run", "open the run", key_display="enter"),
        Binding("space", "mark", "keep the run on the chart, or no longer"),
        Binding("v", "walk_quantity(1)", "show the next quantity"),
        Binding("V", "walk_quantity(-1)", "show the previous quantity", show=False),
        Binding("m", "next_matrix", "show the next matrix"),
        Binding("x", "next_axis", "chart against epochs, their logarithm, or seconds"),
        Binding("s", "next_order", "sort in another order"),
        Binding("slash", "filter", "filter the runs", key_display="/"),
        Binding("q", "app.quit", "quit"),
        Binding("question_mark", "app.show_help", "show this help", key_display="?"),
        Binding("escape", "clear", "clear marks and filter", show=False),
        Binding("o", "toggle_others", "chart the other runs too, or only those in colour", show=False),
        Binding("1", "show_panel('runs')", "show the runs"),
        Binding("2", "show_panel('chart')", "show the chart"),
        Binding("tab,shift+tab", "next_panel", "go to the other panel", show=False),
        Binding("f", "finish_now", "end all runs now", show=False),
        Binding("d", "app.detach", "quit, the runs go on"),
        Binding("p", "app.pick_preset", "pick another preset", show=False),
        Binding("t", "app.toggle_theme", "turn light or dark", show=False),
    ]

    def __init__(
        self, feed: RunsFeed, glyphs: Glyphs, fps: float | None, column: str | None = None, axis: XAxis = "epoch"
    ) -> None:
        """Show a feed's runs; `column` is charted at first, by default the distance of the first weights."""
        super().__init__(fps)
        self.feed, self._glyphs = feed, glyphs
        self._pace = Pace(PACE_SECONDS)
        self._asked, _, name = (column or "").rpartition(".")
        self._quantity = next((place for place, quantity in enumerate(CHARTED) if quantity.column == name), 0)
        self._axis: XAxis = axis
        self._order: Order = "place"
        self._marked: list[int] = []
        self._letters: dict[int, int] = {}
        """Numbers of the colours and letters of the charted runs, which keep them while they are charted."""
        self._filter = ""
        self._shows_others = True
        self._far_apart = False
        """Whether the charted lines end so far apart that their axis is logarithmic."""
        self._panel: GridPanel = "runs"
        self._room_for = 0
        self._named = ""
        """Name of the x axis."""
        self._titled = ""
        """Title of the list."""

    def compose(self) -> ComposeResult:
        """Yield the header, the chart, the list and the keys."""
        yield GridHeader(self._glyphs)
        yield OverlayChart(self._glyphs, id="chart").add_class("panel")
        yield RunList(self._glyphs, id="runs").add_class("panel")
        yield FilterLine("a name, state, severity or word; esc ends")
        yield KeyLine()

    def on_mount(self) -> None:
        """Arrange the panels; the feed begins after the first frame."""
        self.query_one("#chart").border_title = numbered_title(2, "chart", has_color=not self.app.no_color)
        self._set_axis()
        self.fit_panels()
        self.call_after_refresh(self._start)

    def _start(self) -> None:
        self.feed.start()
        self.show_everything()
        self.refresh_soon()

    def on_screen_resume(self) -> None:
        """Show what arrived while a run was open."""
        self.show_everything()

    @property
    def missing(self) -> frozenset[str]:
        """What these runs can't be asked for: those that are only read, that aren't kept, or that have ended."""
        feed = self.feed
        if not feed.can_be_stopped or feed.phase in OVER:
            return frozenset(("detach", "finish_now"))
        return frozenset(("detach",)) if feed.is_unkept else frozenset()

    @property
    def is_tiny(self) -> bool:
        """Whether only one panel fits."""
        return self.layout_kind == "tiny"

    def fit_panels(self) -> None:
        """Divide the window between list and chart."""
        runs, chart, height = self.query_one(RunList), self.query_one(OverlayChart), self.app.size.height
        runs.display = not self.is_tiny or self._panel == "runs"
        chart.display = not self.is_tiny or self._panel == "chart"
        self._room_for = len(self.feed.board.runs)
        rows = max(4, min(self._room_for + 2, round(height * LIST_SHARE)))
        runs.styles.height = "1fr" if self.is_tiny else rows
        self.show_keys()
        if not self.query_one(FilterLine).is_typed_in:
            self.set_focus(self.query_one(f"#{self._panel}"), scroll_visible=False)

    # New data.

    def poll(self) -> None:
        """Show what has arrived since the last call."""
        self.note_phase(self.feed.phase)
        if self.feed.phase == "training":
            self._pace.note(self.feed.board.epochs_done)
        else:
            self._pace.reset()
        if not self.is_seen:
            return
        with self.app.batch_update():
            if self.feed.board.take_change():
                self.show_everything()
            self._show_header()
        self.show_trouble(self.feed.trouble, "Nothing goes on", self.feed.remark)

    def _show_header(self) -> None:
        self.query_one(GridHeader).show(self.feed.board, self.feed.phase, self.feed.role, self._pace.speed)

    def show_everything(self) -> None:
        """Draw header, list and chart."""
        if not self.is_mounted:
            return
        with self.feed.board.lock:
            self._show_header()
            listing = self._show_list()
            self._show_chart(listing)

    @property
    def _matrix(self) -> str:
        """The matrix listed and charted: the one asked for, where any run has it; empty without runs."""
        board = self.feed.board
        return self._asked if self._asked in board.matrices else board.main

    def _show_list(self) -> Listing:
        """List the runs that pass the filter, and return the listing."""
        runs, board = self.query_one(RunList), self.feed.board
        column = CHARTED[self._quantity].history_column(self._matrix)
        order = list_places(board.runs, self._filter, self._order, column)
        if len(board.runs) != self._room_for:
            self.call_after_refresh(self.fit_panels)
        here = runs.highlighted if runs.highlighted in order else next(iter(order), None)
        self._letters = kept_numbers(self._letters, chosen_places(self._marked, here, order))
        label = CHARTED[self._quantity].in_words(self._matrix)
        listing = Listing(
            board.runs, order, self._letters, frozenset(self._marked), column, label, board.clock, board.has_accuracy
        )
        title = self._list_title(len(order), len(board.runs))
        if self._titled != title:
            self._titled = title
            runs.border_title = numbered_title(1, title, has_color=not self.app.no_color)
        runs.nothing = no_match("run", self._filter) if self._filter else ""
        runs.show(listing)
        return listing

    def _list_title(self, listed: int, runs: int) -> str:
        of = f", {listed} of {runs} with {self._filter!r}" if self._filter else ""
        return f"runs, {ORDER_WORDS[self._order]}{of}"

    def _show_chart(self, listing: Listing) -> None:
        chart = self.query_one(OverlayChart)
        if not chart.display:
            return
        if self._named not in ("seconds", self.feed.board.clock):
            self._set_axis()
        quantity = CHARTED[self._quantity]
        series = [self._series(place, LETTERS[number], number, listing.column)
                  for place, number in listing.letters.items()]  # fmt: skip
        under = [place for place in listing.order if place not in listing.letters] if self._shows_others else []
        others = [self._series(place, "", 0, listing.column) for place in spread_places(under, MOST_OTHERS)]
        self._far_apart = ends_differ((*series, *others), so_far=self._far_apart)
        is_log = quantity.is_log or self._far_apart
        left = Quantified(quantity.titled(self._matrix), quantity.unit, series, listing.column, is_log)
        here = self.query_one(RunList).highlighted
        front = None if here is None else listing.letters.get(here)
        chart.show_quantified(left, others=others, front=front, plan=self._plan(listing))

    def _plan(self, listing: Listing) -> float:
        """Return where the x axis ends: at the most epochs that a run in sight has planned or made."""
        if self._axis == "seconds":
            return 0.0
        runs = [self.feed.board.runs[place] for place in listing.letters or listing.order[:1]]
        return float(max((run.epochs if run.state in UNENDED else run.epoch for run in runs), default=0))

    def _series(self, place: int, label: str, color: int, column: str) -> Series:
        return Series(label, *axis_points(self.feed.board.runs[place].outline, column, self._axis), color)

    # Keys and clicks.

    def on_line_list_highlighted(self) -> None:
        """Chart the highlighted run."""
        self.show_everything()

    def action_open_run(self) -> None:
        """Show the highlighted run in a dashboard of its own."""
        place = self.query_one(RunList).highlighted
        if place is None:
            return
        folder = self.feed.folder_of(place)
        if folder is None:
            self.notify("no records are kept: start with --out DIR to open runs", severity="warning", timeout=4)
        elif not folder.exists():
            self.notify("this run hasn't begun yet", severity="warning", timeout=3)
        else:
            self.post_message(RecordedRunChosen(folder, self.feed.data))

    def action_mark(self) -> None:
        """Mark the highlighted run, which keeps it on the chart, or unmark it."""
        place = self.query_one(RunList).highlighted
        if place is not None:
            self._marked = toggle_mark(self._marked, place)
            self.show_everything()

    def action_clear(self) -> None:
        """Clear all marks and the filter."""
        self._marked, self._letters = [], {}
        self.query_one(FilterLine).clear()
        self.query_one(f"#{self._panel}").focus()
        self.show_everything()

    def action_walk_quantity(self, direction: int) -> None:
        """List and chart the next quantity, or the previous one."""
        self._quantity = (self._quantity + direction) % len(CHARTED)
        self.show_everything()

    def action_next_matrix(self) -> None:
        """List and chart the next matrix."""
        names, shown = [*self.feed.board.matrices], self._matrix
        if shown in names:
            self._asked = names[(names.index(shown) + 1) % len(names)]
        self.show_everything()

    def action_next_axis(self) -> None:
        """Chart against epochs, their logarithm, or seconds."""
        self._axis = AXES[(AXES.index(self._axis) + 1) % len(AXES)]
        self._set_axis()
        self.show_everything()

    def _set_axis(self) -> None:
        self._named = "seconds" if self._axis == "seconds" else self.feed.board.clock
        self.query_one(OverlayChart).set_axis(self._named, is_log=self._axis == "log-epoch")

    def action_next_order(self) -> None:
        """List the runs in another order."""
        orders = list(ORDER_WORDS)
        self._order, self._letters = orders[(orders.index(self._order) + 1) % len(orders)], {}
        self.show_everything()

    def action_toggle_others(self) -> None:
        """Switch the uncoloured runs of the chart on or off."""
        self._shows_others = not self._shows_others
        self.show_everything()

    def action_show_panel(self, panel: GridPanel) -> None:
        """Focus a panel; in a tiny window, show it instead of the other."""
        self._panel = panel
        self.fit_panels()
        self.call_after_refresh(self.show_everything)

    def action_next_panel(self) -> None:
        """Focus the other panel."""
        self.action_show_panel("chart" if self._panel == "runs" else "runs")

    def action_filter(self) -> None:
        """Focus the field of the filter."""
        self.action_show_panel("runs")
        self.query_one(FilterLine).open()

    def on_filter_field_left(self) -> None:
        """Clear the filter, and focus the list."""
        self.query_one(FilterLine).clear()
        self.query_one(RunList).focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Filter while the user types."""
        self._filter, self._letters = event.value.strip(), {}
        self.show_everything()

    def on_input_submitted(self) -> None:
        """Focus the list and keep the filter."""
        self.query_one(RunList).focus()

    def action_finish_now(self) -> None:
        """Stop the experiment, after confirmation; its runs stay on the screen."""
        if self.feed.can_be_stopped:
            self.post_message(StopAsked(self.feed.stop, self.feed))
        else:
            self.notify("nothing is trained here", severity="warning", timeout=3)
