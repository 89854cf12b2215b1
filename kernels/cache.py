"""Where the kernels' machine code is kept, and what becomes of it when that folder is damaged, full or closed.

The folder is the user's cache folder, or `NUMBA_CACHE_DIR`. In it, one folder holds one version: its name is a hash of
the kernels' sources, of Numba's version and of the processor that the code is made for. Each kernel is one file, which
begins with a checksum: what doesn't match it is compiled anew and replaced. Where nothing can be written, every process
compiles for itself.
"""

import hashlib
import os
import pickle
import shutil
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import llvmlite
import numba
import platformdirs
from numba.core import registry, serialize
from numba.core.compiler import CompileResult
from numba.core.runtime.nrt import rtsys

UNUSED_DAYS = 30
"""Folders of other versions are removed when they haven't been used for this many days."""

CHECKSUM = hashlib.sha256
CHECKSUM_BYTES = CHECKSUM().digest_size


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
    chosen = os.environ.get("NUMBA_CACHE_DIR")
    return Path(chosen) if chosen else Path(platformdirs.user_cache_dir("tuimove", appauthor=False))


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

    def holds(self, name: str) -> bool:
        """Return whether there is a file for a kernel, damaged or not."""
        with suppress(OSError, ValueError):
            return self._path(name).is_file()
        return False

    def load(self, name: str) -> CompileResult | None:
        """Return a kernel's machine code, or None where there is none or it is damaged."""
        try:
            content = self._path(name).read_bytes()
        except (OSError, ValueError):
            return None
        checksum, payload = content[:CHECKSUM_BYTES], content[CHECKSUM_BYTES:]
        if CHECKSUM(payload).digest() == checksum:
            context = registry.cpu_target.target_context
            rtsys.initialize(context)  # what machine code may call; refresh() would import all of Numba, too
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
            os.replace(temporary, self._path(name))
        except OSError as error:
            self.failure = error
            if temporary is not None:
                with suppress(OSError):
                    os.unlink(temporary)

    def _path(self, name: str) -> Path:
        return self.folder / f"{name}.kernel"
