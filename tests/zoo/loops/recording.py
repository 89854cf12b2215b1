"""Records specimens a few at once and keeps one file of each, whole or not at all; those that are there are skipped."""

from __future__ import annotations

import io
import multiprocessing
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import redirect_stderr
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tests.zoo.loops.reading import kept_bytes, read_records
from tests.zoo.loops.specimens import LoopSpecimen
from tests.zoo.packing import SUFFIX, write_packed
from tests.zoo.recording import NICENESS
from tuimove.recording.reading.run_folders import RECORDS

Say = Callable[[str], Any]


def recorded_path(specimen: LoopSpecimen, folder: Path) -> Path:
    """Return where a specimen is kept."""
    return folder / f"{specimen.name}{SUFFIX}"


def record_loops(specimens: Iterable[LoopSpecimen], folder: Path, workers: int, say: Say) -> None:
    """Record what isn't there yet, a few at once, and tell how it goes and how long it will take.

    One that fails is told of, and comes again the next time.
    """
    folder.mkdir(parents=True, exist_ok=True)
    missing = [one for one in specimens if not recorded_path(one, folder).exists()]
    began = time.monotonic()
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(workers, context, initializer=_begin_worker)
    try:
        begun = {pool.submit(record_one, specimen, folder): specimen.name for specimen in missing}
        for done, future in enumerate(as_completed(begun), 1):
            error = future.exception()
            told = f"{begun[future]} FAILED: {error!r}" if error else future.result()
            elapsed = time.monotonic() - began
            left = elapsed / done * (len(missing) - done)
            say(f"{done}/{len(missing)}, {elapsed:.0f} s, about {left / 60:.0f} min left: {told}")
    finally:
        pool.shutdown(cancel_futures=True)


def _begin_worker() -> None:
    """Let other work on the machine come first, and use one thread."""
    import torch

    os.nice(NICENESS)
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)


def record_one(specimen: LoopSpecimen, folder: Path) -> str:
    """Train a specimen, keep its file, and return its name, the processor's seconds and the file's size."""
    began = time.process_time()
    content = trained_bytes(specimen)
    write_packed(recorded_path(specimen, folder), content)
    return f"{specimen.name} ({time.process_time() - began:.1f} s, {len(content) / 1000:.0f} kB)"


def trained_bytes(specimen: LoopSpecimen) -> bytes:
    """Train a specimen and return what is kept of it."""
    from tests.zoo.loops.training import train

    with tempfile.TemporaryDirectory() as place, redirect_stderr(io.StringIO()):
        trained = train(specimen, Path(place))
        records = read_records(trained.folder / RECORDS)
    tables = {"steps": trained.steps, "validation": trained.validation, "held_out": trained.held_out}
    return kept_bytes(described_specimen(specimen), records, tables, trained.rivals)


def described_specimen(specimen: LoopSpecimen) -> dict[str, Any]:
    """Return what a file says of its specimen."""
    configuration = specimen.configuration
    return {
        "name": specimen.name,
        "part": specimen.part,
        **asdict(specimen.fault),
        "configuration": configuration.name,
        "steps": configuration.steps,
        "rate": specimen.rate,
        "is_text": configuration.is_text,
        "settings": asdict(configuration),
        "seed": specimen.seed,
    }


def say_to_stderr(words: str) -> None:
    """Print a line at once."""
    print(words, file=sys.stderr, flush=True)
