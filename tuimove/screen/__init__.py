"""The front end in a terminal; the only room that imports Textual."""

import os

os.environ.setdefault("ESCDELAY", "50")
# Milliseconds after which Textual takes an escape for the key, and not for the beginning of another key's sequence: it
# reads this when it is imported. A terminal sends a sequence in one write, and ssh in one packet.
