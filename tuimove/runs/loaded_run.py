"""Trains one run after its data are loaded and its kernels compiled; used with and without a dashboard."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from tuimove.recording.record import EndRecord
from tuimove.recording.sinks.finding_watch import FindingWatch
from tuimove.recording.sinks.sink import Sink
from tuimove.runs.past import PastRecord, Recall
from tuimove.runs.pending_run import PendingRun
from tuimove.runs.session import run_session
from tuimove.runs.steering.control_server import ControlServer
from tuimove.runs.steering.controls import Controls
from tuimove.training.full_batch import usable_threads
from tuimove.training.image_set import Digits


@dataclass(frozen=True)
class FrontEnd:
    """What the front end that starts a run passes to it: its controls, its sinks, and its callbacks."""

    controls: Controls
    sinks: Sequence[Sink]
    """Sinks besides the run's folder."""
    watch: FindingWatch
    """Receives findings, those recorded before a run was resumed included."""
    say: Callable[[str], None]
    """Called with messages for the user that are no records."""
    recall: Recall
    is_steered_here: bool
    """Whether only this process may steer the run: other processes may watch."""


def train_loaded(pending: PendingRun, digits: Digits, front_end: FrontEnd, threads: int | None) -> EndRecord | None:
    """Train a run and return how it ended, None where it was detached; `threads` None means all usable processors.

    Raises
    ------
    TuimoveError
        As `run_session` does, or from `recall`; the run's folder has been unlocked by then.
    """
    if pending.stored_as:
        front_end.say(f"kept as {pending.stored_as}")
    sinks = [*front_end.sinks, front_end.watch]
    if pending.run_folder is not None:
        server = ControlServer(pending.run_folder.folder, front_end.controls, is_steered_here=front_end.is_steered_here)
        sinks += [server, pending.run_folder]
    return run_session(
        pending.preset,
        digits,
        sinks,
        front_end.controls,
        threads or usable_threads(),
        keeper=pending.run_folder,
        run=pending.run,
        resumption=pending.resumption,
        recall=lambda records: front_end.recall(_watched(records, front_end.watch)),
    )


def _watched(records: Iterable[PastRecord], watch: FindingWatch) -> Iterator[PastRecord]:
    """Yield records from before a run was resumed, and pass each finding to `watch`."""
    for record in records:
        if record.table.get("record") == "finding" and (finding := record.read()):
            watch.write(finding)
        yield record
