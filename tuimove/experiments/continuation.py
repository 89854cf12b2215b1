"""The folder of a run of an experiment: a new one, or that of a run that goes on from where it was stopped."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

from tuimove.errors import TuimoveError
from tuimove.experiments.job_training import KeptIn
from tuimove.recording.checkpoint import CHECKPOINT_SECONDS
from tuimove.recording.folder.checkpoint_files import checkpoint_files
from tuimove.recording.folder.run_folder import RunFolder
from tuimove.recording.reading.run_folders import RECORDS
from tuimove.recording.record import RunRecord
from tuimove.runs.resumption import open_resumption, read_stop
from tuimove.settings.data_name import BUNDLED
from tuimove.settings.files import open_regular
from tuimove.settings.preset import Preset


class Continuation(NamedTuple):
    """What a stopped run goes on from."""

    epoch: int
    lines: tuple[str, ...]
    """Its records so far, without the end."""


def continuation_in(folder: Path | None, preset: Preset, say: Callable[[str], None]) -> Continuation | None:
    """Return what a run goes on from; None where it must begin anew, because it has no checkpoint that can be used."""
    if folder is None or not folder.is_dir() or not checkpoint_files(folder):
        return None
    try:
        survey, checkpoint = read_stop(folder, say)
        with open_regular(folder / RECORDS) as stream:
            lines = stream.read(survey.size).decode(errors="replace").splitlines()
    except (OSError, TuimoveError) as error:
        say(f"{preset.name}: {error}")
        return None
    return Continuation(checkpoint.epoch, tuple(lines)) if checkpoint and _draws_alike(survey.record) else None


def _draws_alike(record: RunRecord | None) -> bool:
    """Return whether a run began with this version of NumPy, so that its starting weights come out the same."""
    return record is not None and record.versions.get("numpy") == version("numpy")


def kept_in(run: Mapping[str, Any], preset: Preset) -> KeptIn:
    """Open the folder of a run of a job; raises a TuimoveError when that fails."""
    if run["folder"] is None:
        return KeptIn(None)
    folder = Path(run["folder"])
    if not run["goes_on"]:
        return KeptIn(RunFolder(folder, preset))
    place = None if preset.data.name == BUNDLED else Path(preset.data.name)
    resumption = open_resumption(folder, CHECKPOINT_SECONDS, lambda _: None, place)
    return KeptIn(resumption.run_folder, resumption)
