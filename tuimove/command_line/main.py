"""Parses the command line, runs the command, prints errors and returns the exit code; imports nothing heavy itself."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from tuimove import __version__
from tuimove.command_line.commands.attach import add_attach
from tuimove.command_line.commands.bench import add_bench
from tuimove.command_line.commands.check import add_check
from tuimove.command_line.commands.compare import add_compare
from tuimove.command_line.commands.diff import add_diff
from tuimove.command_line.commands.help import add_help
from tuimove.command_line.commands.presets import add_presets
from tuimove.command_line.commands.record import add_record
from tuimove.command_line.commands.replay import add_replay
from tuimove.command_line.commands.report import add_report
from tuimove.command_line.commands.reproduce import add_reproduce
from tuimove.command_line.commands.resume import add_resume
from tuimove.command_line.commands.run import add_run
from tuimove.command_line.commands.runs import add_runs
from tuimove.command_line.commands.watch import add_watch
from tuimove.command_line.flags import (
    Parser,
    add_screen_options,
)
from tuimove.command_line.inputs import OPTIONS, REMEDIES
from tuimove.command_line.opening import pick_preset
from tuimove.errors import DataError, ExitCode, PresetError, TuimoveError, harmless, with_remedy
from tuimove.recording.standard_streams import guard_streams, whole_output
from tuimove.settings.environment import chooses_processor, forget_ignored
from tuimove.settings.files import refusal

DESCRIPTION = "Watch how far a classifier's weights move while it trains."

EPILOG = """\
exit codes:
  0    finished, or the reader of stdout went away
  1    training failed: loss or weights not finite, or records could not be written
  2    a mistake in the command, the preset or the data, or no terminal to draw on
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
  tuimove watch                    the newest that goes on, a training loop of yours too
  tuimove resume same-network      go on with one that was cut short
  tuimove replay my-run            go through a recorded run
  tuimove record checkpoints       make a run of another program's checkpoints
  tuimove diff a.pt b.safetensors  how far two checkpoints are apart, matrix by matrix
  tuimove presets quick-look > my.toml && tuimove run my.toml --no-ui
  tuimove help diagnosis           read a page: what every rule and limit means
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code; the only place where errors are printed."""
    guard_streams()
    forget_ignored()
    try:
        with whole_output():
            parser = build_parser()
            options, unknown = parser.parse_known_args(arguments)
            if unknown:
                options.parser.refuse_unknown(unknown, sys.argv[1:] if arguments is None else arguments)
            _check_processor()
            return int(options.command(options))
    except TuimoveError as error:
        _print_error(error)
        return error.exit_code
    except KeyboardInterrupt:
        return ExitCode.INTERRUPTED
    except BrokenPipeError:
        return ExitCode.FINISHED  # the reader of our output has ended
    except OSError as error:
        if error.filename is None:
            raise
        _print_error(DataError(refusal(error.filename, error)))
        return ExitCode.USAGE


def _check_processor() -> None:
    """Check which processor the environment chooses, if it does: kernels may be imported from here on."""
    if chooses_processor():
        from tuimove.runs.chosen_processor import require_usable_processor

        require_usable_processor()


def _worded(error: TuimoveError) -> str:
    """Return an error's message with the option it is about before it, and the remedy after it."""
    option = f"{OPTIONS[error.about]} " if error.about else ""
    return with_remedy(f"{option}{error}", REMEDIES[error.remedy] if error.remedy else "")


def _print_error(error: TuimoveError) -> None:
    """Print a line for each mistake in a preset, or one line for another error; control characters are replaced."""
    for line in _worded(error).splitlines() if isinstance(error, PresetError) else [_worded(error)]:
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
    parser.set_defaults(command=pick_preset, parser=parser)
    add_screen_options(parser)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    for add in (
        add_run,
        add_runs,
        add_attach,
        add_watch,
        add_resume,
        add_replay,
        add_check,
        add_compare,
        add_record,
        add_diff,
        add_report,
        add_reproduce,
        add_presets,
        add_bench,
        add_help,
    ):
        command = add(commands)
        command.set_defaults(parser=command)
    return parser
