"""The thread behind the dashboard of a recorded run: reads records, follows new ones, and reads single ones again.

The folder or file isn't trusted: only the run's own regular files are opened. The thread waits for a slower screen, so
that nothing is dropped.
"""

from __future__ import annotations

import math
import os
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from tuimove.errors import DataError, Input, nearest_of
from tuimove.recording.folder.array_files import NetworkShape
from tuimove.recording.folder.kept_weights import find_weights, nearest_weights, read_weights
from tuimove.recording.reading.parsing import shown_text
from tuimove.recording.reading.run_folders import RECORDS, STANDARD_INPUT, require_one_run
from tuimove.recording.reading.run_follower import RecordReader
from tuimove.recording.record import EndRecord, MeasurementRecord, Record, RunRecord
from tuimove.recording.sinks.mailbox import Mailbox
from tuimove.runs.steering.controls import Controls, Steering
from tuimove.screen.sources.source_thread import SourceThread
from tuimove.settings.data_name import BUNDLED
from tuimove.settings.files import is_folder, shown_path
from tuimove.settings.preset import DataKeys, Preset
from tuimove.settings.preset_reading import recorded_preset

if TYPE_CHECKING:
    from tuimove.training.image_set import Digits

POLL_SECONDS = 0.25
"""Seconds between two reads at the end of the file."""
WAIT_SECONDS = 0.02
"""Seconds between two checks of whether the screen has emptied the mailbox."""
MOST_WAITING, MOST_WAITING_BYTES = 4096, 1 << 24
"""Most records that wait for the screen, and their most bytes."""
GROWING_SECONDS = 10.0
"""Seconds after its last record for which a run without an end counts as training."""


def open_recorded(place: str, data: Path | None = None) -> RecordedRun:
    """Return the run in a folder or a file that the user has named.

    Raises
    ------
    DataError
        When there are no records of one run; the message says what there is.
    """
    path = Path(place)
    if place == STANDARD_INPUT:
        raise DataError("standard input can't be replayed: it is gone once read; keep the records in a file first")
    if data is not None and not is_folder(data):
        raise DataError(f"{shown_path(data)!r}: not a folder", about=Input.DATA)
    try:
        if is_folder(path):
            require_one_run(path)
        return RecordedRun(path, data=data)
    except DataError as error:
        raise DataError(f"{error}{_nearest_beside(path)}") from None


def _nearest_beside(path: Path) -> str:
    """Suggest the nearest name to one that isn't there."""
    with suppress(OSError):
        return "" if os.path.lexists(path) else nearest_of(path.name, os.listdir(path.parent))
    return ""


class RecordedRun(SourceThread):
    """A recorded run, which another process may still be recording.

    Requests to `controls` have no effect; a subclass that passes them on sets `can_be_steered`. `close` ends the
    thread.
    """

    can_be_steered = False

    def __init__(self, place: Path, *, data: Path | None = None, controls: Steering | None = None) -> None:
        """Read the first record; `data` is the folder of the run's images, None for the bundled ones.

        Raises
        ------
        DataError
            When there are no readable records.
        """
        super().__init__("reading")
        self.controls, self.mailbox = controls or Controls(), Mailbox(2 * MOST_WAITING)
        self.out = place if place.is_dir() else None
        self._reader = RecordReader(place / RECORDS if self.out else place, follows_link=self.out is None)
        first = self._reader.first
        self.described = first if isinstance(first, RunRecord) else None
        self.preset = recorded_preset(self.described.preset if self.described else None)
        self.shape = _shape_of(first, self.preset)
        """Shape of the network; None where the records don't say."""
        self._data = data
        self.digits: Digits | None = None
        self.pictures_missing = _nothing_to_picture(first, self.out)
        """Why there are no pictures of weights and images; empty while they may come."""
        self.asked: MeasurementRecord | None = None
        """The measurement that `show_epoch` requested, once it has been read."""
        self._wanted: int | None = None
        self._looked_for: int | None = None
        self._looked_at = -math.inf
        self._weights_file: tuple[Path, int, int] | None = None
        self._waiting_bytes = 0
        self._has_caught_up = False
        """Whether the mailbox has had every record that there was at first."""
        self._closing, self._woken = threading.Event(), threading.Event()

    # Requests of the screen.

    @property
    def end(self) -> EndRecord | None:
        """The end record, once it has been read."""
        return self._reader.end

    @property
    def is_read(self) -> bool:
        """Whether everything written so far has been read and put into the mailbox."""
        return self._has_caught_up and self._reader.file.is_at_end

    @property
    def phase(self) -> str:
        """What the run is doing according to its records."""
        file = self._reader.file
        if not self.is_read:
            return f"reading {file.share_read:.0%}"
        if self.end is not None:
            return self.end.status
        is_going_on = not file.damage and self.error is None and time.time() - file.changed_at < GROWING_SECONDS
        return "training" if is_going_on else "unfinished"

    @property
    def trouble(self) -> str:
        """Why the run failed; empty when it didn't."""
        return super().trouble or ((self.end.reason or "") if self.end and self.end.status == "failed" else "")

    @property
    def remark(self) -> str:
        """What was skipped in the records, or why the run was stopped, once all have been read; usually empty."""
        if not self.is_read:
            return ""
        return self._reader.remark or _stopped_words(self.end)

    @property
    def shows_kept_weights(self) -> bool:
        """Whether pictures are of the weights in the run's folder."""
        return True

    def show_epoch(self, epoch: int | None) -> None:
        """Request the measurement and the weights of an epoch, or for None the newest weights; they arrive soon."""
        if epoch != self._wanted:
            self._wanted = epoch
            self._woken.set()

    def close(self) -> None:
        """End the thread soon; the run isn't affected."""
        self._closing.set()
        self._woken.set()
        if self.ident is None:
            self._reader.file.close()

    # Work of the thread.

    def work(self) -> None:
        """Read until closed."""
        threading.Thread(target=self._load_digits, name="loading", daemon=True).start()
        try:
            while not self._closing.is_set():
                self.read_some()
                self._look_up()
                if self.is_read:
                    self._woken.wait(POLL_SECONDS)
                    self._woken.clear()
        finally:
            self._reader.file.close()

    def read_some(self) -> None:
        """Read the next records and put them into the mailbox, as fast as the screen takes them."""
        for record, size in self._reader.read_some():
            self._await_screen(size)
            if self._closing.is_set():
                return
            self.mailbox.write(record)
            self.mailbox.advance(max(0, self._reader.newest_epoch))
        self._has_caught_up = self._has_caught_up or self._reader.file.is_at_end

    def _await_screen(self, size: int) -> None:
        """Wait for the screen, unless there is room for `size` bytes more."""
        self._waiting_bytes += size
        if self.mailbox.waiting < MOST_WAITING and self._waiting_bytes <= MOST_WAITING_BYTES:
            return
        while self.mailbox.waiting and not self._closing.wait(WAIT_SECONDS):
            self._look_up()
        self._waiting_bytes = size

    def _look_up(self) -> None:
        """Read the measurement and the weights that the screen requested, a few times a second."""
        wanted, is_other = self._wanted, self._wanted != self._looked_for
        if not is_other and time.monotonic() < self._looked_at + POLL_SECONDS:
            return
        if wanted is not None and is_other:
            self.asked = self._reader.measurement_at(wanted)
        self._read_weights(math.inf if wanted is None else wanted)
        self._looked_for, self._looked_at = wanted, time.monotonic()

    def _read_weights(self, epoch: float) -> None:
        """Put the first weights, and those nearest to an epoch, into the mailbox."""
        if self.out is None or self.shape is None or self.pictures_missing:
            return
        try:
            found = find_weights(self.out)
            if self.mailbox.first_weights is None and "first" in found:
                self.mailbox.first_weights = read_weights(found["first"], self.shape)[1]
            chosen = nearest_weights(found, epoch, self.end.epochs if self.end else self._reader.newest_epoch)
            if chosen is not None and chosen != self._weights_file and self.shows_kept_weights:
                self._weights_file = chosen
                self.mailbox.show_weights(*read_weights(chosen[0], self.shape))
        except (DataError, OSError) as error:
            self.pictures_missing = str(error)

    def _load_digits(self) -> None:
        """Load the images: the bundled ones, or those of a folder that the user, not the record, has named."""
        if self.pictures_missing:
            return
        from tuimove.training.image_set import load_digits

        name = self.preset.data.name
        if self._data is None and name != BUNDLED:
            self.pictures_missing = f"trained on images of its own: --data {shown_text(name)} shows them"
            return
        try:
            digits = load_digits(DataKeys(str(self._data or name)), seed=0)
        except DataError as error:
            self.pictures_missing = str(error)
            return
        if self.shape and (digits.inputs, digits.classes) == (self.shape.inputs, self.shape.classes):
            self.digits = digits
        else:
            self.pictures_missing = f"the images of {digits.name} don't fit the run's network"


def _stopped_words(end: EndRecord | None) -> str:
    """Return why a run was stopped; empty for one that goes on, or that ended otherwise."""
    return f"{end.status}: {end.reason}" if end and end.reason and end.status != "failed" else ""


def _nothing_to_picture(record: Record | None, folder: Path | None) -> str:
    """Return why a run has no pictures of weights and images by its first record; usually empty."""
    if isinstance(record, RunRecord) and not record.is_own:
        return "only weights of networks that tuimove trains are shown here: this run was recorded by another program"
    return "" if folder else "the weights are in a run's folder: replay that to see them"


def _shape_of(record: Record | None, preset: Preset) -> NetworkShape | None:
    """Return the shape of a run's network, None where the first record isn't a run record."""
    if not isinstance(record, RunRecord) or not record.is_own:
        return None
    return NetworkShape(record.data["inputs"], preset.network.hidden, record.data["classes"])
