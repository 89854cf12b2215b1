"""The application around the screens: which one is open, themes, help, and quitting."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from textual.app import App
from textual.binding import Binding, BindingType
from textual.filter import LineFilter
from textual.screen import Screen

from tuimove.preset import Preset
from tuimove.screen.chart import Chart
from tuimove.screen.dashboard import Dashboard
from tuimove.screen.findings import FindingList
from tuimove.screen.form import PresetForm
from tuimove.screen.help import HelpScreen
from tuimove.screen.images import ImagesPanel
from tuimove.screen.map import MapPanel
from tuimove.screen.picker import Picker
from tuimove.screen.plain_text import PlainTextFilter
from tuimove.screen.raster import Glyphs
from tuimove.screen.replay import STEERING, Replay
from tuimove.screen.worker import TrainingThread, WorkerOptions

STOP_SECONDS = 2.0
"""How long a run may take to end its epoch and save when the screen is left."""


@dataclass(frozen=True)
class ScreenOptions:
    """How the dashboard looks, beside what it trains."""

    glyphs: Glyphs = "braille"
    fps: float | None = None
    """Redraws a second; as many as stay within the budget when None."""
    has_few_colors: bool = False
    """Whether the terminal has 16 colours at most, or none are wanted: its own are used, and none of ours."""


class TuimoveApp(App[None]):
    """Opens on the picker, on the run of a preset, or on a screen that is made already."""

    TITLE = "tuimove"
    CSS = """
    TuimoveApp.-colorless .option-list--option-highlighted { text-style: bold underline; }
    TuimoveApp.-colorless .input--cursor { text-style: reverse; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+c", "quit", "quit", show=False, priority=True)]

    def __init__(self, first: Preset | Dashboard | None, worker: WorkerOptions, options: ScreenOptions) -> None:
        super().__init__(ansi_color=options.has_few_colors or None)
        self._first, self.worker_options, self._options = first, worker, options
        self.set_class(self.no_color, "-colorless")
        self.theme = "ansi-dark" if options.has_few_colors else "textual-dark"
        self._plain_text = PlainTextFilter(enabled=options.glyphs == "ascii")
        self.workers_begun: list[TrainingThread] = []
        """Every run of this application, the newest last."""

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Return what every line goes through before it is written."""
        filters = super().get_line_filters()
        return [*filters, self._plain_text] if self._plain_text.enabled else filters

    def on_mount(self) -> None:
        """Open the first screen."""
        if self._first is None:
            self.push_screen(Picker())
        elif isinstance(self._first, Preset):
            self.open_run(self._first)
        else:
            self._show_alone(self._first)

    def is_current(self, screen: Screen[None]) -> bool:
        """Return whether a screen is the one to be seen, or only covered by a dialogue."""
        return screen in self.screen_stack and (self.screen is screen or self.screen.is_modal)

    def open_run(self, preset: Preset) -> None:
        """Stop what is trained now, and train a preset."""
        self.stop_runs()
        worker = TrainingThread(preset, self._options_of_run())
        self._show_alone(Dashboard(worker, self._options.glyphs, self._options.fps))

    def _show_alone(self, dashboard: Dashboard) -> None:
        if isinstance(dashboard.source, TrainingThread):
            self.workers_begun.append(dashboard.source)
        while len(self.screen_stack) > 1:
            self.pop_screen()
        self.push_screen(dashboard)

    def _options_of_run(self) -> WorkerOptions:
        """Return the run's options; only the first run goes to the folder that was asked for."""
        out = self.worker_options.out
        if out is None or not self.workers_begun:
            return self.worker_options
        from tuimove.sinks.run_folder import next_folder  # numpy, which the first frame doesn't wait for

        folder = next_folder(out)
        self.notify(f"this run is kept in {folder}", timeout=4, markup=False)
        return replace(self.worker_options, out=folder)

    def edit_preset(self, preset: Preset) -> None:
        """Let the user change a preset and train it."""

        def train(changed: Preset | None) -> None:
            if changed is not None:
                self.open_run(changed)

        self.push_screen(PresetForm(preset), train)

    def stop_runs(self) -> None:
        """Ask every run to end."""
        for worker in self.workers_begun:
            worker.controls.stop()

    def action_detach(self) -> None:
        """Leave the run to a process without a terminal, and close."""
        run = self.workers_begun[-1] if self.workers_begun else None
        if run is None:
            self.exit()  # it is another process's already
            return
        if run.out is None:
            self.notify("a run that isn't kept can't go on in the background", severity="warning", timeout=4)
            return
        if run.end is None and run.error is None:
            run.controls.stop("detached")
        self.exit()

    def action_pick_preset(self) -> None:
        """Stop the run and go back to the presets."""
        self.stop_runs()
        while len(self.screen_stack) > 1:
            self.pop_screen()
        self.push_screen(Picker())

    def action_toggle_theme(self) -> None:
        """Switch between light and dark."""
        kind = "ansi" if self._options.has_few_colors else "textual"
        self.theme = f"{kind}-light" if self.theme.endswith("dark") else f"{kind}-dark"

    def action_show_help(self) -> None:
        """List the keys of this screen and of its panels."""
        if not isinstance(self.screen, HelpScreen):
            self.push_screen(HelpScreen(self._key_groups()))

    def _key_groups(self) -> Iterator[tuple[str, list[Binding]]]:
        if isinstance(self.screen, Replay):
            yield "Recorded run", _bindings(Replay)
            yield "Everywhere", [binding for binding in _bindings(Dashboard) if binding.action not in STEERING]
        else:
            yield "Everywhere", _bindings(type(self.screen))
        if isinstance(self.screen, Dashboard):
            panels = (("Chart", Chart), ("Movement map", MapPanel), ("Images", ImagesPanel), ("Findings", FindingList))
            yield from ((title, _bindings(panel)) for title, panel in panels)


def _bindings(owner: type) -> list[Binding]:
    return [binding for binding in owner.__dict__.get("BINDINGS", ()) if isinstance(binding, Binding)]
