"""`tuimove run`: trains a preset's network, or the runs of its sweep."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from tuimove.command_line.flags import (
    Parser,
    add_checkpoint_every,
    add_dask,
    add_fail_on,
    add_quiet,
    add_screen_options,
    add_threads,
    parse_assignment,
    path,
    positive,
    require_headless,
    run_options,
    training_options,
)
from tuimove.command_line.opening import open_experiment, open_screen
from tuimove.errors import TuimoveError

if TYPE_CHECKING:
    from tuimove.command_line.headless.one_run import HeadlessOptions
    from tuimove.settings.preset_file import PresetText
    from tuimove.settings.preset_reading import Override
    from tuimove.settings.sweep import Experiment


def add_run(commands: argparse._SubParsersAction[Parser]) -> Parser:
    """Add the command and its flags, and return its parser."""
    run = commands.add_parser("run", help="train a preset's network and watch or record it", allow_abbrev=False)
    run.set_defaults(command=_run)
    run.add_argument("preset", metavar="PRESET", help="a shipped preset's name, or the path of a TOML file")
    run.add_argument("--no-ui", action="store_true", help="no screen: JSON Lines on stdout, words on stderr")
    add_screen_options(run)
    run.add_argument(
        "--set",
        metavar="KEY=VALUE",
        action="append",
        default=[],
        dest="assignments",
        help="change one key of the preset, such as network.hidden=20",
    )
    run.add_argument("--seed", metavar="N", help="short for --set training.seed=N")
    run.add_argument("--data", metavar="DIR", help="a folder of IDX files to train on; --set data.name=DIR")
    add_threads(run)
    run.add_argument(
        "--out",
        metavar="DIR",
        type=path,
        help="keep the run in this new folder (default: a folder of its own among your runs)",
    )
    run.add_argument("--no-store", action="store_true", help="keep nothing of the run")
    add_checkpoint_every(run)
    add_fail_on(run)
    run.add_argument(
        "--max-runs",
        metavar="N",
        type=positive,
        default=10_000,
        help="the most runs that a preset's [sweep] may make (default: 10,000)",
    )
    add_dask(run)
    run.add_argument("--histograms", action="store_true", help="put histograms into the records on stdout too")
    add_quiet(run)
    return run


def _run(options: argparse.Namespace) -> int:
    from tuimove.settings.preset_file import find_preset
    from tuimove.settings.preset_reading import Override
    from tuimove.settings.sweep import read_experiment
    from tuimove.settings.typed_values import parse_value

    if options.no_store and options.out is not None:
        options.parser.error("--no-store and --out exclude each other")
    require_headless(options)
    overrides = [parse_assignment(text) for text in options.assignments]
    if options.seed is not None:
        overrides.append(Override("--seed", "training.seed", parse_value(options.seed)))
    if options.data is not None:
        overrides.append(Override("--data", "data.name", options.data))
    found = find_preset(options.preset)  # read only once: it may be a pipe
    overrides += _fit_to_data(found, overrides, options)
    experiment = read_experiment(found, overrides, options.max_runs)
    if experiment.keys:
        return run_experiment(experiment, options)
    if options.dask is not None:
        raise TuimoveError(f"--dask: {options.preset} has no [sweep], so it is one run; train it without --dask")
    preset = experiment.base
    if not options.no_ui:
        return open_screen(preset, options)
    from tuimove.command_line.headless.one_run import run_headless

    return run_headless(preset, headless_options(options))


def _fit_to_data(found: PresetText, overrides: Sequence[Override], options: argparse.Namespace) -> list[Override]:
    """Return overrides that reduce a preset's number of images to those of the user's data, and note the change."""
    from tuimove.settings.sweep import base_preset
    from tuimove.training.train_count import fitted_count, fitted_words

    base = base_preset(found, overrides)
    fitted = fitted_count(base, overrides)
    options.notices = (fitted_words(base, fitted),) if fitted else ()
    return [fitted] if fitted else []


def headless_options(options: argparse.Namespace) -> HeadlessOptions:
    """Return the options of a run without a screen."""
    from tuimove.command_line.headless.one_run import HeadlessOptions

    return HeadlessOptions(**vars(run_options(options)), histograms=options.histograms, is_quiet=options.quiet)


def run_experiment(
    experiment: Experiment, options: argparse.Namespace, on_locked: Callable[[], None] = lambda: None
) -> int:
    """Train an experiment, with a screen or without, and return the exit code."""
    from tuimove.experiments.experiment import ExperimentOptions

    if options.dask is not None and options.threads is not None:
        raise TuimoveError("--threads: with --dask every worker uses the threads that it was started with")
    asked = ExperimentOptions(
        **training_options(options),
        histograms=options.histograms,
        dask=options.dask,
        is_resumed=hasattr(options, "moved"),
    )
    if not options.no_ui:
        return open_experiment(experiment, asked, options)
    from tuimove.command_line.headless.many_runs import run_experiment

    return run_experiment(experiment, asked, options.fail_on, is_quiet=options.quiet, on_locked=on_locked)
