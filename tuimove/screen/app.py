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
from tuimove.screen.recorded_source import RecordedRun
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


@dataclass(frozen=True)
class Recorded:
    """A recorded run to open on."""

    source: RecordedRun
    speed: float | None = None
    """How many times as fast as it happened; everything at once when None."""


class TuimoveApp(App[None]):
    """Opens on the picker, on the run of a preset, or on a recorded one."""

    TITLE = "tuimove"
    CSS = """
    TuimoveApp.-colorless .option-list--option-highlighted { text-style: bold underline; }
    TuimoveApp.-colorless .input--cursor { text-style: reverse; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+c", "quit", "quit", show=False, priority=True)]

    def __init__(
        self, preset: Preset | None, worker: WorkerOptions, options: ScreenOptions, recorded: Recorded | None = None
    ) -> None:
        super().__init__(ansi_color=options.has_few_colors or None)
        self._first, self._worker_options, self._options = preset, worker, options
        self._recorded = recorded
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
        if self._recorded is not None:
            speed, options = self._recorded.speed, self._options
            self.push_screen(Replay(self._recorded.source, speed, options.glyphs, options.fps))
        elif self._first is None:
            self.push_screen(Picker())
        else:
            self.open_run(self._first)

    def is_current(self, screen: Screen[None]) -> bool:
        """Return whether a screen is the one to be seen, or only covered by a dialogue."""
        return screen in self.screen_stack and (self.screen is screen or self.screen.is_modal)

    def open_run(self, preset: Preset) -> None:
        """Stop what is trained now, and train a preset."""
        self.stop_runs()
        worker = TrainingThread(preset, self._options_of_run())
        self.workers_begun.append(worker)
        dashboard = Dashboard(worker, self._options.glyphs, self._options.fps)
        while len(self.screen_stack) > 1:
            self.pop_screen()
        self.push_screen(dashboard)

    def _options_of_run(self) -> WorkerOptions:
        """Return the run's options; only the first run goes to the folder that was asked for."""
        out = self._worker_options.out
        if out is None or not self.workers_begun:
            return self._worker_options
        from tuimove.sinks.run_folder import next_folder  # numpy, which the first frame doesn't wait for

        folder = next_folder(out)
        self.notify(f"this run is kept in {folder}", timeout=4, markup=False)
        return replace(self._worker_options, out=folder)

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
