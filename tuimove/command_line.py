"""Flags, the choice of front end, and exit codes; imports nothing heavy before a run needs it."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from tuimove import __version__
from tuimove.environment import forget_ignored
from tuimove.errors import DataError, ExitCode, PresetError, TuimoveError, harmless, nearest_of
from tuimove.files import refusal, typed_path
from tuimove.standard_streams import guard_streams, whole_output

if TYPE_CHECKING:
    from tuimove.experiment import ExperimentOptions
    from tuimove.headless import HeadlessOptions
    from tuimove.preset import Override, Preset
    from tuimove.preset_file import PresetText
    from tuimove.run_options import RunOptions
    from tuimove.screen.app import Opening, ScreenOptions
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
  tuimove runs                     what goes on, has ended, or was cut short
  tuimove attach same-network      watch and steer a run whose terminal has gone
  tuimove resume same-network      go on with one that was cut short
  tuimove replay my-run            go through a recorded run
  tuimove presets quick-look > my.toml && tuimove run my.toml --no-ui
"""


class Parser(argparse.ArgumentParser):
    """An argument parser that suggests the nearest option or command to a mistyped one."""

    def error(self, message: str) -> NoReturn:
        """Print one line and leave with the exit code of a usage error."""
        self.exit(ExitCode.USAGE, f"{self.prog}: error: {harmless(message)}{self._suggestion(message)}\n")

    def refuse_unknown(self, unknown: Sequence[str], given: Sequence[str]) -> NoReturn:
        """Leave with the answer to arguments that the command doesn't have; `given` is the whole command line."""
        from tuimove.foreign_options import answer_unknown

        self.error(answer_unknown(self.prog.rpartition(" ")[2], unknown, given, self._option_string_actions))

    def _suggestion(self, message: str) -> str:
        if "invalid choice" not in message:
            return ""
        word = message.split("'")[1]
        choices = next(action.choices for action in self._actions if action.choices)
        is_command = "argument COMMAND" in message
        return (_meant_command(word) if is_command else "") or nearest_of(word, choices)


def _meant_command(word: str) -> str:
    """Suggest a command for a word that is none: a preset's name has `run` before it."""
    from tuimove.foreign_options import COMMANDS
    from tuimove.preset import shipped_presets

    if word in shipped_presets() or word.endswith(".toml"):
        return f"; did you mean 'run {word}'?"
    return f"; did you mean '{COMMANDS[word]}'?" if word in COMMANDS else ""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code; the one place where errors are printed."""
    guard_streams()
    forget_ignored()
    try:
        with whole_output():
            parser = build_parser()
            options, unknown = parser.parse_known_args(arguments)
            if unknown:
                options.parser.refuse_unknown(unknown, sys.argv[1:] if arguments is None else arguments)
            return int(options.command(options))
    except TuimoveError as error:
        _print_error(error)
        return error.exit_code
    except KeyboardInterrupt:
        return ExitCode.INTERRUPTED
    except BrokenPipeError:
        return ExitCode.FINISHED  # whoever read our output has gone
    except OSError as error:
        if error.filename is None:
            raise
        _print_error(DataError(refusal(error.filename, error)))
        return ExitCode.USAGE


def _print_error(error: TuimoveError) -> None:
    """Print a line for each mistake in a preset, and one line for any other error, whatever names it holds."""
    for line in str(error).splitlines() if isinstance(error, PresetError) else [str(error)]:
        print(f"tuimove: error: {harmless(line)}", file=sys.stderr)


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
    for add in (
        _add_run,
        _add_runs,
        _add_attach,
        _add_resume,
        _add_replay,
        _add_check,
        _add_compare,
        _add_report,
        _add_reproduce,
        _add_presets,
        _add_bench,
    ):
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
    _add_threads(run)
    run.add_argument(
        "--out",
        metavar="DIR",
        type=_path,
        help="keep the run in this new folder (default: a folder of its own among your runs)",
    )
    run.add_argument("--no-store", action="store_true", help="keep nothing of the run")
    _add_checkpoint_every(run)
    _add_fail_on(run)
    run.add_argument(
        "--max-runs",
        metavar="N",
        type=_positive,
        default=10_000,
        help="the most runs that a preset's [sweep] may make (default: 10,000)",
    )
    _add_dask(run)
    run.add_argument("--histograms", action="store_true", help="put histograms into the records on stdout too")
    _add_quiet(run)
    return run


def _add_resume(commands: argparse._SubParsersAction[Parser]) -> Parser:
    resume = commands.add_parser("resume", help="go on with a run that was cut short", allow_abbrev=False)
    resume.set_defaults(command=_resume)
    resume.add_argument("run", metavar="RUN", help="a run's id, the beginning of it, or its folder")
    resume.add_argument("--no-ui", action="store_true", help="no screen: JSON Lines on stdout, words on stderr")
    resume.add_argument(
        "--data",
        metavar="DIR",
        type=_path,
        dest="moved",
        help="the folder that its images are in now, if they have moved; they must be the same",
    )
    _add_screen_options(resume)
    _add_threads(resume)
    _add_checkpoint_every(resume)
    _add_fail_on(resume)
    _add_dask(resume)
    # the file descriptor on which the process that hands the run over waits to be told that it is taken
    resume.add_argument("--taken", type=int, help=argparse.SUPPRESS)
    resume.add_argument("--histograms", action="store_true", help="put histograms into the records on stdout too")
    _add_quiet(resume)
    return resume


def _add_runs(commands: argparse._SubParsersAction[Parser]) -> Parser:
    runs = commands.add_parser("runs", help="list your runs: going on, ended, or cut short", allow_abbrev=False)
    runs.set_defaults(command=_runs)
    runs.add_argument("--json", action="store_true", help="print one JSON object a line instead of a table")
    runs.add_argument(
        "--prune", action="store_true", help="say which old runs could be removed; with --yes, remove them"
    )
    runs.add_argument(
        "--older-than", metavar="DAYS", type=_days, default=7.0, help="with --prune: unchanged for so long (default: 7)"
    )
    runs.add_argument("--yes", action="store_true", help="with --prune: do it")
    return runs


def _add_attach(commands: argparse._SubParsersAction[Parser]) -> Parser:
    attach = commands.add_parser("attach", help="watch and steer what another process trains", allow_abbrev=False)
    attach.set_defaults(command=_attach)
    attach.add_argument("run", metavar="RUN", help="id of a run or an experiment, the beginning of it, or its folder")
    _add_recorded_data(attach)
    _add_screen_options(attach)
    return attach


def _add_recorded_data(command: Parser) -> None:
    command.add_argument(
        "--data",
        metavar="DIR",
        type=_path,
        help="the folder of IDX files it is trained on, if it has images of its own",
    )


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
    _add_recorded_data(replay)
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


def _add_dask(command: Parser) -> None:
    command.add_argument(
        "--dask",
        metavar="ADDRESS",
        help="train the runs of a [sweep] on the Dask cluster whose scheduler is there, such as tcp://127.0.0.1:8786; "
        "or the scheduler's file",
    )


def _add_quiet(command: Parser) -> None:
    command.add_argument(
        "--quiet",
        "-q",
        action="store_true",
        help="with --no-ui: errors are all that stderr gets; findings are among the records",
    )


def _require_headless(options: argparse.Namespace) -> None:
    """Leave with a usage error where a screen should open without a word."""
    if options.quiet and not options.no_ui:
        options.parser.error("--quiet goes with --no-ui")


def _add_threads(command: Parser) -> None:
    command.add_argument(
        "--threads",
        metavar="N",
        type=_positive,
        help="threads that share an epoch (default: one a processor); the result is the same",
    )


def _add_checkpoint_every(command: Parser) -> None:
    command.add_argument(
        "--checkpoint-every",
        metavar="SECONDS",
        type=_positive,
        default=10,
        help="seconds between two checkpoints (default: 10, and at every measurement where that is cheap)",
    )


def _add_report(commands: argparse._SubParsersAction[Parser]) -> Parser:
    report = commands.add_parser(
        "report", help="tables, figures and data files of recorded runs, beside the source document", allow_abbrev=False
    )
    report.set_defaults(command=_report)
    report.add_argument(
        "runs", metavar="RUN", nargs="+", help="run folders, experiments' folders, .jsonl or .jsonl.gz files, or -"
    )
    report.add_argument(
        "--out",
        metavar="DIR",
        type=_path,
        default=Path("report"),
        help="write it into this new folder (default: report)",
    )
    return report


def _add_reproduce(commands: argparse._SubParsersAction[Parser]) -> Parser:
    reproduce = commands.add_parser(
        "reproduce", help="train what the source document shows, and report on it", allow_abbrev=False
    )
    reproduce.set_defaults(command=_reproduce)
    reproduce.add_argument(
        "--out",
        metavar="DIR",
        type=_path,
        default=Path("reproduced"),
        help="keep runs and report in this folder, and train only what it doesn't hold yet (default: reproduced)",
    )
    reproduce.add_argument(
        "--seeds", metavar="N", type=_positive, default=5, help="networks of each configuration (default: 5)"
    )
    reproduce.add_argument("--threads", metavar="N", type=_positive, help="threads in all (default: one a processor)")
    return reproduce


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
    words = "time this machine beside NumPy, SciPy, PyTorch and JAX"
    bench = commands.add_parser("bench", help=words, allow_abbrev=False)
    bench.set_defaults(command=_bench)
    bench.add_argument("--rounds", metavar="N", type=_positive, default=7, help="turns of each contender (default: 7)")
    bench.add_argument(
        "--neurons", metavar="N", type=_positive, action="append", help="only this many; may be given several times"
    )
    bench.add_argument("--density", action="store_true", help="time sparse against dense images instead")
    bench.add_argument("--json", action="store_true", help="print one JSON object instead of lines")
    return bench


def _days(text: str) -> float:
    days = _number(text)
    if days is None or not 0 <= days < 1e6:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of days from 0 up{_hint(text)}")
    return float(days)


def _path(text: str) -> Path:
    try:
        return typed_path(text)
    except DataError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _positive(text: str) -> int:
    number = _number(text)
    if not isinstance(number, int) or number < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 1 up{_hint(text)}")
    return number


def _factor(text: str) -> float:
    number = _number(text)
    if number is None or not 0 < number < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number above 0{_hint(text)}")
    return float(number)


def _number(text: str) -> float | int | None:
    from tuimove.typed_values import typed_number

    return typed_number(text)


def _hint(text: str) -> str:
    from tuimove.typed_values import number_hint

    return number_hint(text)


def _run(options: argparse.Namespace) -> int:
    from tuimove.preset import Override, parse_assignment
    from tuimove.preset_file import find_preset
    from tuimove.sweep import read_experiment
    from tuimove.typed_values import parse_value

    if options.no_store and options.out is not None:
        options.parser.error("--no-store and --out exclude each other")
    _require_headless(options)
    overrides = [parse_assignment(text) for text in options.assignments]
    if options.seed is not None:
        overrides.append(Override("--seed", "training.seed", parse_value(options.seed)))
    if options.data is not None:
        overrides.append(Override("--data", "data.name", options.data))
    found = find_preset(options.preset)  # read once: it may be a pipe
    overrides += _fit_to_data(found, overrides, options)
    experiment = read_experiment(found, overrides, options.max_runs)
    if experiment.keys:
        return _run_experiment(experiment, options)
    if options.dask is not None:
        raise TuimoveError(f"--dask: {options.preset} has no [sweep], so it is one run; train it without --dask")
    preset = experiment.base
    if not options.no_ui:
        return _open_screen(preset, options)
    from tuimove.headless import run_headless

    return run_headless(preset, _headless_options(options))


def _fit_to_data(found: PresetText, overrides: Sequence[Override], options: argparse.Namespace) -> list[Override]:
    """Return what to change where a preset asks for more images than the data that were named have, and note it."""
    from tuimove.sweep import base_preset
    from tuimove.train_count import fitted_count, fitted_words

    base = base_preset(found, overrides)
    fitted = fitted_count(base, overrides)
    options.notices = (fitted_words(base, fitted),) if fitted else ()
    return [fitted] if fitted else []


def _headless_options(options: argparse.Namespace) -> HeadlessOptions:
    from tuimove.headless import HeadlessOptions

    return HeadlessOptions(
        threads=options.threads,
        out=getattr(options, "out", None),
        histograms=options.histograms,
        fail_on=options.fail_on,
        is_kept=not getattr(options, "no_store", False),
        checkpoint_seconds=options.checkpoint_every,
        moved=getattr(options, "moved", None),
        notices=getattr(options, "notices", ()),
        is_quiet=options.quiet,
    )


def _runs(options: argparse.Namespace) -> int:
    from tuimove.run_list import list_runs, prune_runs

    if options.prune:
        return prune_runs(options.older_than, is_meant=options.yes)
    if options.yes:
        options.parser.error("--yes goes with --prune")
    return list_runs(as_json=options.json)


def _resume(options: argparse.Namespace) -> int:
    from tuimove.background import report_taken
    from tuimove.store import PLAN, find_run

    def on_taken() -> None:
        report_taken(options.taken)

    _require_headless(options)
    folder = find_run(options.run)
    if os.path.exists(folder / PLAN):
        from tuimove.experiment_folder import found_experiment

        options.out = folder
        return _run_experiment(found_experiment(folder, options.moved, _say), options, on_taken)
    if options.dask is not None:
        raise TuimoveError(f"--dask: {options.run} is one run; resume it without --dask")
    if not options.no_ui:
        return _open_screen(None, options, resumed=folder)
    from tuimove.headless import resume_headless

    return resume_headless(folder, _headless_options(options), on_taken)


def _say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


def _compare(options: argparse.Namespace) -> int:
    if options.ui:
        return _open_comparison(options)
    from tuimove.compare import compare_runs
    from tuimove.store import named_place

    compare_runs([named_place(run) for run in options.runs], options.of, options.against)
    return ExitCode.FINISHED


def _report(options: argparse.Namespace) -> int:
    from tuimove.report import report_runs
    from tuimove.store import named_place

    report_runs([named_place(run) for run in options.runs], options.out)
    return ExitCode.FINISHED


def _reproduce(options: argparse.Namespace) -> int:
    from tuimove.reproduce import reproduce_document

    return reproduce_document(options.out, options.seeds, options.threads)


def _run_experiment(
    experiment: Experiment, options: argparse.Namespace, on_taken: Callable[[], None] = lambda: None
) -> int:
    from tuimove.experiment import ExperimentOptions

    if options.dask is not None and options.threads is not None:
        raise TuimoveError("--threads: with --dask every worker uses the threads that it was started with")
    asked = ExperimentOptions(
        threads=options.threads,
        out=options.out,
        histograms=options.histograms,
        is_kept=not getattr(options, "no_store", False),
        dask=options.dask,
        notices=getattr(options, "notices", ()),
        is_resumed=hasattr(options, "moved"),
        moved=getattr(options, "moved", None),
    )
    if not options.no_ui:
        return _open_experiment(experiment, asked, options)
    from tuimove.headless_experiment import run_experiment

    return run_experiment(experiment, asked, options.fail_on, is_quiet=options.quiet, on_taken=on_taken)


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
    from tuimove.store import named_place

    require_charted(options.of)
    require_terminal("leave out --ui to have it printed")
    drawing = detect_options(ascii_only=options.ascii, fps=options.fps)
    feed = ReadingThread([named_place(run) for run in options.runs])
    return _run_screen(RunGrid(feed, drawing.glyphs, drawing.fps, options.of, options.against), drawing, options)


def _check(options: argparse.Namespace) -> int:
    from tuimove.check import check_run
    from tuimove.preset import parse_assignment
    from tuimove.store import named_place

    return check_run(
        named_place(options.run), [parse_assignment(text) for text in options.assignments], options.fail_on
    )


def _pick(options: argparse.Namespace) -> int:
    return _open_screen(None, options)


def _open_screen(preset: Preset | None, options: argparse.Namespace, resumed: Path | None = None) -> int:
    from tuimove.screen.terminal import detect_options, require_terminal
    from tuimove.sinks.run_folder import require_unused

    require_terminal()
    out = getattr(options, "out", None)
    if out is not None:
        require_unused(out)
    drawing = detect_options(ascii_only=options.ascii, fps=options.fps)
    if resumed is None:
        return _run_screen(preset, drawing, options)
    from tuimove.resume import preset_of_run
    from tuimove.screen.dashboard import Dashboard
    from tuimove.screen.worker import TrainingThread

    training = TrainingThread(preset_of_run(resumed, options.moved), _worker_options(options), resumed)
    return _run_screen(Dashboard(training, drawing.glyphs, drawing.fps), drawing, options)


def _worker_options(options: argparse.Namespace) -> RunOptions:
    from tuimove.run_options import RunOptions

    names = ("threads", "out", "fail_on", "moved", "notices")
    asked = {name: getattr(options, name) for name in names if hasattr(options, name)}
    if hasattr(options, "checkpoint_every"):
        asked["checkpoint_seconds"] = options.checkpoint_every
    return RunOptions(is_kept=not getattr(options, "no_store", False), **asked)


def _run_screen(first: Opening, drawing: ScreenOptions, options: argparse.Namespace) -> int:
    from tuimove.screen.terminal import run_in_terminal

    return run_in_terminal(first, _worker_options(options), drawing, mouse=not options.no_mouse)


def _attach(options: argparse.Namespace) -> int:
    from tuimove.screen.attached import Attached, AttachedRun, await_beginning
    from tuimove.screen.terminal import detect_options, require_terminal
    from tuimove.store import PLAN, find_run

    folder = find_run(options.run)
    require_terminal("`tuimove runs` tells how it stands without a dashboard")
    drawing = detect_options(ascii_only=options.ascii, fps=options.fps)
    if os.path.exists(folder / PLAN):
        from tuimove.screen.followed_feed import FollowingThread
        from tuimove.screen.grid import RunGrid

        feed = FollowingThread(folder, options.data)
        return _run_screen(RunGrid(feed, drawing.glyphs, drawing.fps), drawing, options)
    await_beginning(folder, _say)
    return _run_screen(Attached(AttachedRun(folder, options.data), drawing.glyphs, drawing.fps), drawing, options)


def _replay(options: argparse.Namespace) -> int:
    from tuimove.screen.recorded_source import open_recorded
    from tuimove.screen.replay import Replay
    from tuimove.screen.terminal import detect_options, require_terminal
    from tuimove.store import named_place

    recorded = open_recorded(named_place(options.run), options.data)
    try:
        require_terminal("`tuimove check` tells the findings without a dashboard")
    except TuimoveError:
        recorded.close()
        raise
    drawing = detect_options(ascii_only=options.ascii, fps=options.fps)
    screen = Replay(recorded, options.speed, drawing.glyphs, drawing.fps)
    return _run_screen(screen, drawing, options)


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
    return ExitCode.FINISHED
