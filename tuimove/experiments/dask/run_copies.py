"""Writes run folders from what workers send: records as they arrive, weights and end record when all is complete.

A run's end record is held back until its weights are stored, so that a folder with an end record is complete.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from tuimove.recording.folder.run_folder import RunFolder
from tuimove.recording.reading.written_record import WrittenRecord
from tuimove.settings.preset_reading import preset_from_table


class RunCopies:
    """The run folders of a job's runs, for those runs that have one."""

    def __init__(self, runs: Iterable[Mapping[str, Any]]) -> None:
        self._runs = {run["name"]: run for run in runs if run["folder"]}
        self._folders: dict[str, RunFolder] = {}
        self._ends: dict[str, str] = {}

    @property
    def are_wanted(self) -> bool:
        """Whether any run has a folder."""
        return bool(self._runs)

    def take(self, record: WrittenRecord) -> None:
        """Write a record to its run's folder; raises OutputError, or a TuimoveError where the folder can't be made."""
        if not self._runs:
            return
        line, table = record
        run = table["run"]
        if table["record"] == "run":
            self._folders[run] = self._begin(self._runs[table["preset"]["name"]])
        if table["record"] == "end":
            self._ends[run] = line
        else:
            self._folders[run].append(line)

    def complete(self, weights: Mapping[str, Mapping[str, bytes]]) -> None:
        """Write the weights, `.npz` contents by run id and file name, and then the end records."""
        for run, folder in self._folders.items():
            for name, content in weights.get(run, {}).items():
                folder.keep_file(name, content)
            if run in self._ends:
                folder.append(self._ends[run])

    def close(self) -> None:
        """Close the folders."""
        for folder in self._folders.values():
            folder.close()
        self._folders.clear()

    def _begin(self, run: Mapping[str, Any]) -> RunFolder:
        """Create a run's folder, replacing one of an earlier attempt."""
        folder = Path(run["folder"])
        shutil.rmtree(folder, ignore_errors=True)
        return RunFolder(folder, preset_from_table(run["name"], run["preset"]))
