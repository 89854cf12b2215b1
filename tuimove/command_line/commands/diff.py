"""`tuimove diff`: tells how far the matrices of two checkpoints are from one another."""

from __future__ import annotations

import argparse

from tuimove.command_line.flags import Parser, add_only, path

DESCRIPTION = """\
Compare two checkpoints: .npz, .safetensors, .weights.h5 (with h5py), .pt, .pth
or .ckpt (with PyTorch), or folders that are one. Nothing in them is executed."""
EPILOG = """\
exit codes: 0 printed; 2 a checkpoint can't be read; 3 with --fail-on-unmoved, where a matrix never moved

examples:
  tuimove diff checkpoint-0 checkpoint-500
  tuimove diff base.safetensors tuned.pt --only '*lora*' --fail-on-unmoved
  tuimove diff my-run/first.npz my-run/last.npz --json
"""


def add_diff(commands: argparse._SubParsersAction[Parser]) -> Parser:
    """Add the command and its flags, and return its parser."""
    diff = commands.add_parser(
        "diff",
        help="how far two checkpoints are apart, matrix by matrix",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    diff.set_defaults(command=_diff)
    diff.add_argument("before", metavar="A", type=path, help="the checkpoint before")
    diff.add_argument("after", metavar="B", type=path, help="the checkpoint after")
    diff.add_argument("--json", action="store_true", help="one JSON object instead of a table")
    diff.add_argument("--fail-on-unmoved", action="store_true", help="exit with 3 when a matrix never moved")
    add_only(diff)
    return diff


def _diff(options: argparse.Namespace) -> int:
    from tuimove.command_line.headless.checkpoint_difference import print_difference

    return print_difference(
        options.before, options.after, options.only, as_json=options.json, fail_on_unmoved=options.fail_on_unmoved
    )
