"""The parser, the flags that several commands share, and the types of their values."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from tuimove.command_line.inputs import REMEDIES
from tuimove.errors import DataError, ExitCode, Input, PresetError, harmless, nearest_of
from tuimove.settings.files import typed_path

if TYPE_CHECKING:
    from tuimove.runs.run_options import RunOptions
    from tuimove.settings.preset_reading import Override


class Parser(argparse.ArgumentParser):
    """An argument parser that suggests the nearest option or command to a mistyped one."""

    def error(self, message: str) -> NoReturn:
        """Print one line and exit with the code of a usage error."""
        self.exit(ExitCode.USAGE, f"{self.prog}: error: {harmless(message)}{self._suggestion(message)}\n")

    def refuse_unknown(self, unknown: Sequence[str], given: Sequence[str]) -> NoReturn:
        """Exit with a hint about arguments that the command lacks; `given` is the whole command line."""
        from tuimove.command_line.foreign_options import answer_unknown

        command = self._commands().get("run", self)  # without a command, what `run` takes is meant
        operands = [str(action.metavar) for action in command._actions if not action.option_strings]
        usage = " ".join([command.prog, *operands])
        answer = answer_unknown(usage, unknown, given, command._option_string_actions)
        self.error(answer if command is self else answer.replace("; write --", f"; write {usage} --"))

    def _commands(self) -> Mapping[str, Parser]:
        """Return the parsers of the commands, where there are any."""
        choices = (action.choices for action in self._actions if isinstance(action, argparse._SubParsersAction))
        return next(choices, {})

    def _suggestion(self, message: str) -> str:
        if "invalid choice" not in message:
            return ""
        word = message.split("'")[1]
        choices = next(action.choices for action in self._actions if action.choices)
        is_command = "argument COMMAND" in message
        return (_meant_command(word) if is_command else "") or nearest_of(word, choices)


def _meant_command(word: str) -> str:
    """Suggest a command for an unknown one: for a preset's name, `run` before it."""
    from tuimove.command_line.foreign_options import COMMANDS
    from tuimove.settings.preset_file import shipped_presets

    if word in shipped_presets() or word.endswith(".toml"):
        return f"; did you mean 'run {word}'?"
    return f"; did you mean '{COMMANDS[word]}'?" if word in COMMANDS else ""


def add_recorded_data(command: Parser) -> None:
    """Add `--data`, the folder of a recorded run's images."""
    command.add_argument(
        "--data",
        metavar="DIR",
        type=path,
        help="the folder of IDX files it is trained on, if it has images of its own",
    )


def add_dask(command: Parser) -> None:
    """Add `--dask`."""
    command.add_argument(
        "--dask",
        metavar="ADDRESS",
        help="train the runs of a [sweep] on the Dask cluster whose scheduler is there, such as tcp://127.0.0.1:8786; "
        "or the scheduler's file",
    )


def add_quiet(command: Parser) -> None:
    """Add `--quiet`."""
    command.add_argument(
        "--quiet",
        "-q",
        action="store_true",
        help="with --no-ui: errors are all that stderr gets; findings are among the records",
    )


def require_headless(options: argparse.Namespace) -> None:
    """Exit with a usage error where `--quiet` is given and a screen would open."""
    if options.quiet and not options.no_ui:
        options.parser.error("--quiet goes with --no-ui")


def run_options(options: argparse.Namespace) -> RunOptions:
    """Return a run's options from those flags that the command has."""
    from tuimove.runs.run_options import RunOptions

    asked = training_options(options)
    if hasattr(options, "fail_on"):
        asked["fail_on"] = options.fail_on
    if hasattr(options, "checkpoint_every"):
        asked["checkpoint_seconds"] = options.checkpoint_every
    return RunOptions(**asked)


def training_options(options: argparse.Namespace) -> dict[str, Any]:
    """Return the fields of `TrainingOptions` from those flags that the command has."""
    names = ("threads", "out", "moved", "notices")
    asked = {name: getattr(options, name) for name in names if hasattr(options, name)}
    if "out" in asked:
        asked["unkept_remedy"] = REMEDIES[Input.OUT]
    return {**asked, "is_kept": not getattr(options, "no_store", False)}


def add_threads(command: Parser) -> None:
    """Add `--threads`."""
    command.add_argument(
        "--threads",
        metavar="N",
        type=positive,
        help="threads that share an epoch (default: one a processor); the result is the same",
    )


def add_checkpoint_every(command: Parser) -> None:
    """Add `--checkpoint-every`."""
    command.add_argument(
        "--checkpoint-every",
        metavar="SECONDS",
        type=positive,
        default=10,
        help="seconds between two checkpoints (default: 10, and at every measurement where that is cheap)",
    )


def add_fail_on(command: Parser) -> None:
    """Add `--fail-on`."""
    command.add_argument(
        "--fail-on",
        metavar="SEVERITY",
        choices=("notice", "warning", "alarm"),
        help="notice, warning or alarm: exit with 3 when anything as severe was found",
    )


def add_only(command: Parser) -> None:
    """Add `--only`."""
    command.add_argument(
        "--only",
        metavar="PATTERN",
        action="append",
        default=[],
        help="arrays with such names alone, such as '*.weight'; may be given several times",
    )


def add_screen_options(parser: argparse.ArgumentParser) -> None:
    """Add the flags of commands that open a screen."""
    screen = parser.add_argument_group("the dashboard")
    screen.add_argument(
        "--fps", metavar="N", type=positive, help="redraws a second (default: what stays cheap, up to 3)"
    )
    screen.add_argument("--ascii", action="store_true", help="draw without Unicode")
    screen.add_argument("--no-mouse", action="store_true", help="leave the mouse to the terminal")


def days(text: str) -> float:
    """Return a number of days; raises an ArgumentTypeError as the other types do."""
    return float(_number(text, "a number of days from 0 up", lambda number: 0 <= number < 1e6))


def path(text: str) -> Path:
    """Parse a path, with `~` expanded."""
    try:
        return typed_path(text)
    except DataError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def positive(text: str) -> int:
    """Return a whole number from 1 up."""
    return int(_number(text, "a whole number from 1 up", lambda number: isinstance(number, int) and number >= 1))


def factor(text: str) -> float:
    """Return a number above 0."""
    return float(_number(text, "a number above 0", lambda number: 0 < number < float("inf")))


def _number(text: str, wanted: str, is_right: Callable[[float | int], bool]) -> float | int:
    """Return the number that an option was given; raises an ArgumentTypeError where it isn't what is wanted."""
    from tuimove.settings.typed_values import number_hint, typed_number

    number = typed_number(text)
    if number is None or not is_right(number):
        hint = number_hint(text if number is None else number, is_right)
        raise argparse.ArgumentTypeError(f"{text!r} is not {wanted}{hint}")
    return number


def say(words: str) -> None:
    """Print a line on standard error and flush it."""
    print(words, file=sys.stderr, flush=True)


def parse_assignment(text: str) -> Override:
    """Parse `KEY=VALUE` of `--set`: a TOML value, or else a bare word.

    Raises
    ------
    PresetError
        When there is no `=`.
    """
    from tuimove.settings.preset_reading import Override
    from tuimove.settings.typed_values import parse_value

    name, equals, value = text.partition("=")
    if not equals:
        raise PresetError(f"--set {text!r}: expected KEY=VALUE, such as network.hidden=20")
    return Override("--set", name.strip(), parse_value(value.strip()))
