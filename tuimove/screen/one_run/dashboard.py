"""The dashboard: polls the run's mailbox, shows it in panels, and has keys for what is shown."""

from __future__ import annotations

import math
import time
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical

from tuimove.recording.history import History
from tuimove.screen.drawing.chart import Chart
from tuimove.screen.drawing.key_line import KeyLine
from tuimove.screen.drawing.raster import Glyphs
from tuimove.screen.drawing.titles import numbered_title
from tuimove.screen.one_run.cards import Card, Cards
from tuimove.screen.one_run.charted import Shown, charted_run, planned_end
from tuimove.screen.one_run.filtered_pane import FilteredPane
from tuimove.screen.one_run.findings import FindingsPane
from tuimove.screen.one_run.header import RunHeader
from tuimove.screen.one_run.histogram import HistogramPanel
from tuimove.screen.one_run.images import ImagesPanel
from tuimove.screen.one_run.map import MapPanel
from tuimove.screen.one_run.matrices_pane import MatricesPane
from tuimove.screen.one_run.panels import SIDE, TITLES, RunPanel, arrange, panels_of
from tuimove.screen.one_run.quantities import QUANTITIES, Quantity, next_quantity
from tuimove.screen.one_run.state import RunState
from tuimove.screen.one_run.steered_screen import SteeredScreen
from tuimove.screen.sources.run_source import RunSource

LOOK_SECONDS = 1.0
"""Seconds between two requests for the weights: pictures need many colours, and so many bytes per update."""


class Dashboard(SteeredScreen):
    """The screen of one run."""

    SCOPED_CSS = False  # every rule begins with Dashboard, and applies to subclasses too
    CSS = """
    Dashboard {
        #top { height: 1fr; }
        .panel { width: 1fr; padding: 0 1; border-top: solid $foreground 20%; border-title-color: $foreground 60%; }
        .panel:focus-within, .panel:focus { border-top: solid $primary; }
    }
    Dashboard.-large #side { width: 46; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("q", "app.quit", "quit"),
        Binding("question_mark", "app.show_help", "show this help", key_display="?"),
        Binding("m", "next_matrix", "show the next matrix"),
        Binding("v,down", "walk_quantity(1)", "show the next quantity", key_display="v"),
        Binding("b", "toggle_second", "chart another quantity too", show=False),
        Binding("a", "toggle_all", "chart all matrices, or one", show=False),
        Binding("V,up", "walk_quantity(-1)", "show the previous quantity", show=False),
        Binding("1", "show_panel('chart')", "show the chart"),
        Binding("2", "show_panel('histogram')", "show the histogram"),
        Binding("3", "show_panel('map')", "show the map"),
        Binding("4", "show_panel('images')", "show the images"),
        Binding("3", "show_panel('matrices')", "show the matrices"),
        Binding("5", "show_panel('findings')", "show the findings"),
        Binding("tab", "next_panel(1)", "walk through the panels", show=False),
        Binding("shift+tab", "next_panel(-1)", "walk through the panels", show=False),
        Binding("slash", "filter_findings", "filter findings or matrices", show=False, key_display="/"),
        Binding("d", "app.detach", "quit, the run goes on"),
        Binding("p", "app.pick_preset", "pick another preset", show=False),
        Binding("t", "app.toggle_theme", "turn light or dark", show=False),
    ]

    def __init__(self, source: RunSource, glyphs: Glyphs, fps: float | None) -> None:
        super().__init__(source, fps)
        self._glyphs = glyphs
        self.state = RunState(source.preset)
        self.state.phase = source.phase
        self.state.take([source.described] if source.described else [])
        self._matrix, self._shows_all = "", False
        self._quantity = QUANTITIES[0]
        self._second: Quantity | None = None
        self._panel: RunPanel = "chart"
        self._recent: tuple[RunPanel, ...] = ()
        self._looked_at = -math.inf
        self._arranged_for: tuple[object, ...] = ()

    def compose(self) -> ComposeResult:
        """Yield the header, the cards, the panels and the keys."""
        yield RunHeader(self._glyphs)
        yield Cards(self._glyphs)
        with Horizontal(id="top"):
            yield Chart(self._glyphs, id="chart").add_class("panel")
            with Vertical(id="side"):
                yield HistogramPanel(self._glyphs, id="histogram").add_class("panel")
                yield MapPanel(self._glyphs, id="map").add_class("panel")
                yield ImagesPanel(self._glyphs, self.source.preset.network.activation, id="images").add_class("panel")
        yield MatricesPane(self._glyphs, id="matrices").add_class("panel")
        yield FindingsPane(self._glyphs, id="findings").add_class("panel")
        yield KeyLine()

    def on_mount(self) -> None:
        """Arrange the panels; the run begins after the first frame."""
        for panel, (key, title) in TITLES.items():
            self.query_one(f"#{panel}").border_title = numbered_title(key, title, has_color=not self.app.no_color)
        self._arrange()
        self.call_after_refresh(self._start)

    def _start(self) -> None:
        self.source.start()
        self.refresh_soon()

    def on_unmount(self) -> None:
        """Close the source."""
        self.source.close()

    def look_like(self, other: Dashboard) -> None:
        """Show another dashboard's matrix, quantities and panel, in its scales, from the first frame on."""
        self._matrix, self._shows_all = other._matrix, other._shows_all
        self._quantity, self._second = other._quantity, other._second
        self._panel, self._recent = other._panel, other._recent
        scales = other.query_one(Chart).scales
        self.call_after_refresh(lambda: self.query_one(Chart).scale(scales))

    @property
    def panels(self) -> tuple[RunPanel, ...]:
        """The panels for which the run has anything."""
        return panels_of(self.state)

    def _arrange(self) -> None:
        """Give the chart its axis, and show the panels of this kind of run."""
        kind = self.panels, self.state.clock, len(self.state.history.matrices)
        if kind == self._arranged_for:
            return
        if self.state.clock not in self._arranged_for:
            self.query_one(Chart).set_axis(self.state.clock, is_log=self.state.clock == "step")
        self._arranged_for = kind
        self._panel = self._panel if self._panel in self.panels else "chart"
        self.fit_panels()

    def fit_panels(self) -> None:
        """Show the panels that fit."""
        kind = self.layout_kind
        for name in ("tiny", "small", "large"):
            self.set_class(kind == name, f"-{name}")
        matrices, height = len(self.state.history.matrices), self.app.size.height
        plan = arrange(kind, self.panels, matrices, (self._panel, *self._recent), height)
        for panel in TITLES:
            widget = self.query_one(f"#{panel}")
            widget.display, widget.styles.height = panel in plan.panels, plan.rows.get(panel, "1fr")
        self.query_one(Cards).display, shown = plan.has_cards, plan.panels
        self.query_one("#side").display = bool(shown & {*SIDE})
        self.query_one("#top").display = bool(shown - {"findings", "matrices"})
        self.show_keys()
        self._focus_panel()

    def _focus_panel(self) -> None:
        """Focus the panel that the user chose, where it is shown."""
        panel = self._panel if self.query_one(f"#{self._panel}").display else "findings"
        target = self.query_one(f"#{panel}")
        self.set_focus(target.entries if isinstance(target, FilteredPane) else target, scroll_visible=False)

    # New data.

    def poll(self) -> None:
        """Show what has arrived since the last call."""
        box, was_being_read = self.source.mailbox, self.state.is_being_read
        self.state.phase = self.source.phase  # before the records: once they are said to be read, all are in the box
        self.state.take(records := box.take())
        self.tell_findings(records, self.state.clock)
        is_other_phase = self.note_phase(self.state.phase) and not self.state.is_being_read
        self.state.note_progress(box.epoch)
        if not self.is_seen:
            return
        with self.app.batch_update():
            self._arrange()
            self._show_header()
            if records or is_other_phase or was_being_read != self.state.is_being_read:
                self.show_everything()
            self._show_weights()
        self.show_trouble(self.source.trouble, f"The run failed{self.way_back}", self.source.remark)

    @property
    def shown(self) -> RunState:
        """The state on the screen."""
        return self.state

    @property
    def charted(self) -> History:
        """The history on the chart."""
        return self.shown.history

    def _show_header(self) -> None:
        self.query_one(RunHeader).show(self.shown, self.source.role)

    def show_everything(self) -> None:
        """Draw header, cards and every panel that needs no weights."""
        self._matrix = self.state.shown_matrix(self._matrix)
        self._show_header()
        alone, shown = self.layout_kind == "tiny", self.shown
        self.query_one(Cards).show(shown, self._matrix, self._quantity, is_alone=alone)
        if "matrices" in self.panels:
            self.query_one(MatricesPane).show(shown, self._matrix)
        self._show_chart()
        self.query_one(FindingsPane).show(
            shown.findings, shown.clock, shown.remark, is_read=not self.state.is_being_read
        )
        panel = self.query_one(HistogramPanel)
        panel.name_law(shown.law_words(self._matrix))
        if panel.display and shown.latest and shown.first:
            panel.show(self._matrix, shown.law_of(self._matrix), shown.first, shown.latest)

    def _show_chart(self) -> None:
        if not (chart := self.query_one(Chart)).display:
            return
        shown = Shown(self.shown, self.charted, self._matrix, self._glyphs)
        pane = self.query_one(MatricesPane) if "matrices" in self.panels else None
        listed = (pane.charted, pane.others() if self._shows_all else ()) if pane else None
        charted = charted_run(shown, self._quantity, self._second, listed, shows_all=self._shows_all)
        charted.show_on(chart, planned_end(self.state))

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

    def check_action(self, action: str, parameters: tuple[Any, ...]) -> bool | None:
        """Disable the keys of panels for which the run has nothing."""
        return action != "show_panel" or parameters[0] in self.panels

    def action_next_matrix(self) -> None:
        """Show the next matrix on cards, chart and histogram."""
        if "matrices" in self.panels:
            self.query_one(MatricesPane).walk(1)
            return
        self._matrix = self.state.next_matrix(self._matrix)
        self.show_everything()

    def on_matrices_pane_changed(self) -> None:
        """Show the matrix that was walked to."""
        self._matrix = self.query_one(MatricesPane).matrix or self._matrix
        self.show_everything()

    def action_toggle_all(self) -> None:
        """Chart all matrices, or one, where the quantity is of a matrix."""
        if not self._quantity.is_of_matrix:
            self.notify("this quantity is of the whole network, not of each matrix", timeout=4)
        self._shows_all ^= self._quantity.is_of_matrix
        self.show_everything()

    def action_walk_quantity(self, direction: int) -> None:
        """Chart the next quantity, or the previous one."""
        self._quantity = next_quantity(self.state.quantities, self._quantity, direction, self._second)
        self.show_everything()

    def action_toggle_second(self) -> None:
        """Chart the next quantity too, with an axis on the right, or chart one alone."""
        self._second = None if self._second else next_quantity(self.state.quantities, self._quantity, 1)
        self.show_everything()

    def on_card_chosen(self, event: Card.Chosen) -> None:
        """Chart the quantity of the card."""
        self._quantity = event.quantity
        self.show_everything()

    def action_show_panel(self, panel: RunPanel) -> None:
        """Show a panel; in a small window, instead of the current one."""
        self._panel = panel
        self._recent = tuple(dict.fromkeys((panel, *self._recent)))
        self.fit_panels()
        self.call_after_refresh(self.show_everything)
        self.call_after_refresh(self._show_weights)

    def action_next_panel(self, direction: int) -> None:
        """Go to the next panel or the previous one."""
        panels = self.panels
        self.action_show_panel(panels[(panels.index(self._panel) + direction) % len(panels)])

    def action_filter_findings(self) -> None:
        """Focus the filter of the matrices where that panel is chosen, else that of the findings."""
        pane = self.query_one(MatricesPane) if self._panel == "matrices" else self.query_one(FindingsPane)
        self.action_show_panel("matrices" if self._panel == "matrices" else "findings")
        pane.open_filter()

    def on_findings_pane_pointed(self, event: FindingsPane.Pointed) -> None:
        """Move the chart's cursor to the finding, and show its quantity and matrix."""
        finding = event.finding
        self._matrix = finding.matrix or self._matrix
        concerned = (quantity for quantity in self.state.quantities if finding.rule in quantity.rules)
        self._quantity = next(concerned, self._quantity)
        self.show_everything()
        self.query_one(Chart).move_cursor_to(finding.epoch)
