"""Removes the working folder from the import path: a file in it could replace one of Python's own modules.

Used before anything else is imported, so it imports only what Python has loaded itself.
"""

import os
import sys


def is_working_folder(entry: str) -> bool:
    """Return whether an entry of an import path means the working folder."""
    try:
        return os.path.realpath(entry) == os.path.realpath(os.getcwd())
    except OSError:  # the working folder has been removed
        return False


def needs_working_folder() -> bool:
    """Return whether tuimove is installed in the working folder and nowhere else."""
    others = [entry for entry in sys.path if not is_working_folder(entry)]
    return not any(finder.find_spec("tuimove", others) for finder in sys.meta_path)


def drop_first_entry() -> None:
    """Remove the working folder from the import path, where `python -m` has put it first."""
    if not sys.flags.safe_path and sys.path and is_working_folder(sys.path[0]) and not needs_working_folder():
        del sys.path[0]
