"""One training loop's record: its folder, its measurements at the steps that are looked at, what the rules find."""

from __future__ import annotations

import math
import platform
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np

from tuimove.diagnosis.diagnosis import Diagnosis
from tuimove.diagnosis.finding import Finding
from tuimove.diagnosis.matrix_measurement import MatrixMeasurement
from tuimove.diagnosis.measurement import measure_matrix
from tuimove.diagnosis.past import RunFacts
from tuimove.recording.folder.run_folder import RunFolder
from tuimove.recording.history import measured_numbers
from tuimove.recording.record import EndRecord, FindingRecord, MeasurementRecord, RunRecord, Status
from tuimove.runs.loops.layers import roles_of
from tuimove.runs.loops.parameter import Entries, Parameter
from tuimove.runs.loops.sample import Places, sampled_places
from tuimove.settings.limits import DiagnosisKeys
from tuimove.settings.matrix_role import MatrixRole
from tuimove.settings.starting_law import StartingLaw
from tuimove.settings.version import __version__

LIVE = np.ones(1, np.bool_)
"""A matrix is measured as one row, which can move."""


@dataclass(frozen=True)
class LoopState:
    """What a training loop says beside its weights at one step; NaN for what it doesn't."""

    learning_rate: float = math.nan
    loss: float = math.nan
    noted: Mapping[str, float] = field(default_factory=dict)


class LoopRecording:
    """Measures a loop's parameters against their start, and writes what comes of it into a run folder."""

    def __init__(
        self,
        folder: RunFolder,
        run: str,
        name: str,
        parameters: Sequence[Parameter],
        sample: int,
        loop: Mapping[str, Any],
    ) -> None:
        """Take the parameters as they are for the start, and write the run record.

        Parameters
        ----------
        folder
            New folder of the run.
        run
            The run's id.
        name
            What the run is called.
        parameters
            Of the model, in its order.
        sample
            Entries of a matrix that are measured at most.
        loop
            Framework, optimizer and versions, for the record.

        Raises
        ------
        OutputError
            When the record can't be written.
        """
        self.folder, self._run = folder, run
        self._parameters = {one.name: one for one in parameters}
        self._places = {one.name: sampled_places(one.name, one.entries, sample) for one in parameters}
        self._start = {name: self._entries(name) for name in self._parameters}
        self._last = dict(self._start)
        roles, laws = roles_of(parameters, {name: rows[0] for name, rows in self._start.items()})
        self._laws = {role.name: role.law or _ruler(self._start[role.name]) for role in roles}
        self._diagnosis = Diagnosis(DiagnosisKeys(), RunFacts(), roles)
        self._began = time.perf_counter()
        self._write_start(name, roles, {**loop, "laws": laws, "sampled": _sampled(self._places)})

    def _write_start(self, name: str, roles: tuple[MatrixRole, ...], loop: dict[str, Any]) -> None:
        self.folder.write(
            RunRecord(
                run=self._run,
                preset={"name": name, "title": name},
                data={},
                started=datetime.now().astimezone().isoformat(timespec="seconds"),
                threads=0,
                form="",
                versions={"tuimove": __version__, "python": platform.python_version(), "numpy": np.__version__},
                matrices=roles,
                loop=loop,
            )
        )

    def look(self, step: int, state: LoopState) -> Sequence[Finding]:
        """Measure every parameter, write that, and return what has been found by it.

        Raises
        ------
        OutputError
            When the record can't be written.
        """
        for refresh in {one.refresh for one in self._parameters.values() if one.refresh}:
            refresh()
        measurement = MeasurementRecord(
            run=self._run,
            epoch=step,
            seconds=time.perf_counter() - self._began,
            learning_rate=state.learning_rate,
            loss=state.loss,
            train_accuracy=math.nan,
            test_accuracy=state.noted.get("test_accuracy", math.nan),
            matrices={name: self._measured(name) for name in self._parameters},
            noted={name: value for name, value in state.noted.items() if name != "test_accuracy"},
        )
        self.folder.write(measurement)
        found = self._diagnosis.observe(measured_numbers(measurement))
        for finding in found:
            self.folder.write(FindingRecord.of(self._run, finding))
        return found

    def finish(self, step: int, status: Status, reason: str | None) -> None:
        """Write the end and close the folder."""
        self.folder.write(EndRecord(self._run, status, step, time.perf_counter() - self._began, reason))
        self.folder.close()

    def _measured(self, name: str) -> MatrixMeasurement:
        now = self._entries(name)
        measured = measure_matrix(now, self._start[name], self._last[name], LIVE, self._laws[name])
        self._last[name] = now
        return measured

    def _entries(self, name: str) -> Entries:
        """Return a parameter's measured entries as they are, (1, entries).

        Raises
        ------
        ValueError
            When it has another size than at the start.
        """
        entries = self._parameters[name].read(self._places[name])
        if self._places[name] is None and entries.size != self._parameters[name].entries:
            raise ValueError(f"{name} has {entries.size} entries, not {self._parameters[name].entries} as at the start")
        return entries.reshape(1, -1)


def _ruler(start: Entries) -> StartingLaw:
    """Return what a matrix's histograms are drawn on where its law isn't known: four times its root mean square."""
    spread = float(np.sqrt(np.mean(np.square(start, dtype=np.float64))))
    return StartingLaw("zero", spread if math.isfinite(spread) and spread > 0 else 1.0)


def _sampled(places: Mapping[str, Places | None]) -> dict[str, int]:
    """Return how many entries stand for each matrix that is sampled."""
    return {name: len(chosen) for name, chosen in places.items() if chosen is not None}
