"""Opens a screen on what a command names."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tuimove.experiments.experiment import ExperimentOptions
    from tuimove.runs.run_options import RunOptions
    from tuimove.screen.app import Opening, ScreenOptions
    from tuimove.settings.preset import Preset
    from tuimove.settings.sweep import Experiment


def open_experiment(experiment: Experiment, asked: ExperimentOptions, options: argparse.Namespace) -> int:
    """Train an experiment on the screen of many runs, and return the exit code."""
    from tuimove.screen.many_runs.grid import RunGrid
    from tuimove.screen.sources.trained_experiment import ExperimentThread
    from tuimove.screen.terminal import detect_options, require_terminal

    require_terminal()
    drawing = detect_options(ascii_only=options.ascii, fps=options.fps)
    feed = ExperimentThread(experiment, asked, options.fail_on)
    return run_screen(RunGrid(feed, drawing.glyphs, drawing.fps), drawing, options)


def open_comparison(options: argparse.Namespace) -> int:
    """Show recorded runs on the screen of many runs, and return the exit code."""
    from tuimove.recording.folder.store import named_place
    from tuimove.screen.many_runs.grid import RunGrid
    from tuimove.screen.sources.board import require_charted
    from tuimove.screen.sources.recorded_runs import ReadingThread
    from tuimove.screen.terminal import detect_options, require_terminal

    require_charted(options.of)
    require_terminal("leave out --ui to have it printed")
    drawing = detect_options(ascii_only=options.ascii, fps=options.fps)
    feed = ReadingThread([named_place(run) for run in options.runs])
    return run_screen(RunGrid(feed, drawing.glyphs, drawing.fps, options.of, options.against), drawing, options)


def pick_preset(options: argparse.Namespace) -> int:
    """Open the screen that shipped presets are chosen on."""
    return open_screen(None, options)


def open_screen(preset: Preset | None, options: argparse.Namespace, resumed: Path | None = None) -> int:
    """Open a dashboard that trains a preset, or goes on with the run in a folder; the picker without either."""
    from tuimove.recording.folder.run_folder import require_unused
    from tuimove.screen.terminal import detect_options, require_terminal

    require_terminal()
    out = getattr(options, "out", None)
    if out is not None:
        require_unused(out)
    drawing = detect_options(ascii_only=options.ascii, fps=options.fps)
    if resumed is None:
        return run_screen(preset, drawing, options)
    from tuimove.runs.resumption import preset_of_run
    from tuimove.screen.one_run.dashboard import Dashboard
    from tuimove.screen.sources.trained_run import TrainingThread

    training = TrainingThread(preset_of_run(resumed, options.moved), _worker_options(options), resumed)
    return run_screen(Dashboard(training, drawing.glyphs, drawing.fps), drawing, options)


def _worker_options(options: argparse.Namespace) -> RunOptions:
    from tuimove.runs.run_options import RunOptions

    names = ("threads", "out", "fail_on", "moved", "notices")
    asked = {name: getattr(options, name) for name in names if hasattr(options, name)}
    if hasattr(options, "checkpoint_every"):
        asked["checkpoint_seconds"] = options.checkpoint_every
    return RunOptions(is_kept=not getattr(options, "no_store", False), **asked)


def run_screen(first: Opening, drawing: ScreenOptions, options: argparse.Namespace) -> int:
    """Run the application with its first screen, and return the exit code."""
    from tuimove.screen.terminal import run_in_terminal

    return run_in_terminal(first, _worker_options(options), drawing, mouse=not options.no_mouse)
