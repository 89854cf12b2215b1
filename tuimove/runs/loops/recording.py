"""One training loop's record: its folder, its measurements at the steps that are looked at, what the rules find."""

from __future__ import annotations

import math
import platform
import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np

from tuimove.diagnosis.diagnosis import Diagnosis
from tuimove.diagnosis.finding import Finding
from tuimove.diagnosis.matrix_measurement import MatrixMeasurement
from tuimove.diagnosis.measurement import measure_matrix
from tuimove.diagnosis.run_facts import RunFacts
from tuimove.errors import harmless
from tuimove.recording.folder.run_folder import RunFolder
from tuimove.recording.history import measured_numbers
from tuimove.recording.record import EndRecord, FindingRecord, MeasurementRecord, RunRecord, Status
from tuimove.runs.loops.earlier_run import EarlierRun
from tuimove.runs.loops.layers import roles_of
from tuimove.runs.loops.loop_state import LoopState
from tuimove.runs.loops.parameter import Entries, Parameter
from tuimove.runs.loops.sample import Places, Samples
from tuimove.runs.loops.say import say
from tuimove.runs.loops.start_weights import StartWeights, add_entries, written_start
from tuimove.settings.limits import DiagnosisKeys
from tuimove.settings.matrix_role import Roles
from tuimove.settings.starting_law import StartingLaw
from tuimove.settings.version import __version__

LIVE = np.ones(1, np.bool_)
"""A matrix is measured as one row, which can move."""


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
        earlier: EarlierRun | None = None,
    ) -> None:
        """Take the parameters as they are for the start, and write the run record; or go on with an earlier run.

        Parameters
        ----------
        folder
            The run's folder, without records yet where there is no earlier run.
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
        earlier
            The run that was recorded in this folder, of the same matrices.

        Raises
        ------
        OutputError, OSError
            When the record can't be written.
        DataError
            When an earlier run's starting weights can't be read.
        """
        self.folder, self._run, self._began = folder, run, time.perf_counter()
        self._parameters = {one.name: one for one in parameters}
        self._samples = Samples(earlier.sample if earlier and earlier.sample else sample)
        self._places = {one.name: self._samples.of(one.entries) for one in parameters}
        self._last = {name: self._entries(name) for name in self._parameters}
        self.newest_step = -1
        """The step of the newest measurement that has been written."""
        self._is_at_start = True
        """Whether the newest entries are those that were read just now, and needn't be read again."""
        sizes = {name: entries.size for name, entries in self._last.items()}
        if earlier:
            self._start = StartWeights(folder.folder, sizes, is_verified=True)
            self._began -= earlier.looks[-1].seconds if earlier.looks else 0.0
        else:
            self._start = self._written_start(sizes)
        try:
            roles = earlier.roles if earlier else self._write_run(name, loop)
        except BaseException:
            self._start.close()
            raise
        self._laws = {role.name: role.law or _ruler(self._start.read(role.name)) for role in roles}
        self._diagnosis = Diagnosis(DiagnosisKeys(), RunFacts.of_loop(earlier.loop if earlier else loop), roles)

    def _written_start(self, sizes: Mapping[str, int]) -> StartWeights:
        with written_start(self.folder.folder) as archive:
            for name, entries in self._last.items():
                add_entries(archive, name, entries)
        return StartWeights(self.folder.folder, sizes)

    def _write_run(self, name: str, loop: Mapping[str, Any]) -> Roles:
        """Write the run record and return the roles in it."""
        roles, laws = roles_of([*self._parameters.values()], {name: rows[0] for name, rows in self._last.items()})
        said = {"laws": laws, "sample": self._samples.most, "sampled": _sampled(self._places)}
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
                loop={**loop, **said},
            )
        )
        return roles

    def go_on(self, earlier: EarlierRun, counted: int | None) -> tuple[int, list[Finding]]:
        """Go on with an earlier run: cut its records at the step that the weights are at.

        That is the number that the optimizer has counted; else 0 where the weights are those of the start, and the
        last step that was looked at where they aren't. Returns it, and what was found before.

        Raises
        ------
        OSError
            When the records can't be cut.
        """
        step = (0 if self._is_as_at_start() else earlier.last_step) if counted is None else counted
        found = [finding for look in earlier.looks_before(step) for finding in self._diagnosis.observe(look.numbers)]
        self.folder.cut(earlier.valid_size(step), 0)
        return step, found

    def _is_as_at_start(self) -> bool:
        return all(np.array_equal(entries, self._start.read(name)) for name, entries in self._last.items())

    def look(self, step: int, state: LoopState) -> Sequence[Finding]:
        """Measure every parameter, write that, and return what has been found by it.

        Raises
        ------
        OutputError
            When the record can't be written.
        """
        with np.errstate(all="ignore"):  # the loop's settings may turn what is not finite into exceptions
            return self._look(step, state)

    def _look(self, step: int, state: LoopState) -> Sequence[Finding]:
        self.folder.require_present()
        if not self._is_at_start:
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
        self._is_at_start = False
        self.folder.write(measurement)
        self.newest_step = step
        found = self._diagnosis.observe(measured_numbers(measurement))
        for finding in found:
            self.folder.write(FindingRecord.of(self._run, finding))
        return found

    def finish(self, step: int, status: Status, reason: str | None, remark: str | None = None) -> None:
        """Write the end and close the folder; raises an OutputError where it can't be written."""
        self._start.close()
        if not self.folder.is_open:
            return  # it has failed before
        self.folder.write(EndRecord(self._run, status, step, time.perf_counter() - self._began, reason, remark))
        self.folder.close()

    def finish_in_words(self, step: int, status: Status, reason: str | None, remark: str | None) -> None:
        """Finish, and print what is remarked, or why the end can't be written."""
        if remark:
            say(f"tuimove: {remark}")
        try:
            self.finish(step, status, reason, remark)
        except Exception as error:
            say(f"tuimove: the end can't be recorded: {harmless(str(error))}")

    def _measured(self, name: str) -> MatrixMeasurement:
        last = self._last[name]
        now = last if self._is_at_start else self._entries(name)
        measured = measure_matrix(now, self._start.read(name), last, LIVE, self._laws[name])
        np.copyto(last, now)  # into the same memory, which would be in pieces after some looks
        return measured

    def _entries(self, name: str) -> Entries:
        """Return a parameter's measured entries as they are, (1, entries).

        Raises
        ------
        ValueError
            When it has another shape than at the start.
        """
        try:
            return self._parameters[name].read(self._places[name]).reshape(1, -1)
        except ValueError as error:
            raise ValueError(f"{name}: {error}") from None


def _ruler(start: Entries) -> StartingLaw:
    """Return what a matrix's histograms are drawn on where its law isn't known: four times its root mean square."""
    spread = float(np.sqrt(np.mean(np.square(start, dtype=np.float64))))
    return StartingLaw("zero", spread if math.isfinite(spread) and spread > 0 else 1.0)


def _sampled(places: Mapping[str, Places | None]) -> dict[str, int]:
    """Return how many entries stand for each matrix that is sampled."""
    return {name: len(chosen) for name, chosen in places.items() if chosen is not None}
