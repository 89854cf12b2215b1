"""Where the kernels' machine code is kept, and what becomes of it when that folder is damaged, full or closed.

The folder is the user's cache folder, or `NUMBA_CACHE_DIR`. In it, one folder holds one version: its name is a hash of
the kernels' sources, of Numba's version and of the processor that the code is made for. Each kernel is one file, which
begins with a checksum: what doesn't match it is compiled anew and replaced, and so is anything but a regular file, such
as a pipe, a device or a link. Where nothing can be written, every process compiles for itself.
"""

import hashlib
import os
import pickle
import shutil
import stat
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import llvmlite
import numba
import platformdirs
from numba.core import registry, serialize
from numba.core.compiler import CompileResult

UNUSED_DAYS = 30
"""Folders of other versions are removed when they haven't been used for this many days."""

CHECKSUM = hashlib.sha256
CHECKSUM_BYTES = CHECKSUM().digest_size

MOST_BYTES = 64 << 20
"""Of a kernel's file; the largest of ours has a few hundred thousand."""
AT_ONCE = sum(getattr(os, name, 0) for name in ("O_NONBLOCK", "O_NOFOLLOW", "O_CLOEXEC", "O_BINARY"))
"""How files are opened; not every system has each."""
CHOSEN = "NUMBA_CACHE_DIR"
"""The variable that may choose the folder."""


def _version_hash() -> str:
    """Return a hash of everything that the machine code depends on."""
    digest = hashlib.sha256()
    for source in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(source.read_bytes())
    processor = registry.cpu_target.target_context.codegen().magic_tuple()  # heeds NUMBA_CPU_NAME and _FEATURES
    settings = (numba.config.OPT, numba.config.LOOP_VECTORIZE, numba.config.SLP_VECTORIZE, numba.config.BOUNDSCHECK)
    digest.update(repr((numba.__version__, llvmlite.__version__, processor, settings)).encode())
    return digest.hexdigest()[:16]


def _chosen_root() -> Path:
    chosen = os.environ.get(CHOSEN)
    return Path(os.path.expanduser(chosen or platformdirs.user_cache_dir("tuimove", appauthor=False)))


def _read(path: Path) -> bytes:
    """Return what a file holds; nothing, which no kernel's file holds, of whatever isn't a regular file of such a size.

    It never waits, as opening a pipe would, and follows no link.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | AT_ONCE)
    except OSError:
        if os.path.lexists(path):  # a link, a socket, or one that may not be read
            return b""
        raise
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode) or status.st_size > MOST_BYTES:
            return b""
        with open(descriptor, "rb", closefd=False) as file:
            return file.read(MOST_BYTES)
    finally:
        os.close(descriptor)


def _remove_unused(root: Path, current: Path) -> None:
    oldest = time.time() - UNUSED_DAYS * 86400
    for folder in root.glob("kernels-*"):
        with suppress(OSError):
            if folder != current and folder.stat().st_mtime < oldest:
                shutil.rmtree(folder, ignore_errors=True)


class KernelCache:
    """The machine code of one version, one file for each kernel."""

    def __init__(self) -> None:
        self.root = _chosen_root()
        """The folder that versions lie in."""
        self.folder = self.root / f"kernels-{_version_hash()}"
        self.damaged = 0
        """Files whose content wasn't what had been written."""
        self.is_chosen = bool(os.environ.get(CHOSEN))
        """Whether `NUMBA_CACHE_DIR` says where that is."""
        self.failure: OSError | None = None
        """Why machine code couldn't be written, the first time that it couldn't."""
        self._prepare()

    def _prepare(self) -> None:
        """Make the folder, note that it is in use, and remove versions that aren't."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=self.folder):
                os.utime(self.folder)
        except (OSError, ValueError) as error:  # ValueError: a name with a NUL
            self.failure = error if isinstance(error, OSError) else OSError(str(error))
        else:
            _remove_unused(self.root, self.folder)

    @property
    def obstacle(self) -> Path:
        """What can't be written: the version's folder where there is anything of that name, or else the root."""
        return self.folder if os.path.lexists(self.folder) else self.root

    def holds(self, name: str) -> bool:
        """Return whether there is a regular file for a kernel, damaged or not."""
        with suppress(OSError, ValueError):
            return stat.S_ISREG(self._path(name).lstat().st_mode)
        return False

    def load(self, name: str) -> CompileResult | None:
        """Return a kernel's machine code, or None where there is none or it is damaged."""
        try:
            content = _read(self._path(name))
        except (OSError, ValueError):
            return None
        checksum, payload = content[:CHECKSUM_BYTES], content[CHECKSUM_BYTES:]
        if CHECKSUM(payload).digest() == checksum:
            context = registry.cpu_target.target_context
            with suppress(Exception):  # whatever unpickling makes of code that another program wrote
                return CompileResult._rebuild(context, *pickle.loads(payload))
        self.damaged += 1
        return None

    def save(self, name: str, result: CompileResult) -> None:
        """Write a kernel's machine code, whole or not at all; a failure is noted and nothing else."""
        if self.failure is not None:
            return
        payload = serialize.dumps(result._reduce())
        temporary = None
        try:
            with tempfile.NamedTemporaryFile(dir=self.folder, prefix=f"{name}.", suffix=".part", delete=False) as file:
                temporary = file.name
                file.write(CHECKSUM(payload).digest() + payload)
            self._replace(temporary, self._path(name))
        except OSError as error:
            self.failure = error
            if temporary is not None:
                with suppress(OSError):
                    os.unlink(temporary)

    @staticmethod
    def _replace(temporary: str, path: Path) -> None:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        os.replace(temporary, path)

    def _path(self, name: str) -> Path:
        return self.folder / f"{name}.kernel"
