"""Flags, the choice of front end, and exit codes; imports nothing heavy before a run needs it."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from tuimove import __version__
from tuimove.errors import ExitCode, TuimoveError, nearest_of

if TYPE_CHECKING:
    from tuimove.experiment import ExperimentOptions
    from tuimove.preset import Preset
    from tuimove.screen.app import ScreenOptions
    from tuimove.screen.grid import RunGrid
    from tuimove.sweep import Experiment

DESCRIPTION = "Watch how far a classifier's weights move while it trains."

EPILOG = """\
exit codes:
  0    finished
  1    training failed: loss or weights not finite, or records could not be written
  2    a mistake in the command, the preset or the data
  3    a finding at least as severe as --fail-on
  130  interrupted

examples:
  tuimove                          choose a preset, and watch it train
  tuimove run quick-look           watch this one
  tuimove run four-networks        watch the runs of an experiment side by side
  tuimove compare one two --ui     lay recorded runs over one another, on the same screen
  tuimove run quick-look --no-ui   without a screen, for scripts
  tuimove run same-network --no-ui --set network.hidden=20 --seed 3 --out my-run
  tuimove run my.toml --no-ui --fail-on warning > records.jsonl && tuimove check records.jsonl
  tuimove replay my-run            go through a recorded run
  tuimove presets quick-look > my.toml && tuimove run my.toml --no-ui
"""


class Parser(argparse.ArgumentParser):
    """An argument parser that suggests the nearest option or command to a mistyped one."""

    def error(self, message: str) -> NoReturn:
        """Print one line and leave with the exit code of a usage error."""
        self.exit(ExitCode.USAGE, f"{self.prog}: error: {message}{self._suggestion(message)}\n")

    def _suggestion(self, message: str) -> str:
        if "unrecognized arguments" in message:
            return nearest_of(message.split()[2].partition("=")[0], self._option_string_actions)
        if "invalid choice" in message:
            choices = next(action.choices for action in self._actions if action.choices)
            return nearest_of(message.split("'")[1], choices)
        return ""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code; the one place where errors are printed."""
    parser = build_parser()
    options, unknown = parser.parse_known_args(arguments)
    try:
        if unknown:
            options.parser.error(f"unrecognized arguments: {' '.join(unknown)}")
        return int(options.command(options))
    except TuimoveError as error:
        for line in str(error).splitlines():
            print(f"tuimove: error: {line}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        return ExitCode.INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has gone; without this Python complains when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitCode.FINISHED


def build_parser() -> Parser:
    """Return the parser of the whole command line."""
    parser = Parser(
        prog="tuimove",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"tuimove {__version__}")
    parser.set_defaults(command=_pick, parser=parser)
    _add_screen_options(parser)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    for add in (_add_run, _add_replay, _add_check, _add_compare, _add_presets, _add_bench):
        command = add(commands)
        command.set_defaults(parser=command)
    return parser


def _add_run(commands: argparse._SubParsersAction[Parser]) -> Parser:
    run = commands.add_parser("run", help="train a preset's network and watch or record it", allow_abbrev=False)
    run.set_defaults(command=_run)
    run.add_argument("preset", metavar="PRESET", help="a shipped preset's name, or the path of a TOML file")
    run.add_argument("--no-ui", action="store_true", help="no screen: JSON Lines on stdout, words on stderr")
    _add_screen_options(run)
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
    run.add_argument(
        "--threads",
        metavar="N",
        type=_positive,
        help="threads that share an epoch (default: one a processor); the result is the same",
    )
    run.add_argument(
        "--out",
        metavar="DIR",
        type=Path,
        help="keep preset, records, first and last weights in this new folder",
    )
    _add_fail_on(run)
    run.add_argument(
        "--max-runs",
        metavar="N",
        type=_positive,
        default=10_000,
        help="the most runs that a preset's [sweep] may make (default: 10,000)",
    )
    run.add_argument("--histograms", action="store_true", help="put histograms into the records on stdout too")
    return run


def _add_replay(commands: argparse._SubParsersAction[Parser]) -> Parser:
    replay = commands.add_parser("replay", help="go through a recorded run in the dashboard", allow_abbrev=False)
    replay.set_defaults(command=_replay)
    replay.add_argument("run", metavar="RUN", help="a run folder, or a .jsonl or .jsonl.gz file")
    replay.add_argument(
        "--speed",
        metavar="N",
        type=_factor,
        help="let it happen again, N times as fast (default: show all of it at once)",
    )
    replay.add_argument(
        "--data",
        metavar="DIR",
        type=Path,
        help="the folder of IDX files it was trained on, if it has images of its own",
    )
    _add_screen_options(replay)
    return replay


def _add_check(commands: argparse._SubParsersAction[Parser]) -> Parser:
    check = commands.add_parser("check", help="diagnose a recorded run again", allow_abbrev=False)
    check.set_defaults(command=_check)
    check.add_argument("run", metavar="RUN", help="a run folder, a .jsonl or .jsonl.gz file, or - for standard input")
    check.add_argument(
        "--set",
        metavar="KEY=VALUE",
        action="append",
        default=[],
        dest="assignments",
        help="change a limit, such as diagnosis.jump=0.5",
    )
    _add_fail_on(check)
    return check


def _add_compare(commands: argparse._SubParsersAction[Parser]) -> Parser:
    compare = commands.add_parser("compare", help="lay recorded runs over one another", allow_abbrev=False)
    compare.set_defaults(command=_compare)
    compare.add_argument(
        "runs", metavar="RUN", nargs="+", help="run folders, experiments' folders, .jsonl or .jsonl.gz files, or -"
    )
    compare.add_argument(
        "--of",
        metavar="QUANTITY",
        default="W1.distance",
        help="such as W2.norm or loss (default: W1.distance)",
    )
    compare.add_argument("--ui", action="store_true", help="on the dashboard's screen of many runs, not printed")
    _add_screen_options(compare)
    compare.add_argument(
        "--against",
        metavar="AXIS",
        choices=("epoch", "log-epoch", "seconds"),
        default="epoch",
        help="epoch, log-epoch or seconds (default: epoch)",
    )
    return compare


def _add_fail_on(command: Parser) -> None:
    command.add_argument(
        "--fail-on",
        metavar="SEVERITY",
        choices=("notice", "warning", "alarm"),
        help="notice, warning or alarm: exit with 3 when anything as severe was found",
    )


def _add_screen_options(parser: argparse.ArgumentParser) -> None:
    screen = parser.add_argument_group("the dashboard")
    screen.add_argument(
        "--fps", metavar="N", type=_positive, help="redraws a second (default: what stays cheap, up to 3)"
    )
    screen.add_argument("--ascii", action="store_true", help="draw without Unicode")
    screen.add_argument("--no-mouse", action="store_true", help="leave the mouse to the terminal")


def _add_presets(commands: argparse._SubParsersAction[Parser]) -> Parser:
    presets = commands.add_parser("presets", help="list the shipped presets, or print one", allow_abbrev=False)
    presets.set_defaults(command=_presets)
    presets.add_argument("name", metavar="NAME", nargs="?", help="the preset to print as TOML")
    return presets


def _add_bench(commands: argparse._SubParsersAction[Parser]) -> Parser:
    bench = commands.add_parser("bench", help="time this machine beside NumPy, SciPy and PyTorch", allow_abbrev=False)
    bench.set_defaults(command=_bench)
    bench.add_argument("--rounds", metavar="N", type=_positive, default=7, help="turns of each contender (default: 7)")
    bench.add_argument(
        "--neurons", metavar="N", type=_positive, action="append", help="only this many; may be given several times"
    )
    bench.add_argument("--density", action="store_true", help="time sparse against dense images instead")
    bench.add_argument("--json", action="store_true", help="print one JSON object instead of lines")
    return bench


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 1 up")
    return int(text)


def _factor(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number above 0")
    return number


def _run(options: argparse.Namespace) -> int:
    from tuimove.preset import Override, parse_assignment, parse_value
    from tuimove.sweep import load_experiment

    overrides = [parse_assignment(text) for text in options.assignments]
    if options.seed is not None:
        overrides.append(Override("--seed", "training.seed", parse_value(options.seed)))
    if options.data is not None:
        overrides.append(Override("--data", "data.name", options.data))
    experiment = load_experiment(options.preset, overrides, options.max_runs)
    if experiment.keys:
        return _run_experiment(experiment, options)
    preset = experiment.base
    if not options.no_ui:
        return _open_screen(preset, options)
    from tuimove.headless import HeadlessOptions, run_headless

    return run_headless(preset, HeadlessOptions(options.threads, options.out, options.histograms, options.fail_on))


def _compare(options: argparse.Namespace) -> int:
    if options.ui:
        return _open_comparison(options)
    from tuimove.compare import compare_runs

    compare_runs(options.runs, options.of, options.against)
    sys.stdout.flush()
    return ExitCode.FINISHED


def _run_experiment(experiment: Experiment, options: argparse.Namespace) -> int:
    from tuimove.experiment import ExperimentOptions

    asked = ExperimentOptions(options.threads, options.out, options.histograms)
    if not options.no_ui:
        return _open_experiment(experiment, asked, options)
    from tuimove.headless_experiment import run_experiment

    return run_experiment(experiment, asked, options.fail_on)


def _open_experiment(experiment: Experiment, asked: ExperimentOptions, options: argparse.Namespace) -> int:
    from tuimove.screen.experiment_feed import ExperimentThread
    from tuimove.screen.grid import RunGrid
    from tuimove.screen.terminal import detect_options, require_terminal

    require_terminal()
    drawing = detect_options(ascii_only=options.ascii, fps=options.fps)
    feed = ExperimentThread(experiment, asked, options.fail_on)
    return _run_screen(RunGrid(feed, drawing.glyphs, drawing.fps), drawing, options)


def _open_comparison(options: argparse.Namespace) -> int:
    from tuimove.screen.board import require_charted
    from tuimove.screen.grid import RunGrid
    from tuimove.screen.recorded_feed import ReadingThread
    from tuimove.screen.terminal import detect_options, require_terminal

    require_charted(options.of)
    require_terminal("leave out --ui to have it printed")
    drawing = detect_options(ascii_only=options.ascii, fps=options.fps)
    feed = ReadingThread(options.runs)
    return _run_screen(RunGrid(feed, drawing.glyphs, drawing.fps, options.of, options.against), drawing, options)


def _check(options: argparse.Namespace) -> int:
    from tuimove.check import check_run
    from tuimove.preset import parse_assignment

    return check_run(options.run, [parse_assignment(text) for text in options.assignments], options.fail_on)


def _pick(options: argparse.Namespace) -> int:
    return _open_screen(None, options)


def _open_screen(preset: Preset | None, options: argparse.Namespace) -> int:
    from tuimove.screen.terminal import detect_options, require_terminal
    from tuimove.sinks.run_folder import require_unused

    require_terminal()
    out = getattr(options, "out", None)
    if out is not None:
        require_unused(out)
    return _run_screen(preset, detect_options(ascii_only=options.ascii, fps=options.fps), options)


def _run_screen(first: Preset | RunGrid | None, drawing: ScreenOptions, options: argparse.Namespace) -> int:
    from tuimove.screen.terminal import run_in_terminal
    from tuimove.screen.worker import WorkerOptions

    asked = (getattr(options, name, None) for name in ("threads", "out", "fail_on"))
    return run_in_terminal(first, WorkerOptions(*asked), drawing, mouse=not options.no_mouse)


def _replay(options: argparse.Namespace) -> int:
    from tuimove.screen.app import Recorded
    from tuimove.screen.recorded_source import open_recorded
    from tuimove.screen.terminal import detect_options, require_terminal, run_in_terminal
    from tuimove.screen.worker import WorkerOptions

    recorded = Recorded(open_recorded(options.run, options.data), options.speed)
    require_terminal("`tuimove check` tells the findings without a dashboard")
    drawing = detect_options(ascii_only=options.ascii, fps=options.fps)
    return run_in_terminal(None, WorkerOptions(), drawing, mouse=not options.no_mouse, recorded=recorded)


def _bench(options: argparse.Namespace) -> int:
    import json

    from tuimove import bench
    from tuimove.full_batch import usable_threads

    def say(line: str) -> None:
        print(line, file=sys.stderr if options.json else sys.stdout, flush=True)

    if options.density:
        timed = bench.run_density(options.rounds, say)
    else:
        threads = sorted({1, usable_threads()})
        timed = bench.run_bench(options.rounds, options.neurons or bench.NEURONS, threads, say)
    if options.json:
        print(json.dumps(timed))
    return ExitCode.FINISHED


def _presets(options: argparse.Namespace) -> int:
    from tuimove.preset import load_preset, shipped_presets

    shipped = shipped_presets()
    if options.name is not None:
        if options.name not in shipped:
            raise TuimoveError(f"unknown preset {options.name!r}{nearest_of(options.name, shipped)}")
        print(shipped[options.name], end="")
    else:
        width = max(map(len, shipped))
        for name in shipped:
            print(f"{name:<{width}}  {load_preset(name).title}")
    sys.stdout.flush()
    return ExitCode.FINISHED
