"""An experiment's folder: its plan, by which it is known again and resumed, a lock, and a folder for each run."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from tuimove.errors import DataError, PresetError, TuimoveError
from tuimove.preset import Preset, preset_from_table
from tuimove.run_lock import RunLock
from tuimove.store import PLAN, make_runs_folder, new_run_id
from tuimove.sweep import Experiment, Member

Say = Callable[[str], None]


@contextmanager
def open_experiment_folder(
    experiment: Experiment, out: Path | None, say: Say, *, is_kept: bool
) -> Iterator[Path | None]:
    """Give the folder of an experiment, locked: `out`, or one in the default place; None where it isn't kept.

    A folder that holds the same experiment is taken up again.

    Raises
    ------
    TuimoveError
        When the folder can't be made, is another's, or another process writes there.
    """
    folder = out
    if folder is None and is_kept:
        try:
            folder = make_runs_folder() / new_run_id(experiment.base.name)
        except TuimoveError as error:
            say(f"this experiment is not kept: {error}")
    if folder is None:
        yield None
        return
    was_there = folder.exists()
    is_new = _prepare(folder, experiment)
    lock = _locked(folder)
    try:
        yield folder
    except BaseException:
        if is_new and lock.is_held:
            _take_back_plan(folder)
        raise
    finally:
        lock.release()
        if not was_there:
            with suppress(OSError):  # it isn't empty unless everything was taken back
                folder.rmdir()


def _take_back_plan(folder: Path) -> None:
    """Remove the plan of an experiment without runs: there is nothing to go on with."""
    with suppress(OSError):
        if not any(path.is_dir() for path in folder.iterdir()):
            (folder / PLAN).unlink()


def _locked(folder: Path) -> RunLock:
    try:
        return RunLock(folder)
    except OSError as error:
        raise TuimoveError(f"{folder}: {error.strerror}") from None


def _prepare(folder: Path, experiment: Experiment) -> bool:
    """Make the folder with its plan, or take up one left unfinished; return whether it is new.

    Raises
    ------
    TuimoveError
        When it is another's, or can't be made.
    """
    plan = json.dumps(_plan_of(experiment), indent=1)
    path = folder / PLAN
    try:
        if path.exists():
            if path.read_text(encoding="utf-8") != plan:
                raise TuimoveError(f"--out {str(folder)!r}: holds another experiment")
            return False
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise TuimoveError(f"--out {str(folder)!r}: already there, and no experiment")
        folder.mkdir(parents=True, exist_ok=True)
        path.write_text(plan, encoding="utf-8")
        return True
    except (OSError, ValueError) as error:
        raise TuimoveError(f"--out {str(folder)!r}: {getattr(error, 'strerror', None) or error}") from None


def _plan_of(experiment: Experiment) -> dict[str, Any]:
    runs = [
        {"name": member.preset.name, "varied": dict(member.varied), "preset": _without_picture(member.preset)}
        for member in experiment.members
    ]
    base = experiment.base
    return {"name": base.name, "preset": _without_picture(base), "keys": list(experiment.keys), "runs": runs}


def _without_picture(preset: Preset) -> dict[str, Any]:
    """Return a preset as it is laid out in TOML, but for what no run depends on."""
    return replace(preset, picture=None).as_dict()


def planned_experiment(folder: Path) -> Experiment:
    """Return the experiment that a folder's plan is of.

    Raises
    ------
    TuimoveError
        When it can't be read, or isn't the plan of an experiment.
    """
    path = folder / PLAN
    try:
        plan = json.loads(path.read_text(encoding="utf-8"))
        base = preset_from_table(str(plan["name"]), plan["preset"])
        return Experiment(base, tuple(_member(run) for run in plan["runs"]), tuple(map(str, plan["keys"])))
    except PresetError as error:
        raise PresetError(f"{path}: made by another version of tuimove: {error}") from None
    except (OSError, ValueError, RecursionError) as error:
        raise DataError(f"{path}: {getattr(error, 'strerror', None) or error}") from None
    except (KeyError, TypeError, AttributeError):
        raise DataError(f"{path}: not the plan of an experiment") from None


def _member(run: dict[str, Any]) -> Member:
    return Member(preset_from_table(str(run["name"]), run["preset"]), tuple(dict(run["varied"]).items()))
