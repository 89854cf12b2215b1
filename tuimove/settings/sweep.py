"""A preset's `[sweep]`: the runs of an experiment, one for each combination of values.

Every value passes the same checks as in a preset, with the same messages.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tuimove.errors import Input, PresetError
from tuimove.settings.preset import SEED, Preset
from tuimove.settings.preset_file import PresetText, find_preset
from tuimove.settings.preset_reading import Override, change_preset, read_preset, with_placed_data
from tuimove.settings.typed_values import parse_value

MODES = ("product", "zip")
MOST_RUNS = 10_000
"""Most runs of an experiment, unless the user allows more."""
SECTION = "sweep"
DATA = "data.name"
EXAMPLE = [1, 2, 3]
"""A list of values, for messages."""


@dataclass(frozen=True)
class Member:
    """One run of an experiment."""

    preset: Preset
    """Preset of the run, named after what varies, such as `training.seed=3`."""
    varied: tuple[tuple[str, Any], ...]
    """Dotted keys that vary, with their values."""


@dataclass(frozen=True)
class Experiment:
    """A preset and the runs of its sweep."""

    base: Preset
    members: tuple[Member, ...]
    keys: tuple[str, ...]
    """Keys that vary; empty where the preset has no sweep."""


def load_experiment(name_or_path: str, overrides: Iterable[Override] = (), most_runs: int = MOST_RUNS) -> Experiment:
    """Return the runs of a preset; a single run where it has no `[sweep]`.

    Overrides whose key begins with `sweep.` change the sweep, others the settings of all runs.

    Raises
    ------
    PresetError
        Naming what is wrong with the preset or its sweep, or that it makes too many runs.
    """
    return read_experiment(find_preset(name_or_path), overrides, most_runs)


def read_experiment(found: PresetText, overrides: Iterable[Override], most_runs: int = MOST_RUNS) -> Experiment:
    """Return the runs of a preset's text; raises a PresetError as `load_experiment` does."""
    overrides = list(overrides)
    source, folder = found.source, found.folder
    base = base_preset(found, overrides)
    sweep = dict(_checked_table(found.table().get(SECTION, {}), source))
    for override in filter(_is_sweep, overrides):
        sweep[override.key.removeprefix(f"{SECTION}.")] = override.value
        folder = None if override.key == f"{SECTION}.{DATA}" else folder
    mode = sweep.pop("mode", "product")
    if mode not in MODES:
        raise PresetError(f"{source}: [sweep] mode = {mode!r}: must be product or zip")
    lists = _checked_lists(sweep, base, source)
    combinations = _combine(lists, mode, source, most_runs)
    members = tuple(_member(base, dict(zip(lists, values, strict=True)), folder) for values in combinations)
    _require_distinct(members, source)
    return Experiment(base, members, tuple(lists))


def base_preset(found: PresetText, overrides: Iterable[Override]) -> Preset:
    """Return the common settings of all runs; raises a PresetError as `read_preset` does."""
    return read_preset(found, [override for override in overrides if not _is_sweep(override)])


def _require_distinct(members: Iterable[Member], source: str) -> None:
    """Raise a PresetError where two runs have the same settings."""
    seen: set[str] = set()
    for member in members:
        if member.preset.name in seen:
            raise PresetError(f"{source}: [sweep] makes two runs of {member.preset.name}")
        seen.add(member.preset.name)


def over_seeds(experiment: Experiment, seeds: int) -> Experiment:
    """Return an experiment with all its runs under each seed from 1 to `seeds`; itself where it varies the seed."""
    if SEED in experiment.keys:
        return experiment
    members = tuple(_seeded(member, seed) for seed in range(1, seeds + 1) for member in experiment.members)
    return Experiment(experiment.base, members, (*experiment.keys, SEED))


def _seeded(member: Member, seed: int) -> Member:
    preset = change_preset(member.preset, [Override("seeds", SEED, seed)])
    varied = (*member.varied, (SEED, seed))
    return Member(replace(preset, name=_member_name(dict(varied))), varied)


def _is_sweep(override: Override) -> bool:
    return override.key.startswith(f"{SECTION}.")


def _checked_table(table: Any, source: str) -> Mapping[str, Any]:
    if not isinstance(table, dict):
        raise PresetError(f"{source}: sweep: must be a section, [sweep]")
    return table


def _checked_lists(sweep: Mapping[str, Any], base: Preset, source: str) -> dict[str, list[Any]]:
    """Return the values of each key, each checked in the preset."""
    mistakes = []
    for name, values in sweep.items():
        if not isinstance(values, list) or not values:
            hint = _list_hint(base, name, values)
            mistakes.append(f'{source}: [sweep] "{name}" = {values!r}: must be a list{hint}')
            continue
        mistakes += [f"{source}, [sweep]: {words}" for words in _refusals(base, name, values)]
    if mistakes:
        raise PresetError("\n".join(dict.fromkeys(mistakes)))
    return dict(sweep)


def _refusals(base: Preset, name: str, values: Iterable[Any]) -> list[str]:
    """Return what is wrong with a key's values, each of them tried on the preset."""
    refusals: list[str] = []
    for value in values:
        try:
            change_preset(base, [Override("[sweep]", name, value)])
        except PresetError as error:
            refusals += error.mistakes.values()
    return refusals


def _list_hint(base: Preset, name: str, values: Any) -> str:
    """Return how to write as a list what isn't one, or is empty; nothing that would be refused as well."""
    example = f", such as {EXAMPLE}" if not _refusals(base, name, EXAMPLE) else ""
    if isinstance(values, list | dict):
        return f" of values that isn't empty{example}"
    written = f"[{values}]"
    listed = parse_value(written)
    is_right = isinstance(listed, list) and not _refusals(base, name, listed)
    return f"; write '{written}'" if is_right else example


def _combine(lists: Mapping[str, list[Any]], mode: str, source: str, most_runs: int) -> list[tuple[Any, ...]]:
    lengths = {name: len(values) for name, values in lists.items()}
    if mode == "zip":
        if len(set(lengths.values())) > 1:
            shown = ", ".join(f'"{name}" {length}' for name, length in lengths.items())
            raise PresetError(f"{source}: [sweep] mode = 'zip': lists must be equally long, not {shown}")
        runs = next(iter(lengths.values()), 1)
    else:
        runs = math.prod(lengths.values())
    if runs > most_runs:
        words = f"{source}: [sweep] makes {runs:,} runs, more than {most_runs:,}"
        raise PresetError(words, remedy=Input.MOST_RUNS)
    if not lists:
        return [()]
    return list(zip(*lists.values(), strict=True) if mode == "zip" else itertools.product(*lists.values()))


def _member(base: Preset, varied: Mapping[str, Any], folder: Path | None) -> Member:
    """Return one run; `folder` is the base of relative data folders, as in `read_preset`."""
    if not varied:
        return Member(base, ())
    preset = change_preset(base, [Override("[sweep]", name, value) for name, value in varied.items()])
    placed = with_placed_data(preset, folder) if DATA in varied else preset
    return Member(replace(placed, name=_member_name(varied)), tuple(varied.items()))


def _member_name(varied: Mapping[str, Any]) -> str:
    return ",".join(f"{key}={value}" for key, value in varied.items())
