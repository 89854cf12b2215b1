"""The second of the two processes that compile kernels: `python -m tuimove.kernels.from_the_end PARENT`."""

import sys

from . import epoch, matrix, pixels  # noqa: F401 - every kernel that a run needs
from .compilation import compile_from_the_end

if __name__ == "__main__":
    compile_from_the_end(int(sys.argv[1]))
