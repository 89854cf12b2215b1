"""`tuimove presets`: lists the shipped presets, or prints one."""

from __future__ import annotations

import argparse

from tuimove.command_line.flags import (
    Parser,
)
from tuimove.errors import ExitCode, TuimoveError, nearest_of


def add_presets(commands: argparse._SubParsersAction[Parser]) -> Parser:
    """Add the command and its flags, and return its parser."""
    presets = commands.add_parser("presets", help="list the shipped presets, or print one", allow_abbrev=False)
    presets.set_defaults(command=_presets)
    presets.add_argument("name", metavar="NAME", nargs="?", help="the preset to print as TOML")
    return presets


def _presets(options: argparse.Namespace) -> int:
    from tuimove.reports.text_table import table_lines
    from tuimove.settings.preset_file import shipped_presets
    from tuimove.settings.preset_reading import load_preset

    shipped = shipped_presets()
    if options.name is not None:
        if options.name not in shipped:
            raise TuimoveError(f"unknown preset {options.name!r}{nearest_of(options.name, shipped)}")
        print(shipped[options.name], end="")
    else:
        for line in table_lines([(name, load_preset(name).title) for name in shipped], left=2):
            print(line)
    return ExitCode.FINISHED
