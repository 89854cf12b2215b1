"""Opens a checkpoint, whatever its format: a file, or a folder that is one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from tuimove.errors import DataError
from tuimove.runs.weight_files.checkpoint_folder import files_of_checkpoint
from tuimove.runs.weight_files.keras_file import open_keras
from tuimove.runs.weight_files.name_order import layer_key
from tuimove.runs.weight_files.npz_file import open_npz
from tuimove.runs.weight_files.safetensors_file import open_safetensors
from tuimove.runs.weight_files.torch_file import open_torch
from tuimove.runs.weight_files.weight_file import StoredArray, WeightFile
from tuimove.settings.file_kinds import BEGINNING, described
from tuimove.settings.files import is_folder, open_regular, shown_path

FORMATS: dict[str, Callable[[Path], WeightFile]] = {
    ".npz": open_npz,
    ".safetensors": open_safetensors,
    ".h5": open_keras,
    ".hdf5": open_keras,
    ".pt": open_torch,
    ".pth": open_torch,
    ".ckpt": open_torch,
    ".bin": open_torch,
}
"""What opens a file, by the end of its name."""
ENDINGS = ".npz, .safetensors, .weights.h5, .pt, .pth or .ckpt"


def has_format(name: str) -> bool:
    """Return whether a file's name ends as a checkpoint's."""
    return Path(name).suffix.lower() in FORMATS


def open_weights(path: Path) -> WeightFile:
    """Open a checkpoint; the caller closes it.

    Raises
    ------
    DataError
        When it can't be read, isn't whole, would have to be run to be read, or holds no weights.
    """
    if is_folder(path):
        return _opened_folder(path)
    opener = FORMATS.get(path.suffix.lower())
    if opener is None:
        with open_regular(path, follows_link=True) as stream:
            raise DataError(f"{shown_path(path)}: {described(stream.read(BEGINNING), f'a checkpoint ({ENDINGS})')}")
    file = opener(path)
    if not file.arrays:
        file.close()
        raise DataError(f"{shown_path(path)}: holds no arrays of floating point{left_out_words(file.left_out)}")
    return file


def left_out_words(left_out: Counter[str]) -> str:
    """Return which arrays are no weights, such as `; left out: 2 of integers`; nothing where all are."""
    if not left_out.total():
        return ""
    return f"; left out: {', '.join(f'{count:,} {kind}' for kind, count in sorted(left_out.items()))}"


def _opened_folder(folder: Path) -> WeightFile:
    """Open the files of one checkpoint as one."""
    paths = files_of_checkpoint(folder)
    if not paths:
        raise DataError(
            f"{shown_path(folder)}: not the folder of one checkpoint, with files of the usual names ({ENDINGS})"
        )
    with ExitStack() as opened:
        files = [opened.enter_context(open_weights(path)) for path in paths]
        if len(files) == 1:
            opened.pop_all()
            return files[0]
        arrays = _joined(files)
        left_out = sum((file.left_out for file in files), Counter())
        return WeightFile(folder, files[0].form, arrays, left_out, files[0].step, opened.pop_all().close)


def _joined(files: list[WeightFile]) -> dict[str, StoredArray]:
    """Return the arrays of all files by name; raises a DataError where two have the same."""
    found: dict[str, StoredArray] = {}
    for file in files:
        for name, array in file.arrays.items():
            if name in found:
                raise DataError(f"{shown_path(file.path)}: {name!r} is in another file of this checkpoint too")
            found[name] = array
    return dict(sorted(found.items(), key=lambda pair: layer_key(pair[0])))
