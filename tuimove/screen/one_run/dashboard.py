"""The dashboard: polls the run's mailbox, shows it in panels, and turns keys into requests to the run."""

from __future__ import annotations

import math
import random
import time
from dataclasses import replace
from typing import ClassVar, Literal

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import Footer

from tuimove.recording.history import History
from tuimove.screen.drawing.chart import Chart
from tuimove.screen.drawing.key_line import KeyLine
from tuimove.screen.drawing.raster import Glyphs
from tuimove.screen.drawing.series import COLORS, Mark, Series, short_labels, title_words
from tuimove.screen.messages import RestartAsked
from tuimove.screen.one_run.cards import Card, Cards
from tuimove.screen.one_run.findings import FindingList, FindingsPane
from tuimove.screen.one_run.header import RunHeader
from tuimove.screen.one_run.histogram import HistogramPanel
from tuimove.screen.one_run.images import ImagesPanel
from tuimove.screen.one_run.map import MapPanel
from tuimove.screen.one_run.state import QUANTITIES, RunState
from tuimove.screen.polled_screen import PolledScreen
from tuimove.screen.sources.run_source import RunSource

RunPanel = Literal["chart", "histogram", "map", "images", "findings"]

MOST_SEED = 2**31
LOOK_SECONDS = 1.0
"""Seconds between two requests for the weights: pictures need many colours, and so many bytes per update."""


class Dashboard(PolledScreen):
    """The screen of one run."""

    SCOPED_CSS = False  # every rule begins with Dashboard, and applies to subclasses too
    CSS = """
    Dashboard {
        #top { height: 1fr; }
        #chart { width: 1fr; }
        #side { width: 46; }
        .panel { padding: 0 1; border-top: solid $foreground 20%; border-title-color: $foreground 60%; }
        .panel:focus-within, .panel:focus { border-top: solid $primary; }
        #findings { height: 7; }
        #histogram { height: 1fr; }
        #map, #images { height: 17; }
        Footer { height: 1; }
    }
    Dashboard.-small #side, Dashboard.-small #findings { width: 1fr; height: 1fr; }
    Dashboard.-small .panel { height: 1fr; width: 1fr; }
    Dashboard.-tiny #findings { height: 1fr; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "toggle_pause", "pause"),
        Binding("q", "app.quit", "quit"),
        Binding("question_mark", "app.show_help", "help", key_display="?"),
        Binding("e", "one_epoch", "one epoch", show=False),
        Binding("m", "next_matrix", "matrix"),
        Binding("v,down", "walk_quantity(1)", "quantity", key_display="v"),
        Binding("a", "toggle_all", "all matrices", show=False),
        Binding("V,up", "walk_quantity(-1)", "previous quantity", show=False),
        Binding("1", "show_panel('chart')", "chart", show=False),
        Binding("2", "show_panel('histogram')", "histogram", show=False),
        Binding("3", "show_panel('map')", "movement map", show=False),
        Binding("4", "show_panel('images')", "images", show=False),
        Binding("5", "show_panel('findings')", "findings", show=False),
        Binding("tab", "next_panel(1)", "next panel", show=False),
        Binding("shift+tab", "next_panel(-1)", "previous panel", show=False),
        Binding("slash", "filter_findings", "filter findings", show=False, key_display="/"),
        Binding("left_square_bracket", "scale_rate(0.5)", "halve the learning rate", show=False, key_display="["),
        Binding("right_square_bracket", "scale_rate(2)", "double the learning rate", show=False, key_display="]"),
        Binding("w", "keep_snapshot", "write a snapshot of the weights", show=False),
        Binding("f", "finish_now", "stop the run here", show=False),
        Binding("d", "app.detach", "leave the run to the background", show=False),
        Binding("r", "restart", "restart with another seed", show=False),
        Binding("p", "app.pick_preset", "pick another preset", show=False),
        Binding("t", "app.toggle_theme", "light or dark", show=False),
    ]

    def __init__(self, source: RunSource, glyphs: Glyphs, fps: float | None) -> None:
        super().__init__(fps)
        self.source, self._preset, self._glyphs = source, source.preset, glyphs
        self.state = RunState(source.preset)
        self._matrix, self._shows_all = "", False
        self._quantity = 0
        self._panel: RunPanel = "chart"
        self._corner: RunPanel = "map"
        self._looked_at = -math.inf

    def compose(self) -> ComposeResult:
        """Yield the header, the cards, the panels and the footer."""
        yield RunHeader(self._glyphs)
        yield Cards(self._glyphs)
        with Horizontal(id="top"):
            yield Chart(self._glyphs, id="chart").add_class("panel")
            with Vertical(id="side"):
                yield HistogramPanel(self._glyphs, id="histogram").add_class("panel")
                yield MapPanel(self._glyphs, id="map").add_class("panel")
                yield ImagesPanel(self._glyphs, self._preset.network.activation, id="images").add_class("panel")
        yield FindingsPane(self._glyphs, id="findings").add_class("panel")
        yield Footer(show_command_palette=False, compact=True)
        yield KeyLine()

    def on_mount(self) -> None:
        """Arrange the panels; the run begins after the first frame."""
        titles = {"chart": "1 chart", "histogram": "2 histogram", "map": "3 movement map", "images": "4 images",
                  "findings": "5 findings"}  # fmt: skip
        for panel, title in titles.items():
            self.query_one(f"#{panel}").border_title = title
        self.fit_panels()
        self.call_after_refresh(self._start)

    def _start(self) -> None:
        self.source.start()
        self.refresh_soon()

    def on_unmount(self) -> None:
        """Close the source."""
        self.source.close()

    def fit_panels(self) -> None:
        """Show the panels that fit."""
        kind = self.layout_kind
        for name in ("tiny", "small", "large"):
            self.set_class(kind == name, f"-{name}")
        if kind == "large":
            shown = {"chart", "histogram", self._corner, "findings"}
        else:
            shown = {"findings"} if kind == "tiny" and self._panel == "chart" else {self._panel}
        for panel in ("chart", "histogram", "map", "images", "findings"):
            self.query_one(f"#{panel}").display = panel in shown
        self.query_one("#side").display = bool(shown & {"histogram", "map", "images"})
        self.query_one("#top").display = bool(shown - {"findings"})
        self.show_keys()
        self._focus_panel()

    def _focus_panel(self) -> None:
        """Focus the panel that the user chose, where it is shown."""
        panel = self._panel if self.query_one(f"#{self._panel}").display else "findings"
        target = self.query_one(FindingList) if panel == "findings" else self.query_one(f"#{panel}")
        self.set_focus(target, scroll_visible=False)

    # New data.

    def poll(self) -> None:
        """Show what has arrived since the last call."""
        box = self.source.mailbox
        records = box.take()
        self.state.take(records)
        self.state.phase = self.source.phase
        if self.state.phase == "training":
            self.state.note_epoch(box.epoch)
        else:
            self.state.epoch = max(self.state.epoch, box.epoch)
            self.state.reset_pace()
        if not self.is_seen:
            return
        with self.app.batch_update():
            self._show_header()
            if records:
                self.show_everything()
            self._show_weights()
        self.show_trouble(self.source.trouble, "The run failed", self.source.remark)

    @property
    def shown(self) -> RunState:
        """The state on the screen."""
        return self.state

    @property
    def charted(self) -> History:
        """The history on the chart."""
        return self.shown.history

    def _show_header(self) -> None:
        self.query_one(RunHeader).show(self.shown)

    def show_everything(self) -> None:
        """Draw header, cards and every panel that needs no weights."""
        self._matrix = self.state.shown_matrix(self._matrix)
        self._show_header()
        alone, shown = self.layout_kind == "tiny", self.shown
        self.query_one(Cards).show(shown, self._matrix, self._quantity, is_alone=alone)
        self._show_chart()
        self.query_one(FindingsPane).show(shown.findings)
        panel = self.query_one(HistogramPanel)
        if panel.display and shown.latest and shown.first:
            panel.show(self._matrix, shown.law_of(self._matrix), shown.first, shown.latest)

    def _show_chart(self) -> None:
        chart = self.query_one(Chart)
        if not chart.display:
            return
        quantity = QUANTITIES[self._quantity]
        history = self.charted
        names = history.matrices
        matrices = names if self._shows_all and quantity.is_of_matrix else (self._matrix,)
        labels = short_labels(matrices)
        series = [
            Series(labels[matrix], history.column("epoch"), history.column(quantity.history_column(matrix)),
                   names.index(matrix) % COLORS if quantity.is_of_matrix and matrix in names else 0)
            for matrix in matrices
        ]  # fmt: skip
        concerned = [finding for finding in self.shown.findings if finding.rule in quantity.rules]
        marks = [Mark(finding.epoch, finding.severity) for finding in concerned if finding.matrix in (*matrices, None)]
        words = title_words(labels) if quantity.is_of_matrix else ""
        of = f" of {words}" if words else ""
        chart.show(f"{quantity.title}{of}", quantity.unit, series, marks)

    def _show_weights(self) -> None:
        """Draw the panels that show weights, and request newer weights while one is visible."""
        panels = [panel for panel in (self.query_one(MapPanel), self.query_one(ImagesPanel)) if panel.display]
        box, digits = self.source.mailbox, self.source.digits
        for panel in panels if self.source.pictures_missing else ():
            panel.explain(self.source.pictures_missing)
        if not panels or digits is None or box.first_weights is None:
            return
        for panel in panels:
            if box.latest_weights:
                panel.show(digits, box.first_weights, *box.latest_weights)
        if time.monotonic() >= self._looked_at + LOOK_SECONDS:
            self._looked_at = time.monotonic()
            self.source.controls.ask_for_weights()

    # Keys and clicks.

    def _can_steer(self) -> bool:
        """Return whether the run can be steered from here; notify the user when it can't."""
        if not self.source.can_be_steered:
            self.notify("this run can only be watched from here", severity="warning", timeout=3)
        return self.source.can_be_steered

    def action_toggle_pause(self) -> None:
        """Pause or resume the run."""
        if not self._can_steer():
            return
        controls = self.source.controls
        controls.resume() if controls.is_paused else controls.pause()
        self.poll()

    def action_one_epoch(self) -> None:
        """Train one epoch, then pause."""
        if self._can_steer():
            self.source.controls.step()

    def action_finish_now(self) -> None:
        """End the run; it stays on the screen."""
        if self._can_steer():
            self.source.controls.stop()

    def action_scale_rate(self, factor: float) -> None:
        """Halve or double the learning rate from the next epoch on."""
        if self._can_steer() and self.source.end is None:
            self.source.controls.scale_rate(factor)
            word = "halved" if factor < 1 else "doubled"
            self.notify(f"learning rate {word} from the next epoch on", timeout=2)

    def action_keep_snapshot(self) -> None:
        """Store the weights of this epoch in the run folder."""
        if not self._can_steer():
            return
        if self.source.out is None:
            self.notify("no run folder: start without --no-store to keep weights", severity="warning", timeout=4)
        elif self.source.end is None:
            self.source.controls.ask_for_snapshot()
            self.notify(f"weights of this epoch go to {self.source.out}", timeout=4, markup=False)

    def action_restart(self) -> None:
        """Stop this run, after confirmation, and train another with the same preset and another seed."""
        if self._can_steer():
            training = replace(self._preset.training, seed=random.randrange(MOST_SEED))
            self.post_message(RestartAsked(replace(self._preset, training=training)))

    def action_next_matrix(self) -> None:
        """Show the next matrix on cards, chart and histogram."""
        self._matrix = self.state.next_matrix(self._matrix)
        self.show_everything()

    def action_toggle_all(self) -> None:
        """Chart all matrices, or one."""
        self._shows_all = not self._shows_all
        self.show_everything()

    def action_walk_quantity(self, direction: int) -> None:
        """Chart the next quantity, or the previous one."""
        self._quantity = (self._quantity + direction) % len(QUANTITIES)
        self.show_everything()

    def on_card_chosen(self, event: Card.Chosen) -> None:
        """Chart the quantity of the card."""
        self._quantity = event.place
        self.show_everything()

    def action_show_panel(self, panel: RunPanel) -> None:
        """Show a panel; in a small window, instead of the current one."""
        self._panel = panel
        if panel in ("map", "images"):
            self._corner = panel
        self.fit_panels()
        self.call_after_refresh(self.show_everything)
        self.call_after_refresh(self._show_weights)

    def action_next_panel(self, direction: int) -> None:
        """Go to the next panel or the previous one."""
        panels: list[RunPanel] = ["chart", "histogram", "map", "images", "findings"]
        self.action_show_panel(panels[(panels.index(self._panel) + direction) % len(panels)])

    def action_filter_findings(self) -> None:
        """Focus the field of the findings' filter."""
        self.action_show_panel("findings")
        self.query_one(FindingsPane).open_filter()

    def on_findings_pane_pointed(self, event: FindingsPane.Pointed) -> None:
        """Move the chart's cursor to the finding, and show its quantity and matrix."""
        finding = event.finding
        self._matrix = finding.matrix or self._matrix
        concerned = [place for place, quantity in enumerate(QUANTITIES) if finding.rule in quantity.rules]
        self._quantity = concerned[0] if concerned else self._quantity
        self.show_everything()
        self.query_one(Chart).move_cursor_to(finding.epoch)
