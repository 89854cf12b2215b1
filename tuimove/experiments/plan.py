"""An experiment's folder: its plan, a lock, and a folder for each run."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from tuimove.errors import DataError, Input, OutputError, PresetError, TuimoveError, with_remedy
from tuimove.recording.folder.array_files import write_whole
from tuimove.recording.folder.checkpoint_files import data_sum
from tuimove.recording.folder.run_lock import locked
from tuimove.recording.folder.store import PLAN, make_runs_folder, new_run_id
from tuimove.recording.reading.record_lines import RecordLines
from tuimove.recording.reading.run_folders import RECORDS
from tuimove.settings.data_name import placed_name
from tuimove.settings.files import is_folder, names_in, open_regular, reason_of, refusal, shown_path
from tuimove.settings.limits import RENAMED
from tuimove.settings.preset import Preset
from tuimove.settings.preset_reading import preset_from_table
from tuimove.settings.sweep import Experiment, Member
from tuimove.settings.wording import Say
from tuimove.training.data_folder import refound_data
from tuimove.training.image_set import Digits, describe_data

DATA_SUM = "data.crc32"
"""In an experiment's folder: the CRC-32 of the training images and labels that it began with."""
MOST_DIGITS = 20
SIZES = ("test", "inputs", "classes")
"""Sizes of a data set that all runs on it share; only the number of training images may vary."""


@contextmanager
def open_experiment_folder(
    experiment: Experiment,
    out: Path | None,
    say: Say,
    *,
    is_kept: bool,
    is_resumed: bool = False,
    remedy: str = "",
) -> Iterator[Path | None]:
    """Provide the locked folder of an experiment: `out`, or one in the default place; None where it isn't stored.

    A folder that holds the same experiment is resumed. `is_resumed` skips that comparison, see `found_experiment`.

    Raises
    ------
    TuimoveError
        When the folder can't be made, holds something else, or another process writes there.
    """
    folder = out
    if folder is None and is_kept:
        try:
            folder = make_runs_folder() / new_run_id(experiment.base.name)
        except TuimoveError as error:
            say(f"this experiment is not kept: {with_remedy(str(error), remedy)}")
    if folder is None:
        yield None
        return
    was_there, is_new, lock = os.path.lexists(folder), False, None
    try:
        is_new = not is_resumed and _prepare(folder, experiment)
        lock = locked(folder)
        yield folder
    except BaseException:
        if is_new and (lock is None or lock.is_held):
            _remove_empty_plan(folder)
        raise
    finally:
        if lock is not None:
            lock.release()
        if not was_there:
            with suppress(OSError, ValueError):  # fails unless the folder is empty
                folder.rmdir()


def _remove_empty_plan(folder: Path) -> None:
    """Remove the plan of an experiment without any runs: there is nothing to resume."""
    with suppress(OSError):
        if not any(path.is_dir() for path in folder.iterdir()):
            (folder / PLAN).unlink()


def _prepare(folder: Path, experiment: Experiment) -> bool:
    """Create the folder with its plan, or check the plan of an unfinished one; return whether it is new.

    Raises
    ------
    TuimoveError
        When it holds something else, or can't be made.
    """
    path, plan = folder / PLAN, _written_plan(experiment)
    try:
        if os.path.lexists(path):
            if _read_plan(path) != plan:
                raise TuimoveError(f"{shown_path(folder)!r}: holds another experiment", about=Input.OUT)
            return False
        if os.path.lexists(folder) and (not is_folder(folder) or names_in(folder)):
            raise TuimoveError(f"{shown_path(folder)!r}: already there, and no experiment", about=Input.OUT)
        folder.mkdir(parents=True, exist_ok=True)
        write_whole(path, plan)
        return True
    except DataError as error:
        raise TuimoveError(str(error), about=Input.OUT) from None
    except (OSError, ValueError) as error:
        raise TuimoveError(f"{shown_path(folder)!r}: {reason_of(error, folder)}", about=Input.OUT) from None


def _read_plan(path: Path) -> bytes:
    """Return a written plan, with old names of limits replaced by the current ones."""
    with open_regular(path) as stream:
        plan = stream.read()
    for before, now in RENAMED.items():
        old, new = (f'"{key.rpartition(".")[2]}":'.encode() for key in (before, now))
        plan = plan.replace(old, new)
    return plan


def _written_plan(experiment: Experiment) -> bytes:
    return json.dumps(_plan_of(experiment), indent=1).encode()


def _plan_of(experiment: Experiment) -> dict[str, Any]:
    runs = [
        {"name": member.preset.name, "varied": dict(member.varied), "preset": _without_picture(member.preset)}
        for member in experiment.members
    ]
    base = experiment.base
    return {"name": base.name, "preset": _without_picture(base), "keys": list(experiment.keys), "runs": runs}


def _without_picture(preset: Preset) -> dict[str, Any]:
    """Return a preset as nested tables, without keys that change no result."""
    return replace(preset, picture=None).as_dict()


def planned_experiment(folder: Path) -> Experiment:
    """Return the experiment of a folder's plan.

    Raises
    ------
    TuimoveError
        When the plan can't be read, or isn't the plan of an experiment.
    """
    path = folder / PLAN
    try:
        plan = json.loads(_read_plan(path))
        base = preset_from_table(str(plan["name"]), plan["preset"])
        return Experiment(base, tuple(_member(run) for run in plan["runs"]), tuple(map(str, plan["keys"])))
    except PresetError as error:
        raise PresetError(f"{shown_path(path)}: made by another version of tuimove: {error}") from None
    except (OSError, ValueError, RecursionError) as error:
        raise DataError(refusal(path, error)) from None
    except (KeyError, TypeError, AttributeError):
        raise DataError(f"{shown_path(path)}: not the plan of an experiment") from None


def found_experiment(folder: Path, moved: Path | None, say: Say) -> Experiment:
    """Return the experiment of a folder's plan, with the current place of its data.

    Raises
    ------
    TuimoveError
        When the plan can't be read or data aren't there; also when `moved`, the one folder that they are in now, is
        given and the runs have several.
    """
    planned = planned_experiment(folder)
    names = dict.fromkeys(member.preset.data.name for member in planned.members)
    if moved is None:
        found = {name: refound_data(name, folder, None, say) for name in names}
    elif len(names) > 1:
        words = f"the runs of {shown_path(folder)} have {len(names)} data sets"
        raise DataError(f"{shown_path(moved)!r}: {words}", about=Input.DATA)
    else:
        found = dict.fromkeys(names, placed_name(str(moved)))
    members = tuple(replace(one, preset=_with_data(one.preset, found)) for one in planned.members)
    return replace(planned, base=_with_data(planned.base, found), members=members)


def _with_data(preset: Preset, found: Mapping[str, str]) -> Preset:
    return replace(preset, data=replace(preset.data, name=found.get(preset.data.name, preset.data.name)))


def keep_plan(folder: Path, experiment: Experiment) -> None:
    """Write the data's current place into a folder's plan; raises an OutputError when that fails."""
    path, plan = folder / PLAN, _written_plan(experiment)
    try:
        if _read_plan(path) != plan:
            write_whole(path, plan)
    except OSError as error:
        raise OutputError(refusal(path, error)) from None


def require_same_data(folder: Path, digits: Digits) -> None:
    """Check that the data are those that an experiment began with; note their sum where this is the beginning.

    Raises
    ------
    DataError
        When images or labels have changed, or a run was recorded with data of other sizes.
    OutputError
        When the sum can't be written.
    """
    _require_same_sizes(folder, digits)
    path, found = folder / DATA_SUM, data_sum(digits)
    noted = _noted_sum(path)
    if noted is None:
        try:
            write_whole(path, f"{found}\n".encode())
        except OSError as error:
            raise OutputError(refusal(path, error)) from None
    elif noted != found:
        words = f"not the training images and labels that {shown_path(folder)} began with"
        raise DataError(f"{shown_path(digits.name)}: {words}")


def _noted_sum(path: Path) -> int | None:
    """Return the sum of the data that an experiment began with, None where it isn't known."""
    if not os.path.lexists(path):
        return None
    with suppress(DataError, OSError, ValueError), open_regular(path) as stream:
        return int(stream.read(MOST_DIGITS))
    return None


def _require_same_sizes(folder: Path, digits: Digits) -> None:
    described = describe_data(digits)
    for path in sorted(folder.glob(f"*/{RECORDS}")):
        recorded = _recorded_data(path.parent)
        for name in SIZES:
            if recorded.get(name, described[name]) != described[name]:
                raise DataError(
                    f"{shown_path(digits.name)}: not the data that {shown_path(path.parent)} was trained on: "
                    f"{name} = {described[name]}, and it was {recorded[name]}"
                )


def _recorded_data(folder: Path) -> dict[str, Any]:
    """Return the sizes of a run's data from its record; empty where the run has no record."""
    with suppress(DataError):
        for record in RecordLines(str(folder)):
            return data if isinstance(data := record.get("data"), dict) else {}
    return {}


def _member(run: dict[str, Any]) -> Member:
    return Member(preset_from_table(str(run["name"]), run["preset"]), tuple(dict(run["varied"]).items()))
