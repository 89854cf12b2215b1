"""Variables of the environment that belong to the libraries underneath: they have no effect on tuimove.

A wrong one could end a run from within its library, and a right one could change what a run computes or shows.
Dask's are another matter: where a cluster is and how to reach it is for Dask's configuration to say.
"""

import os

IGNORED = (
    "ARROW_", "LLVMLITE_", "MATPLOTLIB", "MPL", "NPY_", "NUMBA_", "NUMPY_", "SCIPY_", "SOURCE_DATE_EPOCH", "TEXTUAL",
)  # fmt: skip
"""What the names of variables without effect begin with."""
CPU_NAME, CPU_FEATURES = "NUMBA_CPU_NAME", "NUMBA_CPU_FEATURES"
KEPT = frozenset({"MPLCONFIGDIR", "NUMBA_CACHE_DIR", CPU_NAME, CPU_FEATURES})
"""Variables that begin like those and have their effect: the folders that caches are kept in, and the processor that
the kernels are compiled for, where they are to fit several machines; `runs.chosen_processor` checks that."""


def is_ignored(name: str) -> bool:
    """Return whether a variable has no effect."""
    return name.startswith(IGNORED) and name not in KEPT


def forget_ignored() -> None:
    """Remove the variables without effect from this process, before the libraries are imported."""
    for name in [name for name in os.environ if is_ignored(name)]:
        del os.environ[name]


def chooses_processor() -> bool:
    """Return whether a variable says which processor the kernels are compiled for."""
    return CPU_NAME in os.environ or CPU_FEATURES in os.environ
