"""`tuimove bench`: times this machine beside other libraries."""

from __future__ import annotations

import argparse
import sys

from tuimove.command_line.flags import (
    Parser,
    positive,
)
from tuimove.errors import ExitCode


def add_bench(commands: argparse._SubParsersAction[Parser]) -> Parser:
    """Add the command and its flags, and return its parser."""
    words = "time this machine beside NumPy, SciPy, PyTorch and JAX"
    bench = commands.add_parser("bench", help=words, allow_abbrev=False)
    bench.set_defaults(command=_bench)
    bench.add_argument("--rounds", metavar="N", type=positive, default=7, help="turns of each contender (default: 7)")
    bench.add_argument(
        "--neurons", metavar="N", type=positive, action="append", help="only this many; may be given several times"
    )
    bench.add_argument("--density", action="store_true", help="time sparse against dense images instead")
    bench.add_argument("--json", action="store_true", help="print one JSON object instead of lines")
    return bench


def _bench(options: argparse.Namespace) -> int:
    import json

    from tuimove.command_line.bench import timing
    from tuimove.training.full_batch import usable_threads

    def say(line: str) -> None:
        print(line, file=sys.stderr if options.json else sys.stdout, flush=True)

    if options.density:
        timed = timing.run_density(options.rounds, say)
    else:
        threads = sorted({1, usable_threads()})
        timed = timing.run_bench(options.rounds, options.neurons or timing.NEURONS, threads, say)
    if options.json:
        print(json.dumps(timed))
    return ExitCode.FINISHED
