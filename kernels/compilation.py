"""The one `@kernel` decorator: how every kernel is compiled, and where the machine code is kept.

Compiled code goes to a folder of the user's cache named by a hash of the kernels' sources, the Numba
version and the processor. Numba's own cache doesn't notice an edit in another file that a kernel calls;
a new folder does. Where nothing can be written the kernels are compiled anew in every process.
"""

import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path

import llvmlite.binding
import numba
import platformdirs

FINITE_SAFE_MATH = {"nsz", "arcp", "contract", "afn", "reassoc"}
"""Fast-math flags that keep NaN and Inf; the two left out would delete every test for them."""

UNUSED_DAYS = 30
"""Cache folders of other versions that nobody used for so long are removed."""


def _source_hash() -> str:
    digest = hashlib.sha256()
    for source in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(source.read_bytes())
    processor = (llvmlite.binding.get_host_cpu_name(), llvmlite.binding.get_host_cpu_features().flatten())
    digest.update(repr((numba.__version__, processor)).encode())
    return digest.hexdigest()[:16]


def _cache_root() -> Path:
    chosen = os.environ.get("NUMBA_CACHE_DIR")
    return Path(chosen) if chosen else Path(platformdirs.user_cache_dir("tuimove", appauthor=False))


def _usable_folder(root: Path) -> Path | None:
    """Return this version's folder under `root`, made if need be, or None where nothing can be written."""
    folder = root / f"kernels-{_source_hash()}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            os.utime(folder)
    except OSError:
        return None
    return folder


def _remove_unused(root: Path, current: Path) -> None:
    oldest = time.time() - UNUSED_DAYS * 86400
    for folder in root.glob("kernels-*"):
        if folder != current and folder.stat().st_mtime < oldest:
            shutil.rmtree(folder, ignore_errors=True)


CACHE_ROOT = _cache_root()
CACHE_FOLDER = _usable_folder(CACHE_ROOT)
"""Where this version's machine code is kept; None where nothing can be written."""
if CACHE_FOLDER is not None:
    _remove_unused(CACHE_ROOT, CACHE_FOLDER)


def is_compiled() -> bool:
    """Return whether an earlier run has left all kernels' machine code in the cache."""
    return CACHE_FOLDER is not None and (CACHE_FOLDER / "complete").exists()


def mark_compiled() -> None:
    """Note in the cache that all kernels have been compiled."""
    if CACHE_FOLDER is not None:
        (CACHE_FOLDER / "complete").touch()


@contextmanager
def _numba_cache_folder():  # type: ignore[no-untyped-def]
    """Point Numba's cache at our folder while one kernel is decorated, and leave others' code alone."""
    before = numba.config.CACHE_DIR
    numba.config.CACHE_DIR = str(CACHE_FOLDER)
    try:
        yield
    finally:
        numba.config.CACHE_DIR = before


def kernel(signature: str, *, reorder: bool = False, contract: bool = False) -> Callable[[Callable], Callable]:  # type: ignore[type-arg]
    """Return a decorator that compiles a function for one signature.

    Parameters
    ----------
    signature : str
        Numba signature; arrays are C-contiguous, so that a wrong layout is refused and not copied.
    reorder : bool
        Whether sums may be reordered, so that LLVM can vectorise them (`FINITE_SAFE_MATH`).
    contract : bool
        Whether a product and a sum may be fused, and nothing else.
    """

    def decorate(function: Callable) -> Callable:  # type: ignore[type-arg]
        with _numba_cache_folder():
            return numba.njit(
                signature,
                cache=CACHE_FOLDER is not None,
                nogil=True,
                error_model="numpy",
                fastmath=FINITE_SAFE_MATH if reorder else {"contract"} if contract else False,
            )(function)

    return decorate
