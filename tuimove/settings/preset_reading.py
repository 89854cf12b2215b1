"""Reads presets: a shipped one, a TOML file, or a recorded one, and applies overrides.

All mistakes are reported at once, each with its file, key, value and the nearest valid one. Whether the data exist, and
whether the network fits into memory, is checked later.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping
from dataclasses import fields, replace
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, get_args, get_type_hints

from tuimove.errors import PresetError, is_harmless, nearest_of
from tuimove.settings.checks import Check, nonempty
from tuimove.settings.data_name import placed_name
from tuimove.settings.key_names import nearest_key, why_absent
from tuimove.settings.limits import REMOVED, RENAMED, DiagnosisKeys
from tuimove.settings.preset import SECTIONS, Preset
from tuimove.settings.preset_file import PresetText, find_preset
from tuimove.settings.typed_values import number_hint

FIRST_KEYS = {"network": "network.hidden", "training": "training.epochs", "data": "data.name",
              "measure": "measure.every"}  # fmt: skip
"""Key that is meant where a section is given a value."""
SOME_KEYS = "keys are such as network.hidden, training.epochs and data.train; `tuimove presets quick-look` prints some"


class Override(NamedTuple):
    """One value given on the command line."""

    source: str
    """Option that gave the value, such as `--seed`."""
    key: str
    """Dotted key, such as `network.hidden`."""
    value: Any


def load_preset(name_or_path: str, overrides: Iterable[Override] = ()) -> Preset:
    """Return a shipped preset or one in a file, with overrides applied.

    Raises
    ------
    PresetError
        Naming every mistake: file or option, key, value, and the nearest valid one.
    """
    return read_preset(find_preset(name_or_path), overrides)


def read_preset(found: PresetText, overrides: Iterable[Override] = ()) -> Preset:
    """Return the preset of a text; raises a PresetError as `load_preset` does.

    A relative data folder in a file counts from the file's own folder, one in an override from the working folder.
    """
    table = found.table()
    table.pop("sweep", None)  # what is varied is for `sweep` to say
    given = dict(_flatten(table, found.source))
    given |= _overriding(overrides)
    preset = _build_preset(found.name, given, found.source)
    is_typed = given.get("data.name", (found.source,))[0] != found.source
    return with_placed_data(preset, None if is_typed else found.folder)


def with_placed_data(preset: Preset, base: Path | None) -> Preset:
    """Return a preset with the absolute path of its data folder; a relative one counts from `base`.

    Raises
    ------
    PresetError
        When the absolute path can't be written into a preset.
    """
    name = placed_name(preset.data.name, base)
    if complaint := nonempty(name):
        words = f"data.name = {_shown(name)}: {complaint}"
        raise PresetError(words, {"data.name": words})
    return replace(preset, data=replace(preset.data, name=name))


def preset_from_table(name: str, table: Mapping[str, Any]) -> Preset:
    """Return the preset of a table made by `Preset.as_dict`; raises a PresetError as `load_preset` does."""
    return _build_preset(name, dict(_flatten(table, name)), name)


def recorded_preset(recorded: Any) -> Preset:
    """Return the preset of a run record, with defaults for what this version can't read."""
    table = dict(recorded) if isinstance(recorded, dict) else {}
    name = table.pop("name", None)
    accepted, _ = _validate(dict(_flatten(table, "recorded preset")))
    return _assemble(name if isinstance(name, str) and is_harmless(name) else "recorded", accepted)


def change_preset(preset: Preset, overrides: Iterable[Override]) -> Preset:
    """Return a preset with some keys changed; raises a PresetError as `load_preset` does."""
    given = dict(_flatten(preset.as_dict(), preset.name))
    given |= _overriding(overrides)
    return _build_preset(preset.name, given, preset.name)


def diagnosis_keys(recorded: Any, overrides: Iterable[Override] = ()) -> DiagnosisKeys:
    """Return the limits of a recorded preset, with overrides applied.

    Limits that this version doesn't know are ignored; missing ones get their defaults.

    Raises
    ------
    PresetError
        When an override isn't a limit, or a value is invalid.
    """
    section = recorded.get("diagnosis") if isinstance(recorded, dict) else None
    known = [name for name in _known_keys() if name.startswith("diagnosis.")]
    recorded_limits = {"diagnosis": section if isinstance(section, dict) else {}}
    given = {name: about for name, about in _flatten(recorded_limits, "recorded preset") if name in known}
    changed = _overriding(overrides)
    for name, (source, _) in changed.items():
        if name not in known:
            suggestion = nearest_of(name, known) or "; only limits in [diagnosis] can be changed"
            raise PresetError(f"{source} {name!r}: not a limit{suggestion}")
    given |= changed
    return _build_preset("check", given, "recorded preset").diagnosis


def _flatten(table: Mapping[str, Any], source: str) -> Iterable[tuple[str, tuple[str, Any]]]:
    """Yield each dotted key of a table of sections with its source and value."""
    for name, value in table.items():
        if isinstance(value, dict) and name in SECTIONS:
            dotted = ((f"{name}.{inner}", inner_value) for inner, inner_value in value.items())
            yield from ((RENAMED.get(key, key), (source, told)) for key, told in dotted if key not in REMOVED)
        else:
            yield name, (source, value)


def _overriding(overrides: Iterable[Override]) -> dict[str, tuple[str, Any]]:
    """Return the overrides' values and sources, by the current names of their keys."""
    return {RENAMED.get(one.key, one.key): (one.source, one.value) for one in overrides}


@cache
def _known_keys() -> dict[str, tuple[type, Check]]:
    """Return the type and check of every dotted key."""
    sections = {**{f"{name}.": section for name, section in SECTIONS.items()}, "": Preset}
    return {
        prefix + item.name: (get_type_hints(section)[item.name], item.metadata["check"])
        for prefix, section in sections.items()
        for item in fields(section)
        if item.metadata
    }


def _build_preset(name: str, given: Mapping[str, tuple[str, Any]], file: str) -> Preset:
    accepted, mistakes = _validate(given)
    if mistakes:
        places = {key: file if given[key][0] == file else f"{file}, {given[key][0]}" for key in mistakes}
        raise PresetError("\n".join(f"{places[key]}: {words}" for key, words in mistakes.items()), mistakes)
    return _assemble(name, accepted)


def _validate(given: Mapping[str, tuple[str, Any]]) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the valid values, and a message for each invalid one, by dotted key."""
    known = _known_keys()
    mistakes: dict[str, str] = {}
    accepted: dict[str, Any] = {}
    for dotted, (_, value) in given.items():
        try:
            accepted[dotted] = _checked_value(dotted, value, known)
        except ValueError as error:
            mistakes[dotted] = str(error)
    return accepted, mistakes


def _assemble(name: str, accepted: Mapping[str, Any]) -> Preset:
    """Return the preset from values by dotted key."""
    name = accepted.get("name", name)
    preset = Preset(name, accepted.get("title", name), picture=accepted.get("picture"))
    for section, keys in SECTIONS.items():
        values = {
            item.name: accepted[f"{section}.{item.name}"]
            for item in fields(keys)
            if f"{section}.{item.name}" in accepted
        }
        preset = replace(preset, **{section: keys(**values)})
    return preset


def _checked_value(dotted: str, value: Any, known: Mapping[str, tuple[type, Check]]) -> Any:
    """Return the value as the key's type, or raise a ValueError that says what is wrong."""
    if dotted in SECTIONS:
        meant = f"; did you mean '{FIRST_KEYS[dotted]}'?" if dotted in FIRST_KEYS else ""
        raise ValueError(f"{dotted} = {_shown(value)}: must be a section, [{dotted}]{meant}")
    if dotted not in known:
        kind = "section" if isinstance(value, dict) else "key"
        raise ValueError(f"unknown {kind} {dotted!r} = {_shown(value)}{_meant_key(dotted, value, known)}")
    wanted, check = known[dotted]
    typed = _as_type(value, wanted)
    if typed is None:
        hint = "" if _takes_text(wanted) else number_hint(value, lambda number: _would_do(number, wanted, check))
        raise ValueError(f"{dotted} = {_shown(value)}: must be {_type_name(wanted)}{hint}")
    if complaint := check(typed):
        raise ValueError(f"{dotted} = {_shown(value)}: {complaint}")
    return typed


def _meant_key(dotted: str, value: Any, known: Collection[str]) -> str:
    """Say which key, or which section where it holds a table, is likely to be meant, or why there is none."""
    if isinstance(value, dict):
        return nearest_of(dotted, SECTIONS)
    section, _, last = dotted.rpartition(".")
    if section != "diagnosis" and (words := why_absent(last)):
        return f"; {words}"
    key = nearest_key(dotted, known)
    return f"; did you mean '{key}'?" if key else f"; {SOME_KEYS}"


def _would_do(value: Any, wanted: type, check: Check) -> bool:
    typed = _as_type(value, wanted)
    return typed is not None and not check(typed)


def _takes_text(wanted: type) -> bool:
    return str in (get_args(wanted) or (wanted,))


def _as_type(value: Any, wanted: type) -> Any:
    """Return the value if it has the wanted type (an integer is a float too), else None."""
    kinds = get_args(wanted) or (wanted,)
    if isinstance(value, bool):
        return None
    if float in kinds and isinstance(value, int):
        return float(value) if abs(value) < 1e300 else math.inf
    return value if isinstance(value, kinds) else None


def _type_name(wanted: type) -> str:
    kinds = get_args(wanted) or (wanted,)
    return {int: "a whole number", float: "a number", str: "text in quotes"}[kinds[0]]


def _shown(value: Any) -> str:
    """Return a value as text on one line of a message."""
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
