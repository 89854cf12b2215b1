"""`python -m tuimove` is `tuimove`."""

import sys

from tuimove.command_line import main

sys.exit(main())
