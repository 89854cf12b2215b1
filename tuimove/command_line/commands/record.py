"""`tuimove record`: makes a run of checkpoints that another program saves."""

from __future__ import annotations

import argparse

from tuimove.command_line.flags import Parser, add_fail_on, add_only, path

DESCRIPTION = """\
Make a run of checkpoints, of which the first is the start: .npz, .safetensors,
.weights.h5 (with h5py), .pt, .pth or .ckpt (with PyTorch), or folders that are
one. Nothing in them is executed."""
EPILOG = """\
examples:
  tuimove record checkpoints            a folder of them, sorted by their steps
  tuimove record step_0.pt step_500.pt
  tuimove record output --follow        take in new ones as they are written
"""


def add_record(commands: argparse._SubParsersAction[Parser]) -> Parser:
    """Add the command and its flags, and return its parser."""
    record = commands.add_parser(
        "record",
        help="make a run of another program's checkpoints",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    record.set_defaults(command=_record)
    record.add_argument(
        "checkpoints", metavar="CHECKPOINT", nargs="+", type=path, help="files in their order, or one folder of them"
    )
    record.add_argument("--follow", action="store_true", help="wait for new ones in the folder, and take each in")
    record.add_argument(
        "--out",
        metavar="DIR",
        type=path,
        help="keep the run in this new folder (default: a folder of its own among your runs)",
    )
    record.add_argument("--name", help="what the run is called (default: the name of the folder)")
    add_only(record)
    add_fail_on(record)
    return record


def _record(options: argparse.Namespace) -> int:
    from tuimove.command_line.headless.checkpoint_run import follow_checkpoints, record_checkpoints
    from tuimove.errors import harmless
    from tuimove.runs.checkpoints.recording import RunPlan

    first = options.checkpoints[0].absolute()
    named = options.name or (first if first.is_dir() else first.parent).name or "checkpoints"
    plan = RunPlan(harmless(named), options.out, tuple(options.only))
    if not options.follow:
        return record_checkpoints(options.checkpoints, plan, options.fail_on)
    if len(options.checkpoints) != 1:
        options.parser.error("--follow takes one folder")
    return follow_checkpoints(options.checkpoints[0], plan, options.fail_on)
