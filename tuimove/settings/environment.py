"""Removes environment variables of the libraries that tuimove uses, so that they don't affect it.

An invalid one could end a run from within its library, and a valid one could change results. Dask's variables stay:
they say where a cluster is and how to reach it.
"""

import os

IGNORED = (
    "ARROW_", "LLVMLITE_", "MATPLOTLIB", "MPL", "NPY_", "NUMBA_", "NUMPY_", "SCIPY_", "SOURCE_DATE_EPOCH", "TEXTUAL",
)  # fmt: skip
"""Prefixes of variables that have no effect."""
CPU_NAME, CPU_FEATURES = "NUMBA_CPU_NAME", "NUMBA_CPU_FEATURES"
KEPT = frozenset({"MPLCONFIGDIR", "NUMBA_CACHE_DIR", CPU_NAME, CPU_FEATURES})
"""Variables with such a prefix that stay: cache folders, and the processor that the kernels are compiled for.

Several machines may share those kernels; `runs.chosen_processor` checks the processor.
"""


def is_ignored(name: str) -> bool:
    """Return whether a variable is removed."""
    return name.startswith(IGNORED) and name not in KEPT


def forget_ignored() -> None:
    """Remove the ignored variables from this process; call it before importing the libraries."""
    for name in [name for name in os.environ if is_ignored(name)]:
        del os.environ[name]


def chooses_processor() -> bool:
    """Return whether a variable says which processor the kernels are compiled for."""
    return CPU_NAME in os.environ or CPU_FEATURES in os.environ
