"""Has the packages that read curves judge every kept run once, so that scoring needs none of them."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any

from tests.zoo.loops.fed_rivals import FEEDS, installed_rivals, said_of
from tests.zoo.loops.reading import LoopRecording, read_kept
from tests.zoo.loops.rival_rules import WITH_VALIDATION


def missing_rivals() -> list[str]:
    """Return the packages that aren't there to be fed."""
    return sorted(FEEDS.keys() - installed_rivals().keys())


def fed_verdicts(recorded: Mapping[str, bytes]) -> dict[str, Any]:
    """Return all packages' versions and, by run, what each says that is fed; None where it can't judge the run."""
    versions, verdicts = installed_rivals(), {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for recording in map(read_kept, recorded.values()):
            verdicts[recording.name] = said_in_all(recording)
            versions |= {name: told["version"] for name, told in recording.rivals.items()}
    return {"versions": versions, "verdicts": verdicts}


def said_in_all(recording: LoopRecording) -> dict[str, Any]:
    """Return rules and severities of what each package says, without and with a validation loss."""
    said: dict[str, Any] = {}
    for with_validation, suffix in ((False, ""), (True, WITH_VALIDATION)):
        for name, found in said_of(recording, with_validation=with_validation).items():
            said[name + suffix] = None if found is None else sorted({(one.rule, one.severity) for one in found})
    return said
