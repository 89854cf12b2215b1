"""The application around the screens: opens and closes them, themes, help, and quitting."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.command import CommandPalette
from textual.filter import LineFilter
from textual.screen import Screen

from tuimove.errors import TuimoveError
from tuimove.runs.run_options import RunOptions
from tuimove.screen.attaching import attached_screen, held_here
from tuimove.screen.deeds import plain_keys
from tuimove.screen.drawing.plain_text import PlainTextFilter
from tuimove.screen.drawing.raster import Glyphs
from tuimove.screen.everywhere import EverywhereApp
from tuimove.screen.form import PresetForm
from tuimove.screen.help import HelpScreen
from tuimove.screen.job_control import has_job_control, stop_group
from tuimove.screen.keys_in_turn import KeysInTurnApp
from tuimove.screen.leaving import LeavingApp
from tuimove.screen.line.paced_app import PacedApp
from tuimove.screen.many_runs.grid import RunGrid
from tuimove.screen.messages import (
    ExperimentChosen,
    LivingRunChosen,
    PresetChosen,
    PresetEditAsked,
    RecordedExperimentChosen,
    RecordedRunChosen,
    RestartAsked,
)
from tuimove.screen.one_run.dashboard import Dashboard
from tuimove.screen.one_run.opened_run import OpenedRun
from tuimove.screen.palette import ColoredApp
from tuimove.screen.picker import Picker
from tuimove.screen.sources.recorded_run import RecordedRun
from tuimove.screen.sources.trained_experiment import ExperimentThread
from tuimove.screen.sources.trained_run import TrainingThread
from tuimove.settings.preset import Preset


@dataclass(frozen=True)
class ScreenOptions:
    """How the dashboard looks."""

    glyphs: Glyphs = "braille"
    fps: float | None = None
    """Redraws per second; None for as many as fit the budget."""
    has_few_colors: bool = False
    """Whether to use only the terminal's own colours: it has at most 16, or the user wants none."""


Opening = Preset | Dashboard | RunGrid | None
"""First screen of the application: a preset to train, a finished screen object, or the list of presets."""


class TuimoveApp(KeysInTurnApp, ColoredApp, EverywhereApp, PacedApp, LeavingApp):
    """Opens on the picker, on the run of a preset, or on a screen of one recorded run or of many."""

    TITLE = "tuimove"
    CSS = f"""{EverywhereApp.CSS}
    TuimoveApp.-colorless .option-list--option-highlighted {{ text-style: bold underline; }}
    TuimoveApp.-colorless .input--cursor {{ text-style: reverse; }}
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+c", "quit", "quit", show=False, priority=True),
        Binding("ctrl+z", "suspend_process", "suspend", show=False, priority=True),
    ]

    def __init__(self, first: Opening, worker: RunOptions, options: ScreenOptions) -> None:
        super().__init__(has_few_colors=options.has_few_colors)
        self._first, self._worker_options, self._options = first, worker, options
        self.set_class(self.no_color, "-colorless")
        self.begun = []
        self._plain_text = PlainTextFilter(enabled=options.glyphs == "ascii")

    @property
    def is_plain(self) -> bool:
        """Whether only ASCII is shown."""
        return self._plain_text.enabled

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Return the filters that every line passes before it is written."""
        filters = super().get_line_filters()
        return [*filters, self._plain_text] if self.is_plain else filters

    def on_mount(self) -> None:
        """Open the first screen."""
        if self._first is None:
            self.push_screen(Picker())
        elif isinstance(self._first, Preset):
            self.open_run(self._first)
        else:
            self._show_alone(self._first)

    def open_run(self, preset: Preset) -> Dashboard:
        """Stop the current training, train a preset, and return its screen."""
        self.stop_runs()
        worker = TrainingThread(preset, self._options_of_run())
        dashboard = Dashboard(worker, self._options.glyphs, self._options.fps)
        self._show_alone(dashboard)
        self.explain_first_run(dashboard, is_kept=self._worker_options.is_kept)
        return dashboard

    def on_preset_chosen(self, event: PresetChosen) -> None:
        """Train a preset."""
        self.open_run(event.preset)

    def on_restart_asked(self, event: RestartAsked) -> None:
        """Ask for confirmation, and train a preset instead of the run on the screen, seen in the same way."""
        before = self.screen

        def restart() -> None:
            new = self.open_run(event.preset)
            if isinstance(before, Dashboard):
                new.look_like(before)

        self.leave_run(", train another", restart)

    def on_experiment_chosen(self, event: ExperimentChosen) -> None:
        """Stop the current training, and train an experiment."""
        from tuimove.experiments.experiment import ExperimentOptions

        self.stop_runs()
        asked = self._worker_options
        options = ExperimentOptions(asked.threads, is_kept=asked.is_kept)
        feed = ExperimentThread(event.experiment, options, asked.fail_on)
        self._show_alone(RunGrid(feed, self._options.glyphs, self._options.fps))

    def _show_alone(self, screen: Screen[None]) -> None:
        """Close all other screens and show one, with its thread."""
        if isinstance(screen, RunGrid):
            self.note_begun(screen.feed)
        elif isinstance(screen, Dashboard) and isinstance(screen.source, TrainingThread):
            self.note_begun(screen.source)
        self.drop_errors()
        while len(self.screen_stack) > 1:
            self.pop_screen()
        self.push_screen(screen)

    def on_living_run_chosen(self, event: LivingRunChosen) -> None:
        """Show a run or an experiment that another process trains."""
        try:
            self._show_alone(attached_screen(event.folder, self._options.glyphs, self._options.fps))
        except TuimoveError as error:
            self.notify(str(error), severity="warning", timeout=4, markup=False)

    def on_recorded_run_chosen(self, event: RecordedRunChosen) -> None:
        """Show one of many runs above them, from its records."""
        try:
            recorded = RecordedRun(event.folder, data=event.data)
            self.push_screen(OpenedRun(recorded, self._options.glyphs, self._options.fps))
            self.notify("esc goes back to all runs", timeout=3)
        except TuimoveError as error:
            self.notify(str(error), severity="warning", timeout=4, markup=False)

    def on_recorded_experiment_chosen(self, event: RecordedExperimentChosen) -> None:
        """Show the runs of a recorded experiment."""
        from tuimove.screen.sources.recorded_runs import ReadingThread

        self._show_alone(RunGrid(ReadingThread([str(event.folder)]), self._options.glyphs, self._options.fps))

    def _options_of_run(self) -> RunOptions:
        """Return the run's options; only the first run uses the user's folder and shows the notices."""
        out = self._worker_options.out
        if not self.begun:
            return self._worker_options
        if out is None:
            return replace(self._worker_options, notices=())
        from tuimove.recording.folder.run_folder import next_folder  # numpy, which the first frame doesn't wait for

        folder = next_folder(out)
        self.notify(f"this run is kept in {folder}", timeout=4, markup=False)
        return replace(self._worker_options, out=folder, notices=())

    def on_preset_edit_asked(self, event: PresetEditAsked) -> None:
        """Let the user change a preset and train it."""

        def train(changed: Preset | None) -> None:
            if changed is not None:
                self.open_run(changed)

        self.push_screen(PresetForm(event.preset), train)

    def action_pick_preset(self) -> None:
        """Stop the run, after a question, and go back to the presets."""
        self.leave_run(", pick another preset", self._pick_preset)

    def _pick_preset(self) -> None:
        self.stop_runs()
        self._show_alone(Picker(held_here(thread.out for thread in self.begun)))

    def action_suspend_process(self) -> None:
        """Suspend the program, and training with it, until the shell's `fg`."""
        if has_job_control():
            with self.suspend():
                stop_group()
        else:
            words = "no shell here could bring it back; d leaves the run to the background"
            self.notify(words, severity="warning", timeout=4)

    def action_command_palette(self) -> None:
        """List the commands that Textual knows of the screen."""
        if not isinstance(self.screen, CommandPalette):
            from tuimove.screen.command_palette import Commands  # not before the first frame

            self.push_screen(Commands(id="--command-palette"))

    def action_show_help(self) -> None:
        """List the keys of this screen and of its panels."""
        if not isinstance(self.screen, HelpScreen):
            from tuimove.screen.key_groups import folded_groups, key_groups

            groups = folded_groups(key_groups(self, self.screen))
            named = [(title, [(plain_keys(keys, self), words) for keys, words in deeds]) for title, deeds in groups]
            self.push_screen(HelpScreen(named))
