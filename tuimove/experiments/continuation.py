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
from tuimove.runs.resumption import Resumption, open_resumption
from tuimove.settings.data_name import BUNDLED
from tuimove.settings.preset import Preset

GOES_ON = "goes_on"
"""Key of a run in a job's table: whether it goes on from its folder's checkpoint."""


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
        resumption = _resumption(folder, preset, say)
    except TuimoveError as error:
        say(f"{preset.name}: {error}")
        return None
    resumption.run_folder.close()
    if resumption.checkpoint is None or not _draws_alike(resumption):
        return None
    lines = tuple(line.content.decode(errors="replace").rstrip("\n") for line in resumption.lines())
    return Continuation(resumption.checkpoint.epoch, lines)


def _resumption(folder: Path, preset: Preset, say: Callable[[str], None]) -> Resumption:
    place = None if preset.data.name == BUNDLED else Path(preset.data.name)
    return open_resumption(folder, CHECKPOINT_SECONDS, say, place)


def _draws_alike(resumption: Resumption) -> bool:
    """Return whether the run began with this version of NumPy, so that its starting weights come out the same."""
    return resumption.record is not None and resumption.record.versions.get("numpy") == version("numpy")


def kept_in(run: Mapping[str, Any], preset: Preset) -> KeptIn:
    """Open the folder of a run of a job; raises a TuimoveError when that fails."""
    if run["folder"] is None:
        return KeptIn(None)
    folder = Path(run["folder"])
    if not run[GOES_ON]:
        return KeptIn(RunFolder(folder, preset))
    resumption = _resumption(folder, preset, lambda _: None)
    return KeptIn(resumption.run_folder, resumption)
