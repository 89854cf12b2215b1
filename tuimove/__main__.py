"""`python -m tuimove` is `tuimove`: like it, it imports nothing from the working folder."""

import sys

from tuimove.settings.import_path import drop_first_entry


def _main() -> int:
    drop_first_entry()
    from tuimove.command_line.main import main  # and with it modules that a file of the working folder could replace

    return main()


if __name__ == "__main__":
    sys.exit(_main())
