"""The text of a preset, shipped or in a user's file, and the folder that its relative paths count from."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from tuimove.errors import DataError, PresetError, harmless, nearest_of
from tuimove.settings.files import open_regular, read_named, shown_path, typed_path

MOST_BYTES = 1 << 20
"""Most bytes of a preset's file."""
DESCRIPTORS = ("/dev", "/dev/fd", "/proc/self/fd")
"""Folders of `/dev/stdin` and a shell's `<(command)`: relative paths in such a preset can't count from them."""


@dataclass(frozen=True)
class PresetText:
    """The unparsed text of a preset."""

    name: str
    """Default name of the preset."""
    source: str
    """Name of the file in messages."""
    text: str
    folder: Path | None
    """Folder that relative paths count from; the working folder when None."""

    def table(self) -> dict[str, Any]:
        """Parse the TOML; raises a PresetError when it is invalid."""
        try:
            return tomllib.loads(self.text)
        except RecursionError:
            raise PresetError(f"{self.source}: nested too deeply") from None
        except ValueError as error:
            raise PresetError(f"{self.source}: {error}") from None


@cache
def shipped_presets() -> Mapping[str, str]:
    """Return the text of each preset that comes with tuimove, by name; read once."""
    folder = resources.files("tuimove.presets")
    files = sorted((file for file in folder.iterdir() if file.name.endswith(".toml")), key=lambda f: f.name)
    return {file.name.removesuffix(".toml"): file.read_text(encoding="utf-8") for file in files}


def find_preset(name_or_path: str) -> PresetText:
    """Return the text of a shipped preset, or of a user's file, which may be a pipe that another process writes to.

    Raises
    ------
    PresetError
        When there is none, or it can't be read.
    """
    shipped = shipped_presets()
    if name_or_path in shipped:
        return PresetText(name_or_path, f"{name_or_path}.toml", shipped[name_or_path], None)
    if not name_or_path.endswith(".toml") and os.sep not in name_or_path:
        raise PresetError(f"unknown preset {name_or_path!r}{nearest_of(name_or_path, shipped) or _listed(shipped)}")
    path = typed_path(name_or_path)
    try:
        content = read_named(path, MOST_BYTES)
    except DataError as error:
        raise PresetError(f"{error}{nearest_of(path.stem, shipped)}") from None
    return _decoded(path, content)


def read_preset_in(folder: Path, name: str) -> PresetText:
    """Return the text of the preset in a run's folder, without following links.

    Raises
    ------
    TuimoveError
        When there is none, or it can't be read.
    """
    with open_regular(folder / name) as stream:
        content = stream.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise DataError(f"{shown_path(folder / name)}: longer than a preset can be")
    return _decoded(folder / name, content)


def _decoded(path: Path, content: bytes) -> PresetText:
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise PresetError(f"{shown_path(path)}: not a text file in UTF-8 ({error.reason})") from None
    folder = None if str(path.parent) in DESCRIPTORS else path.parent
    return PresetText(harmless(path.stem), shown_path(path), text.replace("\r\n", "\n"), folder)


def _listed(names: Mapping[str, str]) -> str:
    return f"; there are {', '.join(names)}, or give the path of a .toml file"
