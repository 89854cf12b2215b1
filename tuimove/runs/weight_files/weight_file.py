"""What every file of weights is read as: names, shapes and types first, then one array at a time, in pieces.

Nothing in a file is trusted, and nothing in it is run. A format has a file of its own here with one function, which
takes a path and returns a `WeightFile`, or raises a DataError of one sentence.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from tuimove.errors import DataError, harmless
from tuimove.runs.loops.parameter import kind_of
from tuimove.runs.loops.sample import Places
from tuimove.runs.loops.torch_parameters import kind_of_tensor, plain_name
from tuimove.settings.files import shown_path
from tuimove.settings.matrix_role import Kind, matrix_name

Floats = npt.NDArray[np.floating[Any]]
Form = Literal["torch", "safetensors", "keras", "arrays"]
"""Of which framework a file is, as a run's record names it."""

PIECE = 1 << 17
"""Entries that are read at once."""
MOST_ARRAYS = 100_000
"""Most arrays of a file; one with more is refused."""
STEPS = ("global_step", "step", "iteration", "iter", "epoch")
"""Entries of a file that say when it was written; the first that is there counts."""
OPTIMIZERS = ("optim", "opt_state")
"""In the first part of a name: an optimizer's state, not weights."""
NO_WEIGHTS = "of an optimizer's state"
INTEGERS, COMPLEX, OTHERS = "of integers", "of complex numbers", "of another type"
TIED = "tied to others"
EMPTY = "without entries"


@dataclass(frozen=True)
class StoredArray:
    """One array of floating point in a file."""

    name: str
    shape: tuple[int, ...]
    dtype: str
    """Type that it is stored in, such as `float32` or `bfloat16`."""
    pieces: Callable[[], Iterator[Floats]]
    """Reads the entries in C order, a few at a time, as float16, float32 or float64."""
    kind: Kind | None = None
    """What it is in its network; None where only name and shape can tell."""
    full_name: str = ""
    """Its name with that of the table in the file that all of the model lies in, if there is one."""

    @property
    def names(self) -> tuple[str, ...]:
        """Names that a pattern may choose it by, such as `0.weight`, `model/0.weight` and `model.0.weight`."""
        return (self.name, self.full_name, self.full_name.replace("/", ".")) if self.full_name else (self.name,)

    @property
    def entries(self) -> int:
        """Number of its entries."""
        return math.prod(self.shape)


@dataclass(frozen=True)
class WeightFile:
    """A file of weights that is open, or the files of one checkpoint."""

    path: Path
    form: Form
    arrays: Mapping[str, StoredArray]
    """By name, in the order of the file."""
    left_out: Counter[str]
    """How many arrays are no weights, by what they are, such as `of integers`."""
    step: int | None
    """When it was written, where it says so."""
    close: Callable[[], None]

    def __enter__(self) -> WeightFile:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def has_outputs_first(self) -> bool:
        """Whether the first dimension of weights is the layer's outputs, and not the last."""
        return self.form in ("torch", "safetensors")


def named_arrays(path: Path, found: Iterable[StoredArray], left_out: Counter[str]) -> dict[str, StoredArray]:
    """Return arrays by the names that they are recorded under; those of an optimizer or without entries are counted.

    Raises
    ------
    DataError
        When two have the same name.
    """
    named: dict[str, StoredArray] = {}
    for array in found:
        if is_optimizer_state(array.name) or not array.entries:
            left_out[EMPTY if not array.entries else NO_WEIGHTS] += 1
            continue
        name = matrix_name(plain_name(array.name))
        if name in named:
            raise DataError(f"{shown_path(path)}: two arrays are called {name!r}")
        named[name] = replace(array, name=name)
    return named


def is_optimizer_state(name: str) -> bool:
    """Return whether the first part of a name is that of an optimizer's state."""
    first, slash, _ = name.lower().partition("/")
    return bool(slash) and any(word in first for word in OPTIMIZERS)


def kind_left_out(dtype: np.dtype[Any]) -> str:
    """Return what an array is that isn't of floating point."""
    return {"i": INTEGERS, "u": INTEGERS, "b": INTEGERS, "c": COMPLEX}.get(dtype.kind, OTHERS)


def kind_of_array(array: StoredArray, form: Form) -> Kind:
    """Return what an array is in its network."""
    if array.kind is not None or form in ("keras", "arrays"):
        return array.kind or kind_of(array.name, array.shape)
    name = array.name.lower()
    is_embedding = "embed" in name or name.endswith(("wte.weight", "wpe.weight"))
    return kind_of_tensor(name, array.shape, is_embedding=is_embedding)


def entries_at(array: StoredArray, places: Places | None) -> npt.NDArray[np.float32]:
    """Return the float32 entries of an array at some flat places, ascending, or all of them; (places,)."""
    with np.errstate(over="ignore", invalid="ignore"):  # beyond float32, or a signalling NaN
        if places is None:
            return np.concatenate([piece.astype(np.float32) for piece in array.pieces()])
        return _gathered(array.pieces(), places)


def _gathered(pieces: Iterator[Floats], places: Places) -> npt.NDArray[np.float32]:
    found = np.empty(len(places), np.float32)
    begin = filled = 0
    for piece in pieces:
        stop = int(np.searchsorted(places, begin + piece.size))
        found[filled:stop] = piece[places[filled:stop] - begin]
        begin, filled = begin + piece.size, stop
    return found


def damaged(path: Path, what: str, error: BaseException | str) -> DataError:
    """Return the error of a file that can't be read as `what`; the reason is its first sentence."""
    words = str(error).partition("\n")[0].partition(". ")[0] or type(error).__name__
    return DataError(f"{shown_path(path)}: damaged or cut short, or not {what} ({harmless(words[:200])})")
