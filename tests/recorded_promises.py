"""Whole recordings of presets that take long to train; `python -m tests.recorded_promises` makes them anew."""

from __future__ import annotations

import gzip
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.conftest import parse_records
from tests.zoo.recording import write_lines

RECORDED = ("faulty-lr5", "faulty-lr10", "four-networks", "weights-normal", "weights-uniform")
FOLDER = Path(__file__).with_name("promises")


def recorded_path(name: str) -> Path:
    """Return the file of a preset's recording."""
    return FOLDER / f"{name}.jsonl.gz"


def read_recording(name: str) -> list[dict[str, Any]]:
    """Return the records of a preset's recording."""
    return parse_records(gzip.decompress(recorded_path(name).read_bytes()).decode())


def record(name: str) -> None:
    """Train a preset and keep its records."""
    command = [sys.executable, "-m", "tuimove", "run", name, "--no-ui", "--no-store"]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    write_lines(recorded_path(name), done.stdout.splitlines())


if __name__ == "__main__":
    for preset in sys.argv[1:] or RECORDED:
        record(preset)
