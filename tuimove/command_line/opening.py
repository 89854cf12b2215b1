"""Opens the screen that a command asks for."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from tuimove.command_line.flags import run_options

if TYPE_CHECKING:
    from tuimove.experiments.experiment import ExperimentOptions
    from tuimove.screen.app import Opening, ScreenOptions
    from tuimove.settings.preset import Preset
    from tuimove.settings.sweep import Experiment

NO_UI = "add --no-ui to train without a dashboard"
"""What to do without a terminal, by a command that trains."""


def open_experiment(experiment: Experiment, asked: ExperimentOptions, options: argparse.Namespace) -> int:
    """Train an experiment on the screen of many runs, and return the exit code."""
    from tuimove.screen.many_runs.grid import RunGrid
    from tuimove.screen.sources.trained_experiment import ExperimentThread

    drawing = require_drawing(options)
    feed = ExperimentThread(experiment, asked, options.fail_on)
    return run_screen(RunGrid(feed, drawing.glyphs, drawing.fps), drawing, options)


def open_comparison(options: argparse.Namespace) -> int:
    """Show recorded runs on the screen of many runs, and return the exit code."""
    from tuimove.recording.folder.store import named_place
    from tuimove.screen.many_runs.grid import RunGrid
    from tuimove.screen.sources.board import require_quantity
    from tuimove.screen.sources.recorded_runs import ReadingThread

    if options.of is not None:
        require_quantity(options.of)
    drawing = require_drawing(options, "leave out --ui to have it printed")
    feed = ReadingThread([named_place(run) for run in options.runs], options.of)
    return run_screen(RunGrid(feed, drawing.glyphs, drawing.fps, options.of, options.against), drawing, options)


def pick_preset(options: argparse.Namespace) -> int:
    """Open the screen that shipped presets are chosen on."""
    return open_screen(None, options, otherwise="tuimove run PRESET --no-ui trains without a dashboard")


def open_screen(
    preset: Preset | None, options: argparse.Namespace, resumed: Path | None = None, otherwise: str = NO_UI
) -> int:
    """Open a dashboard that trains a preset, or goes on with the run in a folder; the picker without either."""
    from tuimove.recording.folder.run_folder import require_unused

    drawing = require_drawing(options, otherwise)
    out = getattr(options, "out", None)
    if out is not None:
        require_unused(out)
    if resumed is None:
        return run_screen(preset, drawing, options)
    from tuimove.runs.resumption import preset_of_run
    from tuimove.screen.one_run.dashboard import Dashboard
    from tuimove.screen.sources.trained_run import TrainingThread

    training = TrainingThread(preset_of_run(resumed, options.moved), run_options(options), resumed)
    return run_screen(Dashboard(training, drawing.glyphs, drawing.fps), drawing, options)


def require_drawing(options: argparse.Namespace, otherwise: str = NO_UI) -> ScreenOptions:
    """Return how to draw on this terminal; raises a TuimoveError, with what to do instead, where there is none."""
    from tuimove.screen.terminal import detect_options, require_terminal

    require_terminal(otherwise)
    return detect_options(ascii_only=options.ascii, fps=options.fps)


def run_screen(first: Opening, drawing: ScreenOptions, options: argparse.Namespace) -> int:
    """Run the application with its first screen, and return the exit code."""
    from tuimove.screen.terminal import run_in_terminal

    return run_in_terminal(first, run_options(options), drawing, mouse=not options.no_mouse)
