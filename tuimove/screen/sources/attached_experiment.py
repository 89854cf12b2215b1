"""The thread behind a screen of an experiment that another process trains: follows its folder."""

from __future__ import annotations

import os
import threading
from contextlib import suppress
from pathlib import Path

from tuimove.errors import DataError
from tuimove.experiments.experiment import ExperimentOptions, run_folder
from tuimove.experiments.plan import planned_experiment
from tuimove.recording.folder.run_lock import LOCK, living_holder
from tuimove.recording.reading.followed_file import FollowedFile
from tuimove.recording.reading.parsing import shown_text
from tuimove.recording.reading.record_lines import table_in
from tuimove.recording.reading.run_folders import RECORDS
from tuimove.runs.steering.controls import StopReason
from tuimove.screen.sources.board import UNENDED, experiment_board
from tuimove.screen.sources.source_thread import SourceThread, gone_words
from tuimove.settings.files import shown_path

POLL_SECONDS = 0.5


class FollowingThread(SourceThread):
    """Reads an experiment's records onto the board while the screen is open; the folder isn't trusted."""

    can_be_stopped = False

    def __init__(self, folder: Path, data: Path | None = None) -> None:
        """Read the plan; `data` is the folder of the runs' images.

        Raises
        ------
        TuimoveError
            When no process trains the experiment now, or its plan can't be read.
        """
        if living_holder(folder) is None:
            advice = "`tuimove compare` shows them, `tuimove resume` goes on"
            raise DataError(f"{shown_path(folder)}: nobody trains these runs now; {advice}")
        super().__init__("following")
        self.board = experiment_board(planned_experiment(folder))
        for run in self.board.runs:
            run.label = shown_text(run.label)
        self.board.expect_reading()
        self.out, self.data = folder, data
        self._places = ExperimentOptions(out=folder)
        self._files: dict[int, FollowedFile] = {}
        self._unfinished = set(range(len(self.board.runs)))
        self._is_going_on, self._is_read = True, False
        self._has_died = False
        """Whether its process has ended without giving the folder back."""
        self._is_over = threading.Event()

    @property
    def role(self) -> str:
        """The other process trains it."""
        return "elsewhere, watched"

    def work(self) -> None:
        """Read until the screen closes."""
        try:
            while not self._is_over.is_set():
                is_going_on = living_holder(self.out) is not None  # before the records: then they are its last
                for place in sorted(self._unfinished):
                    self._follow(place)
                    if not self._is_read:
                        self.board.note_read(place, "training")
                self._note_process(is_going_on=is_going_on)
                self._is_over.wait(POLL_SECONDS)
        finally:
            for file in self._files.values():
                file.close()

    def _note_process(self, *, is_going_on: bool) -> None:
        """Note whether the experiment's process still trains, and what became of it."""
        if is_going_on != self._is_going_on:
            self._has_died = not is_going_on and os.path.lexists(self.out / LOCK)
            self.board.set_open_state("training" if is_going_on else "unfinished")
            self._is_going_on = is_going_on
            if self._ended_phase() == "gone" and not is_going_on:
                self.words.append(gone_words(self.out))
        self._is_read = True

    def _follow(self, place: int) -> None:
        """Read a run's new records."""
        file = self._files.get(place) or self._opened(place)
        if file is None:
            return
        while not self._is_over.is_set():
            lines = file.take_lines()
            for line in lines:
                self._add_line(place, line.content)
            if file.is_at_end and not lines:
                break
        if self.board.runs[place].status == "finished":  # after any other end the run may be resumed
            file.close()
            del self._files[place]
            self._unfinished.discard(place)

    def _opened(self, place: int) -> FollowedFile | None:
        """Open the records of a run; None while there are none, or where they can't be read."""
        folder = self.folder_of(place)
        with suppress(DataError):
            self._files[place] = FollowedFile(folder / RECORDS)
        return self._files.get(place)

    def _add_line(self, place: int, line: bytes) -> None:
        if (table := table_in(line)) is not None:
            self.board.add_record(place, table)

    def stop(self, reason: StopReason = "stopped") -> None:  # noqa: ARG002
        """Stop following; the runs go on."""
        self._is_over.set()

    @property
    def phase(self) -> str:
        """What the experiment is doing, in one word."""
        if self.error is not None:
            return "failed"
        if not self._is_read:
            return "reading"
        return "training" if self._is_going_on else self._ended_phase()

    def _ended_phase(self) -> str:
        """Return how the experiment has ended: all its runs have, or its process was lost, or somebody stopped it."""
        states = self.board.states
        if not any(states[state] for state in (*UNENDED, "interrupted", "stopped")):
            return "finished"
        return "gone" if self._has_died or states["unfinished"] else "interrupted"

    def folder_of(self, place: int) -> Path:
        """Return the folder of a run, which may not exist yet."""
        folder = run_folder(self._places, place)
        assert folder
        return folder
