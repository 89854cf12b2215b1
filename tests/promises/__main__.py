"""`python -m tests.promises [NAME ...]`: train the presets, and the zoo's sample, to their end and record them anew."""

from __future__ import annotations

import sys

from tests.promises.behaviour import keep_behaviour
from tests.promises.recording import record_preset
from tests.promises.sample import SAMPLE, record_sample
from tuimove.settings.preset_file import shipped_presets


def main(names: list[str]) -> None:
    """Record these, or everything."""
    keep_behaviour()
    for name in names or [*shipped_presets(), SAMPLE]:
        print(f"{name} ...", file=sys.stderr, flush=True)
        if name == SAMPLE:
            record_sample()
        else:
            record_preset(name)


if __name__ == "__main__":
    main(sys.argv[1:])
